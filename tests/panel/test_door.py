"""Who gets into the panel, and where everybody else is sent."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from participants.models import AccessLog
from projects.admin_base import RuledAdmin
from tests.makers import a_coordinator, a_former_animator, a_user, an_event, an_officer
from tests.panel.conftest import signed_in

START = reverse("admin:index")


def test_visitor_is_led_to_the_login_page_and_back():
    answer = Client().get(reverse("admin:events_event_changelist"))

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{reverse('account_login')}?next={reverse('admin:events_event_changelist')}"


def test_login_page_of_the_panel_is_the_portals():
    answer = Client().get(reverse("admin:login"), {"next": "https://evil.example/"})

    assert answer.headers["Location"] == f"{reverse('account_login')}?next={START}"


def test_resident_finds_no_panel():
    assert signed_in(a_user()).get(START).status_code == 404


def test_animator_whose_role_ended_finds_no_panel(ugorek):
    assert signed_in(a_former_animator(ugorek)).get(START).status_code == 404


def test_staff_enter(panel):
    assert panel.get(START).status_code == 200
    assert signed_in(an_officer()).get(START).status_code == 200
    assert signed_in(a_coordinator()).get(START).status_code == 200


def test_staff_without_a_second_factor_are_asked_to_set_one_up(panel, settings):
    settings.STAFF_SECOND_FACTOR = True

    answer = panel.get(START)

    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("mfa_index")


def test_only_classes_that_ask_the_rules_are_in_the_panel():
    assert Group not in admin.site._registry
    assert all(isinstance(own, RuledAdmin) for own in admin.site._registry.values())


def test_unknown_address_is_not_found(panel):
    assert panel.get(START + "nothing/here/").status_code == 404


COORDINATORS_OWN = [
    "projects_project", "projects_stage", "projects_historyitem", "projects_neighbourhood", "projects_assignment",
    "participants_notice", "participants_consenttext", "participants_organisation", "participants_accesslog",
    "content_page", "content_accessibilitydeclaration", "events_studytrip", "projects_module", "participants_personmerge",
    "events_questionnaire",
]  # fmt: skip
EVERYBODYS = [
    "events_event", "events_registration", "participants_person", "participants_message", "projects_initiative", "projects_venue",
    "projects_calltask", "projects_listimport", "content_news", "content_photo", "events_certificate", "events_survey", "events_training",
    "projects_leaderprofile",
    "projects_milestone",
    "projects_question",
    "content_diaryentry", "projects_changestory",
]  # fmt: skip
OFFICES = ["events_accessrequest", "projects_vetting", "projects_takedown", "projects_grantcall", "projects_answertemplate"]


@pytest.mark.parametrize("name", OFFICES)
def test_the_office_opens_and_animators_do_not(name, panel):
    address = reverse(f"admin:{name}_changelist")

    assert panel.get(address).status_code == 403
    assert signed_in(an_officer()).get(address).status_code == 200
    assert signed_in(a_coordinator()).get(address).status_code == 200


@pytest.mark.parametrize("name", COORDINATORS_OWN)
def test_only_the_coordinator_opens(name, panel):
    address = reverse(f"admin:{name}_changelist")

    assert panel.get(address).status_code == 403
    assert signed_in(an_officer()).get(address).status_code == 403
    assert signed_in(a_coordinator()).get(address).status_code == 200


@pytest.mark.parametrize("name", EVERYBODYS)
def test_all_staff_open(name, panel):
    address = reverse(f"admin:{name}_changelist")

    assert panel.get(address).status_code == 200
    assert signed_in(an_officer()).get(address).status_code == 200
    assert signed_in(a_coordinator()).get(address).status_code == 200


def test_no_list_is_left_out_of_these_tests():
    listed = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}

    assert listed == {*COORDINATORS_OWN, *EVERYBODYS, *OFFICES}


@pytest.mark.parametrize("name", [*COORDINATORS_OWN, *EVERYBODYS, *OFFICES])
def test_coordinator_may_open_the_form_where_rows_are_added(name):
    own = next(own for model, own in admin.site._registry.items() if f"{model._meta.app_label}_{model._meta.model_name}" == name)
    user = a_coordinator()
    answer = signed_in(user).get(reverse(f"admin:{name}_add"))

    assert answer.status_code == (200 if own.may_add(user) else 403)


def test_entering_the_panel_is_logged_once_a_session(panel, animator):
    panel.get(START)
    panel.get(START)

    assert [(entry.actor, entry.action) for entry in AccessLog.objects.all()] == [(animator, "login")]


def test_address_of_a_strangers_draft_is_not_told(panel, azory):
    draft = an_event(azory, status="draft")
    kind = ContentType.objects.get_for_model(draft)

    assert panel.get(f"{START}r/{kind.pk}/{draft.pk}/").status_code == 404
