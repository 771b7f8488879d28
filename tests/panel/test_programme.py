"""The coordinator's desk: roles, pages, mails; and the first coordinator, let in by the operator."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from active_citizens.content.models import Page, Revision
from participants.domain import messages as mail
from participants.models import AccessLog, Message, User
from projects.models import Assignment, Initiative
from tests.makers import a_coordinator, a_notice, a_project, an_event, an_initiative, an_officer, signed_up, the_project
from tests.panel.conftest import signed_in


@pytest.fixture
def desk():
    return signed_in(a_coordinator())


def invitation(**fields):
    return {"email": "nowa@example.org", "name": "Nowa Osoba", "role": "animator", "neighbourhood": "", "authorisation": "SO/1/2026",
            "starts_on": "2026-01-01", "ends_on": "", **fields}  # fmt: skip


INVITE = reverse("admin:projects_assignment_add")


def test_invitation_makes_an_account_a_role_and_a_mail(desk, ugorek, mailoutbox):
    desk.post(INVITE, invitation(neighbourhood=ugorek.pk))
    mail.deliver_due()

    role = Assignment.objects.get(user__email="nowa@example.org")
    assert (role.role, role.neighbourhood, role.authorisation) == ("animator", ugorek, "SO/1/2026")
    assert "haslo/reset" in mailoutbox[0].body
    assert AccessLog.objects.filter(action="rights", subject_ids=[role.pk]).exists()


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("neighbourhood", {}), ("email", {"email": "x"}), ("authorisation", {"authorisation": ""}),
        ("ends_on", {"role": "officer", "ends_on": "2025-01-01"}),
    ],
)  # fmt: skip
def test_wrong_invitation_is_answered_at_its_field(desk, field, wrong):
    answer = desk.post(INVITE, invitation(**wrong))

    assert answer.context["adminform"].form.errors == {field: answer.context["adminform"].form.errors.get(field)}
    assert not User.objects.filter(email="nowa@example.org").exists()


def test_ended_role_stays_in_the_list_and_cannot_be_rewritten(desk, ugorek, animator):
    role = animator.assignments.get()
    desk.post(reverse("admin:projects_assignment_end", args=[role.pk]), {"on": timezone.localdate().isoformat()})

    role.refresh_from_db()
    assert role.ends_on == timezone.localdate()
    assert desk.post(reverse("admin:projects_assignment_change", args=[role.pk]), {"role": "coordinator"}).status_code == 403


def test_every_save_of_a_published_page_is_a_version(desk):
    form = {"title_pl": "Regulamin", "slug": "regulamin", "lead_pl": "", "body_pl": "Treść", "publisher": "UMK",
            "author": "Jan", "entered_by": "Ewa",
            "made_on": "2026-01-01"}  # fmt: skip
    desk.post(reverse("admin:content_page_add"), form)
    page = Page.objects.get()
    address = reverse("admin:content_page_change", args=[page.pk])
    drafts = Revision.objects.count()
    desk.post(address, form | {"_publish": "1"})
    desk.post(address, form | {"body_pl": "Treść druga"})

    assert (page.published_at, drafts) == (None, 0)
    assert [(version.number, version.fields["body_pl"]) for version in Revision.objects.order_by("number")] == [
        (1, "Treść"),
        (2, "Treść druga"),
    ]


def test_mail_of_unknown_fate_is_sent_again_by_the_coordinator_alone(desk, panel, ugorek):
    signed_up(an_event(ugorek))
    Message.objects.update(status="check")
    address = reverse("admin:participants_message_send_again", args=[Message.objects.get().pk])

    assert panel.post(address).status_code == 403
    assert desk.get(address).status_code == 405
    assert desk.post(address).status_code == 302
    assert Message.objects.get().status == "queued"


def test_preview_of_a_mail_has_no_working_link(panel, ugorek):
    signed_up(an_event(ugorek))
    html = panel.get(reverse("admin:participants_message_change", args=[Message.objects.get().pk])).content.decode()

    assert "/moje-zapisy/" not in html


def test_decisions_about_ideas_are_the_offices(panel, ugorek):
    idea = an_initiative(ugorek, kind="mini_project", status="submitted")
    address = reverse("admin:projects_initiative_move", args=[idea.pk])

    assert "to" in panel.post(address, {"to": "accepted"}).context["form"].errors
    signed_in(an_officer()).post(address, {"to": "accepted"})
    assert Initiative.objects.get().status == "accepted"


def test_refusing_an_idea_needs_a_reason(ugorek):
    idea = an_initiative(ugorek, kind="mini_project", status="submitted")
    answer = signed_in(an_officer()).post(reverse("admin:projects_initiative_move", args=[idea.pk]), {"to": "not_chosen", "reason": ""})

    assert "reason" in answer.context["form"].errors


def test_operator_lets_in_the_first_coordinator():
    call_command("grant_role", "szefowa@example.org", "coordinator", "--authorisation", "SO/1")

    assert Assignment.objects.get().user.email == "szefowa@example.org"


def test_operator_is_told_what_is_wrong(ugorek):
    with pytest.raises(CommandError, match="ugorek"):
        call_command("grant_role", "ktos@example.org", "animator", "--authorisation", "SO/1", "--neighbourhood", "mars")
    with pytest.raises(CommandError):
        call_command("grant_role", "nie-adres", "coordinator", "--authorisation", "SO/1")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("ends_on", {"starts_on": "2026-02-01", "ends_on": "2026-01-01"}),
        ("is_current", {"is_current": "on"}),
        ("certificate_threshold", {"certificate_threshold": "0"}),
        ("title_pl", {"title_pl": ""}),
    ],
)
def test_wrong_project_is_answered_at_its_field(desk, field, wrong):
    the_project()
    second = a_project(slug="druga")
    form = {"title_pl": "Druga edycja", "slug": "druga", "languages": "[]", "partners-TOTAL_FORMS": 0, "partners-INITIAL_FORMS": 0}
    answer = desk.post(reverse("admin:projects_project_change", args=[second.pk]), form | wrong)

    assert list(answer.context["adminform"].form.errors) == [field]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"answer_days": "10", "report_days": "60", "volunteer_hour_grosze": "30,50"}, (10, 60, 3_050)),
        ({"answer_days": "", "report_days": "", "volunteer_hour_grosze": ""}, (14, 30, None)),
    ],
)
def test_a_coordinator_says_how_long_answers_take_and_what_an_hour_is_worth(desk, typed, kept):
    project = a_project(slug="druga")
    form = {"title_pl": "Druga edycja", "slug": "druga", "languages": "[]", "partners-TOTAL_FORMS": 0, "partners-INITIAL_FORMS": 0}
    assert desk.post(reverse("admin:projects_project_change", args=[project.pk]), form | typed).status_code == 302
    project.refresh_from_db()
    assert (project.answer_days, project.report_days, project.volunteer_hour_grosze) == kept


def test_published_notice_is_never_rewritten(desk):
    notice = a_notice()

    assert desk.post(reverse("admin:participants_notice_change", args=[notice.pk]), {"title": "Inna"}).status_code == 403
    assert desk.post(reverse("admin:participants_notice_delete", args=[notice.pk]), {"post": "yes"}).status_code == 403
