"""Papers from the panel: whose they are, what is logged, and what is refused."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import Event
from events.papers.kinds import KINDS
from participants.models import AccessLog
from tests import poppler
from tests.makers import a_neighbourhood, a_person, an_animator, an_event, signed_up
from tests.panel.conftest import signed_in

LIST = "lista-obecnosci"


@pytest.fixture
def event(ugorek) -> Event:
    return an_event(ugorek, title="Spacer")


def file_of(event: Event, kind: str) -> str:
    return reverse("admin:events_event_paper", args=[event.pk, kind])


def test_the_page_leads_to_every_paper_in_every_language(panel, event):
    html = panel.get(reverse("admin:events_event_papers", args=[event.pk])).content.decode()

    for kind in (*KINDS, LIST):
        for language in ("pl", "en", "uk"):
            assert f'{file_of(event, kind)}?lang={language}"' in html
    assert f"/osiedla/ugorek/wydarzenia-{timezone.localtime(event.starts_at):%Y-%m}.pdf?lang=pl" in html


def test_the_event_and_the_list_of_events_lead_to_the_papers(panel, event):
    assert (
        reverse("admin:events_event_papers", args=[event.pk])
        in panel.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()
    )
    assert reverse("admin:events_event_month_papers") in panel.get(reverse("admin:events_event_changelist")).content.decode()


@pytest.mark.parametrize("kind", [*KINDS, LIST])
@pytest.mark.parametrize("language", ["pl", "en", "uk"])
def test_a_paper_comes_as_a_file_nobody_keeps(panel, event, kind, language):
    answer = panel.get(file_of(event, kind), {"lang": language})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("inline; filename=")
    assert poppler.language(answer.content) == language


def test_the_attendance_list_leaves_one_line_of_who_was_on_it(panel, animator, event):
    people = {signed_up(event, a_person(name="Łucja Ćwik")).person_id, signed_up(event).person_id}
    answer = panel.get(file_of(event, LIST))

    assert "Łucja Ćwik" in poppler.text(answer.content)
    (line,) = AccessLog.objects.filter(action="read")
    assert (line.actor, set(line.subject_ids), line.row_count, line.detail) == (animator, people, 2, {"event": event.pk})


def test_a_poster_shows_nobody_and_leaves_no_line(panel, event):
    signed_up(event, a_person(name="Łucja Ćwik"))
    answer = panel.get(file_of(event, "plakat"))

    assert "Ćwik" not in poppler.text(answer.content)
    assert not AccessLog.objects.filter(action="read").exists()


def test_a_draft_has_an_attendance_list_but_nothing_to_hang(panel, ugorek):
    draft = an_event(ugorek, status=Event.Status.DRAFT)

    assert panel.get(file_of(draft, "plakat")).status_code == 409
    assert panel.get(file_of(draft, LIST)).status_code == 200
    html = panel.get(reverse("admin:events_event_papers", args=[draft.pk])).content.decode()
    assert "Najpierw opublikuj wydarzenie" in html
    assert file_of(draft, "plakat") not in html


def test_papers_of_another_neighbourhood_and_of_no_kind_are_not_found(panel, azory, event):
    other = an_event(azory)

    for address in (
        file_of(other, "plakat"),
        file_of(other, LIST),
        file_of(event, "inne"),
        reverse("admin:events_event_papers", args=[other.pk]),
    ):
        assert panel.get(address).status_code == 404


def test_months_are_those_of_ones_own_neighbourhoods(panel, ugorek, azory):
    html = panel.get(reverse("admin:events_event_month_papers")).content.decode()

    assert html.count("/osiedla/ugorek/wydarzenia-") == 3 * 2 * 3
    assert "/osiedla/azory/" not in html


def test_an_animator_of_an_unpublished_neighbourhood_is_told_that_there_is_nothing():
    hidden = a_neighbourhood("Ukryte", is_published=False)
    html = signed_in(an_animator(hidden)).get(reverse("admin:events_event_month_papers")).content.decode()

    assert "/osiedla/ukryte/" not in html
    assert "Nie ma tu opublikowanego osiedla" in html


def test_the_page_of_the_list_says_what_the_paper_says(panel, event):
    signed_up(event, a_person(name="Łucja Ćwik"))
    page = panel.get(reverse("admin:events_event_print_list", args=[event.pk])).content.decode()
    paper = poppler.text(panel.get(file_of(event, LIST)).content)

    for said in ("Łucja Ćwik", "Bieżący projekt", event.venue.address, "Listę prowadzimy"):
        assert said in paper
        assert said in page.replace("\N{NO-BREAK SPACE}", " ")


def test_the_list_asks_the_same_questions_for_one_person_and_for_thirty(panel, event, django_assert_num_queries):
    signed_up(event)
    panel.get(file_of(event, LIST))
    with CaptureQueriesContext(connection) as one:
        panel.get(file_of(event, LIST))
    for _number in range(29):
        signed_up(event)
    with django_assert_num_queries(len(one)):
        panel.get(file_of(event, LIST))
