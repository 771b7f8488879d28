"""The learning journey in the panel: hours of those one sees, certificates, a logged file; trainings of facilitators."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.domain import certificates
from events.models import Certificate, Training
from events.rules import visible_trainings
from events.visibility import visible_certificates
from participants.models import AccessLog
from tests.makers import a_module, a_person, an_animator, an_event, an_officer, came_to, the_project
from tests.panel.conftest import signed_in


@pytest.fixture
def module():
    project = the_project()
    project.certificate_threshold = 75
    project.save()
    return a_module(project)


def lesson(module, place, minutes=120):
    starts_at = timezone.now() - timedelta(days=3)
    return an_event(place, module=module, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes))


def address(verb):
    return reverse(f"admin:events_certificate_{verb}", args=[the_project().pk])


def test_the_page_shows_those_one_sees_and_the_log_tells_of_it(panel, module, ugorek, azory):
    own, other = came_to(lesson(module, ugorek)).person, came_to(lesson(module, azory)).person
    html = panel.get(address("journey")).content.decode()

    assert own.name in html
    assert other.name not in html
    entry = AccessLog.objects.filter(action="read", detail__journey=the_project().pk).get()
    assert entry.subject_ids == [own.pk]
    assert other.name in signed_in(an_officer()).get(address("journey")).content.decode()


def test_those_with_enough_hours_and_no_certificate(panel, module, ugorek):
    ready, short, given = (came_to(lesson(module, ugorek, minutes), a_person(name=name)).person
                           for minutes, name in ((90, "Dość Anna"), (89, "Mało Jan"), (120, "Ma Ewa")))  # fmt: skip
    certificates.issue(given, the_project(), actor=an_officer())
    html = panel.get(address("journey") + "?enough=1").content.decode()

    assert "Dość Anna" in html
    assert short.name not in html
    assert given.name not in html
    assert ready.certificates.count() == 0


def test_button_gives_a_certificate(panel, module, ugorek, animator):
    person = came_to(lesson(module, ugorek)).person
    answer = panel.post(address("issue"), {"person": person.pk})

    made = Certificate.objects.get()
    assert (made.person, made.issued_by) == (person, animator)
    assert answer.headers["Location"] == reverse("admin:events_certificate_change", args=[made.pk])


def test_refusal_stands_above_the_list(panel, module, ugorek):
    person = came_to(lesson(module, ugorek, 60)).person
    html = panel.post(address("issue"), {"person": person.pk}, follow=True).content.decode()

    assert "Dotąd jest 50 procent godzin" in html
    assert not Certificate.objects.exists()


def test_strangers_to_the_estate_cannot_be_given_one(panel, module, azory):
    person = came_to(lesson(module, azory)).person
    for sent in (str(person.pk), "x", "", "9" * 30):
        assert panel.post(address("issue"), {"person": sent}).status_code == 404


def test_only_the_office_annuls(panel, module, ugorek):
    person = came_to(lesson(module, ugorek)).person
    made = certificates.issue(person, the_project(), actor=an_officer())
    annul = reverse("admin:events_certificate_annul", args=[made.pk])
    assert panel.post(annul, {"reason": "x"}).status_code == 403

    signed_in(an_officer()).post(annul, {"reason": "Pomyłka w nazwisku."})
    made.refresh_from_db()
    assert (made.is_live, made.annul_reason) == (False, "Pomyłka w nazwisku.")


def test_certificates_are_seen_with_their_people(animator, module, ugorek, azory):
    officer = an_officer()
    own, other = (certificates.issue(came_to(lesson(module, place)).person, the_project(), actor=officer) for place in (ugorek, azory))
    assert set(visible_certificates(animator)) == {own}
    assert set(visible_certificates(officer)) == {own, other}


def test_file_holds_the_same_hours_and_is_logged_with_its_purpose(panel, module, ugorek):
    person = came_to(lesson(module, ugorek, 90)).person
    answer = panel.post(address("export"), {"purpose": "Sprawozdanie", "kind": "xlsx"})

    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    assert [cell.value for cell in sheet[2]] == [person.name, 1.5, 1.5, 75, None]
    entry = AccessLog.objects.get(action="export")
    assert (entry.purpose, entry.row_count, entry.subject_ids) == ("Sprawozdanie", 1, [person.pk])


def test_a_file_needs_a_purpose(panel, module, ugorek):
    came_to(lesson(module, ugorek))
    assert panel.post(address("export"), {"kind": "xlsx"}).status_code == 302
    assert not AccessLog.objects.filter(action="export").exists()


def queries_of(panel):
    with CaptureQueriesContext(connection) as captured:
        assert panel.get(address("journey")).status_code == 200
    return len(captured)


def test_thirty_people_take_as_many_queries_as_one(panel, module, ugorek):
    event = lesson(module, ugorek)
    came_to(event)
    panel.get(address("journey"))
    one = queries_of(panel)
    for _number in range(29):
        came_to(event)
    assert queries_of(panel) == one


def test_an_animator_sees_the_own_trainings(animator, azory):
    own, other = (
        Training.objects.create(project=the_project(), title="S", held_on="2026-03-01", minutes=60, trained_by="x") for _n in "ab"
    )
    own.people.create(user=animator)
    other.people.create(user=an_animator(azory))

    assert set(visible_trainings(animator)) == {own}
    assert set(visible_trainings(an_officer())) == {own, other}


def test_the_office_records_a_training(animator):
    form = {
        "project": the_project().pk, "title": "Szkolenie", "held_on": "2026-03-01", "minutes": "480", "trained_by": "British Council",
        "people-TOTAL_FORMS": "2", "people-INITIAL_FORMS": "0", "people-0-user": animator.pk, "people-0-name": "",
        "people-1-user": "", "people-1-name": "Jan Gość",
    }  # fmt: skip
    answer = signed_in(an_officer()).post(reverse("admin:events_training_add"), form)

    assert answer.status_code == 302
    assert [str(person) for person in Training.objects.get().people.all()] == [str(animator), "Jan Gość"]
