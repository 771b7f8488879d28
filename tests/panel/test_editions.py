"""The coordinator's checklist: what is missing leads to where it is put right, and publishing waits for it."""

import pytest
from django.urls import reverse

from projects.models import Project
from tests.makers import a_coordinator, a_project, an_officer, the_project
from tests.panel.conftest import signed_in


@pytest.fixture
def desk():
    return signed_in(a_coordinator())


def page_of(project, page="change"):
    return reverse(f"admin:projects_project_{page}", args=[project.pk])


def test_the_page_of_an_edition_says_what_is_missing_and_offers_no_publishing(desk):
    project = a_project(is_published=False, phone_line="")
    html = desk.get(page_of(project)).content.decode()

    assert "Wpisz numer linii telefonicznej i jej godziny" in html
    assert page_of(project, "publish") not in html


def test_publishing_an_edition_that_is_not_ready_says_why_and_changes_nothing(desk):
    project = a_project(is_published=False)
    answer = desk.post(page_of(project, "publish"))

    assert "Edycja nie jest jeszcze gotowa" in answer.content.decode()
    assert not Project.objects.get(pk=project.pk).is_published


def test_an_edition_is_taken_off_by_a_button_and_vanishes(desk):
    project = the_project()
    desk.post(page_of(project, "take_off"))

    assert not Project.objects.get(pk=project.pk).is_published
    assert desk.get(project.get_absolute_url()).status_code == 404


def test_a_form_sent_by_hand_cannot_publish(desk):
    project = a_project(is_published=False)
    desk.post(page_of(project), {"title_pl": "Tytuł", "slug": project.slug, "is_published": "on", "partners-TOTAL_FORMS": 0,
                                 "partners-INITIAL_FORMS": 0})  # fmt: skip

    assert not Project.objects.get(pk=project.pk).is_published


def test_an_empty_edition_is_begun_from_its_name_alone(desk):
    answer = desk.post(reverse("admin:projects_project_add"), {"title": "Sąsiedzki krąg"})

    begun = Project.objects.get(slug="sasiedzki-krag")
    assert answer.headers["Location"] == page_of(begun)
    assert (begun.title_pl, begun.is_published) == ("Sąsiedzki krąg", False)


def test_a_name_that_is_taken_keeps_what_was_typed(desk):
    a_project(slug="krag")
    answer = desk.post(reverse("admin:projects_project_add"), {"title": "Krąg", "starts_on": "2027-01-01"})

    assert "Inna edycja ma już ten adres." in answer.content.decode()
    assert 'value="2027-01-01"' in answer.content.decode()


@pytest.mark.parametrize("page", ["publish", "take_off"])
def test_an_officer_neither_publishes_nor_takes_off(page):
    assert signed_in(an_officer()).post(page_of(the_project(), page)).status_code == 403
