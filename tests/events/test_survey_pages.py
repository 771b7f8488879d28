"""A survey at its short address: for anybody, remembering nobody; own hours and the check of a certificate."""

import uuid
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from events.domain import certificates
from events.models import Moment, Series, SurveySheet
from participants.models import AccessLog
from tests.makers import a_module, a_questionnaire, a_survey, a_user, an_event, an_officer, came_to, the_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey():
    return a_survey(questionnaire=a_questionnaire(kinds=("scale", "one", "several", "text")))


def filled(**answers):
    return {"key": str(uuid.uuid4()), "q1": "4", **answers}


def test_answers_of_a_visitor_are_kept_and_thanked_for(client, survey):
    answer = client.post(survey.get_absolute_url(), filled(q2="1", q3=["1", "3"], q4=" Było\u202e miło. "))

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/ankieta/{survey.code}/dziekujemy/")
    assert survey.sheets.get().answers == {"1": 4, "2": 1, "3": [1, 3], "4": "Było miło."}
    assert client.get(answer.headers["Location"]).status_code == 200


def test_sent_twice_it_is_one_sheet(client, survey):
    form = filled()
    answers = [client.post(survey.get_absolute_url(), form).status_code for _time in range(2)]
    assert (answers, survey.sheets.count()) == ([302, 302], 1)


def test_a_signed_in_visitor_leaves_no_more_than_others(survey):
    client = Client()
    client.force_login(a_user())
    session = dict(client.session)
    client.post(survey.get_absolute_url(), filled())

    assert {(sheet.entered_by, sheet.channel) for sheet in SurveySheet.objects.all()} == {(None, "web")}
    assert dict(client.session) == session
    assert not AccessLog.objects.exists()


def test_the_language_is_that_of_the_page(client, survey):
    client.post(f"/uk{survey.get_absolute_url()}", filled())
    assert survey.sheets.get().language == "uk"


def test_what_was_typed_stays_when_something_is_wrong(client, survey):
    answer = client.post(survey.get_absolute_url(), filled(q4="x" * 501, q3=["2"]))

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "x" * 501 in html
    assert answer.context["form"]["q3"].value() == ["2"]
    assert not survey.sheets.exists()


@pytest.mark.parametrize("answers", [{"q1": ""}, {"q1": "6"}, {"q1": "x"}, {"q1": "4", "key": "x"}, {"q1": "4", "website": "http://robot"}])
def test_nothing_said_or_nonsense_is_not_kept(client, survey, answers):
    answer = client.post(survey.get_absolute_url(), filled(**answers))
    assert (answer.status_code, survey.sheets.count()) == (200, 0)


def test_code_from_a_poster_may_be_typed_in_capitals(client, survey):
    assert client.get(f"/ankieta/{survey.code.upper()}/").status_code == 200
    assert client.get("/ankieta/nie-ma/").status_code == 404


@pytest.mark.parametrize(("opens", "closes", "words"), [(-9, -1, "zamknięta"), (1, 9, "nie jest jeszcze otwarta")])
def test_outside_its_days_a_survey_says_so(client, opens, closes, words):
    now = timezone.now()
    survey = a_survey(opens_at=now + timedelta(days=opens), closes_at=now + timedelta(days=closes))

    shown = client.get(survey.get_absolute_url())
    assert words in shown.content.decode()
    assert "<form" not in shown.content.decode().split("<main")[1]
    assert client.post(survey.get_absolute_url(), filled()).status_code == 409
    assert not survey.sheets.exists()


def test_pages_of_a_survey_are_not_indexed_nor_kept(client, survey):
    for address in (survey.get_absolute_url(), f"{survey.get_absolute_url()}dziekujemy/"):
        answer = client.get(address)
        assert 'content="noindex, nofollow"' in answer.content.decode()
        assert "no-store" in answer.headers["Cache-Control"]


def test_one_line_has_a_high_limit(client, survey, settings):
    settings.SURVEYS_PER_ADDRESS_PER_HOUR = 2
    statuses = [client.post(survey.get_absolute_url(), filled()).status_code for _time in range(3)]
    assert (statuses, survey.sheets.count()) == ([302, 302, 429], 2)
    caches["counters"].clear()


def test_a_paired_survey_asks_for_two_things_and_keeps_neither(client):
    series = Series.objects.create(project=the_project(), title="Cykl")
    survey = a_survey(series, Moment.BEFORE, pairing=True)
    client.post(survey.get_absolute_url(), filled(pair_letters="Zo", pair_day="17"))

    sheet = survey.sheets.get()
    assert (len(sheet.pair), sheet.answers) == (64, {"1": 4})


def test_questions_take_the_language_of_the_visitor(client, survey):
    assert "Pytanie 1?" in client.get(f"/en{survey.get_absolute_url()}").content.decode()


# --- Own hours ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def traveller():
    """An account with 90 of 120 minutes and one event missed."""
    project = the_project()
    project.certificate_threshold = 75
    project.save()
    module, user = a_module(project, title="Ja i Ty"), a_user()
    starts_at = timezone.now() - timedelta(days=3)
    event = an_event(module=module, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=90))
    registration = came_to(event)
    registration.person.user = user
    registration.person.save()
    missed = came_to(
        an_event(module=module, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30), title="Opuszczone"), registration.person
    )
    missed.seats.update(attendance="absent")
    return user


def test_own_page_shows_hours_and_never_what_was_missed(client, traveller):
    client.force_login(traveller)
    html = client.get("/moje/nauka/").content.decode()

    assert "1\xa0godz. 30\xa0min" in html
    assert "75 procent" in html
    assert "Opuszczone" not in html
    assert "nieobecn" not in html


def test_own_page_without_hours_says_what_gives_them(client):
    client.force_login(a_user())
    assert "Nie ma jeszcze godzin" in client.get("/moje/nauka/").content.decode()


def test_own_certificate_is_a_file_and_others_are_not_found(client, traveller, monkeypatch):
    monkeypatch.setattr(certificates, "as_pdf", lambda certificate: b"%PDF-1.7")
    made = certificates.issue(traveller.person, the_project(), actor=an_officer())
    address = f"/moje/nauka/zaswiadczenie-{made.pk}.pdf"
    client.force_login(traveller)
    answer = client.get(address)
    assert (answer.content, answer.headers["Content-Type"]) == (b"%PDF-1.7", "application/pdf")

    client.force_login(a_user())
    assert client.get(address).status_code == 404
    certificates.annul(made, "Pomyłka.", actor=an_officer())
    client.force_login(traveller)
    assert client.get(address).status_code == 404


def test_checking_a_number_answers_yes_or_no(client, traveller):
    person = traveller.person
    person.name = "Zofia Żółć"
    person.save()
    person.registrations.first().seats.update(name=person.name)
    made = certificates.issue(person, the_project(), actor=an_officer())

    yes, no = (client.post("/zaswiadczenia/", {"number": made.number, "last_name": name}).content.decode() for name in ("Zolc", "Zofia"))
    assert "Zaświadczenie jest ważne" in yes
    assert "Nie ma takiego zaświadczenia" in no
    assert "Zofia" not in yes


def test_guessing_names_is_slow(client):
    statuses = [client.post("/zaswiadczenia/", {"number": "AS/2026/0001", "last_name": f"N{n}"}).status_code for n in range(11)]
    assert statuses == [200] * 10 + [429]
    caches["counters"].clear()
