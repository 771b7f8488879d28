"""Surveys in the panel: opened from an event, typed in from paper, read together; questionnaires of the coordinator."""

import uuid
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import Moment, Questionnaire, Series, Survey
from events.rules import manageable_surveys, may_manage_survey
from participants.models import AccessLog, Message
from tests.makers import (
    a_coordinator,
    a_questionnaire,
    a_sheet,
    a_survey,
    an_event,
    an_officer,
    came_to,
    the_project,
)
from tests.panel.conftest import fields_of, signed_in


@pytest.fixture
def event(ugorek):
    return an_event(ugorek, in_days=-2)


@pytest.fixture
def survey(event):
    return a_survey(event, questionnaire=a_questionnaire(kinds=("scale", "one", "several", "text")))


def page(survey, verb):
    return reverse(f"admin:events_survey_{verb}", args=[survey.pk])


def test_a_survey_is_opened_from_its_event(panel, event):
    questionnaire = a_questionnaire()
    answer = panel.post(reverse("admin:events_event_surveys", args=[event.pk]), {"questionnaire": questionnaire.pk})

    made = Survey.objects.get()
    assert (made.event, made.moment, made.opens_at) == (event, Moment.EVENT, event.ends_at)
    assert answer.headers["Location"] == page(made, "change")


def test_both_ends_of_a_series_are_opened_from_a_date_of_it(panel, event):
    event.series = Series.objects.create(project=the_project(), title="Cykl")
    event.save()
    address = reverse("admin:events_event_surveys", args=[event.pk])
    for purpose in (Moment.BEFORE, Moment.AFTER):
        panel.post(address, {"questionnaire": a_questionnaire(purpose).pk, "pairing": "on"})

    assert set(Survey.objects.values_list("moment", "series", "pairing")) == {
        (moment, event.series_id, True) for moment in (Moment.BEFORE, Moment.AFTER)
    }
    assert set(panel.get(address).context["surveys"]) == set(Survey.objects.all())


def test_refusal_stays_on_the_page(panel, survey, event):
    answer = panel.post(reverse("admin:events_event_surveys", args=[event.pk]), {"questionnaire": survey.questionnaire_id})
    assert "Taka ankieta już jest." in answer.content.decode()


def test_list_and_rule_agree(animator, survey, azory, ugorek):
    series = Series.objects.create(project=the_project(), title="Cykl")
    an_event(ugorek, series=series)
    an_event(azory, series=series)
    shared, foreign = a_survey(series, Moment.BEFORE), a_survey(an_event(azory, in_days=-2))

    by_list = set(manageable_surveys(animator))
    assert by_list == {survey, shared}
    assert by_list == {each for each in (survey, shared, foreign) if may_manage_survey(animator, each)}
    assert set(manageable_surveys(an_officer())) == {survey, shared, foreign}


# --- Papers -------------------------------------------------------------------------------------------------------------


def test_papers_are_typed_in_one_after_another(panel, animator, survey):
    for number in range(2):
        html = panel.get(page(survey, "enter")).content.decode()
        assert f"{number} arkusz" in html
        form = {**fields_of(html), "q1": "4", "q2": "2", "q3": "31", "language": "uk"}
        assert panel.post(page(survey, "enter"), form).headers["Location"] == page(survey, "enter")

    assert set(survey.sheets.values_list("channel", "entered_by", "language")) == {("paper", animator.pk, "uk")}
    assert [sheet.answers for sheet in survey.sheets.all()] == [{"1": 4, "2": 2, "3": [1, 3]}] * 2


def test_the_cursor_stands_in_the_first_question(panel, survey):
    html = panel.get(page(survey, "enter")).content.decode()
    assert "autofocus" in html.split('name="q1"')[1].split(">")[0] or "autofocus" in html.split('name="q1"')[0].rsplit("<", 1)[1]


@pytest.mark.parametrize(("field", "typed"), [("q1", "6"), ("q1", "x"), ("q2", "4"), ("q2", "0"), ("q3", "14"), ("q3", "1, 2")])
def test_a_wrong_digit_is_told_and_nothing_is_lost(panel, survey, field, typed):
    answer = panel.post(page(survey, "enter"), {"key": str(uuid.uuid4()), field: typed, "q4": "Było miło.", "language": "pl"})
    assert list(answer.context["form"].errors) == [field]
    assert "Było miło." in answer.content.decode()
    assert not survey.sheets.exists()


def test_the_sheet_to_print_has_every_question(panel, survey):
    html = panel.get(page(survey, "paper")).content.decode()
    assert [f"Pytanie {number}?" in html for number in range(1, 5)] == [True] * 4


# --- Results ------------------------------------------------------------------------------------------------------------


def test_three_sheets_are_too_few(panel, survey):
    for _number in range(3):
        a_sheet(survey, {1: 5, 4: "Sekret"})
    html = panel.get(page(survey, "results")).content.decode()

    assert "Za mało odpowiedzi (3), by pokazać wyniki" in html
    assert "Sekret" not in html
    assert panel.post(page(survey, "export"), {"purpose": "x", "kind": "xlsx"}).status_code == 409


def test_five_sheets_are_shown_together(panel, survey):
    for value in range(1, 6):
        a_sheet(survey, {1: value, 2: 1, 4: f"Zdanie {value}"})
    html = panel.get(page(survey, "results")).content.decode()

    assert "średnia 3,00" in html
    assert all(f"Zdanie {value}" in html for value in range(1, 6))
    assert html.count("<meter") == 8


def test_answers_leave_as_a_logged_file_without_what_leads_back(panel, survey):
    for value in range(1, 6):
        a_sheet(survey, {1: value, 3: [1, 2]})
    answer = panel.post(page(survey, "export"), {"purpose": "Ewaluacja", "kind": "xlsx"})

    rows = list(openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).worksheets[0].values)
    assert rows[0] == ("1. Pytanie 1?", "2. Pytanie 2?", "3. Pytanie 3?", "4. Pytanie 4?")
    assert sorted(row[0] for row in rows[1:]) == [1, 2, 3, 4, 5]
    assert AccessLog.objects.get(action="export").row_count == 5


def queries_of(panel, survey, verb):
    with CaptureQueriesContext(connection) as captured:
        assert panel.get(page(survey, verb)).status_code == 200
    return len(captured)


@pytest.mark.parametrize("verb", ["results", "change", "enter"])
def test_thirty_sheets_take_as_many_queries_as_one(panel, survey, verb):
    a_sheet(survey)
    panel.get(page(survey, verb))
    one = queries_of(panel, survey, verb)
    for _number in range(29):
        a_sheet(survey)
    assert queries_of(panel, survey, verb) == one + (0 if verb != "results" else 1)


def test_the_list_counts_sheets_in_a_constant_number_of_queries(panel, ugorek):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            panel.get(reverse("admin:events_survey_changelist"))
        return len(captured)

    a_sheet(a_survey(an_event(ugorek, in_days=-2)))
    panel.get(reverse("admin:events_survey_changelist"))
    one = queries()
    for _number in range(9):
        a_survey(an_event(ugorek, in_days=-2))
    assert queries() == one


# --- Telling and days ---------------------------------------------------------------------------------------------------


def test_button_sends_to_those_who_came_once(panel, survey, event):
    came_to(event)
    Message.objects.all().delete()
    for _time in range(2):
        panel.post(page(survey, "send"))
    assert Message.objects.filter(template="survey").count() == 1


def test_days_can_be_moved(panel, survey):
    later = timezone.localtime(survey.closes_at + timedelta(days=7)).replace(second=0, microsecond=0)
    opens = timezone.localtime(survey.opens_at)
    panel.post(page(survey, "days"), {"opens_at": f"{opens:%Y-%m-%dT%H:%M}", "closes_at": f"{later:%Y-%m-%dT%H:%M}"})
    survey.refresh_from_db()
    assert survey.closes_at == later


# --- Questionnaires -----------------------------------------------------------------------------------------------------


def question(number, **fields):
    values = {"number": number, "kind": "scale", "text_pl": f"Pytanie {number}?", **fields}
    return {f"questions-{number - 1}-{name}": value for name, value in values.items()}


def test_coordinator_writes_publishes_and_goes_on(ugorek):
    desk = signed_in(a_coordinator())
    form = {"project": the_project().pk, "title_pl": "Ankieta", "purpose": "event", "questions-TOTAL_FORMS": "2",
            "questions-INITIAL_FORMS": "0", **question(1), **question(2, kind="one", options_pl="tak\nnie")}  # fmt: skip
    assert desk.post(reverse("admin:events_questionnaire_add"), form).status_code == 302

    made = Questionnaire.objects.get()
    desk.post(reverse("admin:events_questionnaire_publish", args=[made.pk]))
    made.refresh_from_db()
    assert (made.is_published, made.questions.count()) == (True, 2)
    assert desk.post(reverse("admin:events_questionnaire_change", args=[made.pk]), form).status_code == 403

    desk.post(reverse("admin:events_questionnaire_next_version", args=[made.pk]))
    assert list(Questionnaire.objects.order_by("version").values_list("version", flat=True)) == [1, 2]


def test_coordinator_starts_from_a_pattern():
    desk = signed_in(a_coordinator())
    answer = desk.post(reverse("admin:events_questionnaire_start"), {"pattern": "event", "project": the_project().pk})

    made = Questionnaire.objects.get()
    assert answer.headers["Location"] == reverse("admin:events_questionnaire_change", args=[made.pk])
    assert 1 <= made.questions.count() <= 10
    assert desk.get(answer.headers["Location"]).status_code == 200


def test_publishing_an_empty_draft_is_refused_on_the_page():
    made = a_questionnaire(published=False, kinds=())
    answer = signed_in(a_coordinator()).post(reverse("admin:events_questionnaire_publish", args=[made.pk]))
    assert "Najpierw trzeba napisać co najmniej jedno pytanie." in answer.content.decode()


def test_a_draft_may_be_deleted_and_a_published_one_not():
    desk = signed_in(a_coordinator())
    draft, published = a_questionnaire(published=False), a_questionnaire()
    answers = [
        desk.post(reverse("admin:events_questionnaire_delete", args=[made.pk]), {"post": "yes"}).status_code for made in (draft, published)
    ]
    assert answers == [302, 403]
    assert list(Questionnaire.objects.all()) == [published]
