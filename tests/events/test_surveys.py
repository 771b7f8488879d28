"""Surveys: anonymous sheets, pairs that lead back to nobody, results that hide a few, and one mail for whoever came."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events.domain import answers, questionnaires, surveys
from events.models import Event, Moment, Seat, Series, Survey, SurveySheet
from participants.domain import messages
from participants.models import Message
from tests.makers import (
    a_neighbourhood,
    a_person,
    a_project,
    a_questionnaire,
    a_sheet,
    a_survey,
    an_animator,
    an_event,
    came_to,
    signed_up,
    the_project,
    warsaw,
)

pytestmark = pytest.mark.django_db


def refusal(verb, *args, **how):
    with pytest.raises(RuleBroken) as refused:
        verb(*args, **how)
    return refused.value.code


def a_series(*starts):
    series = Series.objects.create(project=the_project(), title="Cykl")
    for start in starts or (timezone.now() - timedelta(days=9), timezone.now() - timedelta(days=2)):
        an_event(starts_at=start, ends_at=start + timedelta(hours=2), series=series)
    return series


def both_ends(pairing=True):
    series = a_series()
    before = a_survey(series, Moment.BEFORE, pairing=pairing)
    after = a_survey(series, Moment.AFTER, pairing=pairing)
    return before, after


# --- Anonymity ----------------------------------------------------------------------------------------------------------


def test_a_sheet_has_no_column_that_could_name_somebody():
    fields = {field.name: field for field in SurveySheet._meta.get_fields()}
    assert set(fields) == {"id", "survey", "language", "channel", "entered_by", "day", "answers", "pair", "form_digest"}
    assert {name for name, field in fields.items() if field.is_relation} == {"survey", "entered_by"}
    assert not [name for name, field in fields.items() if isinstance(field, models.DateTimeField | models.GenericIPAddressField)]
    # A number that grows would be the order of arrival.
    assert isinstance(fields["id"], models.UUIDField)


def test_nothing_points_at_a_sheet():
    assert SurveySheet._meta.related_objects == ()


def test_a_sheet_keeps_the_day_and_only_digests():
    key = uuid.uuid4()
    before, _after = both_ends()
    sheet = surveys.fill(before, {1: 5}, key=key, pair=("Ma", "07"))

    sheet.refresh_from_db()
    assert sheet.day == timezone.localdate()
    kept = f"{sheet.form_digest} {sheet.pair} {sheet.answers}"
    assert key.hex not in kept
    assert "ma" not in kept
    assert len(sheet.pair) == 64


def test_only_a_paper_has_somebody_who_typed_it_in():
    survey, animator = a_survey(), an_animator(a_neighbourhood("Ugorek"))
    assert (a_sheet(survey).entered_by, a_sheet(survey).channel) == (None, "web")
    typed = a_sheet(survey, entered_by=animator)
    assert (typed.entered_by, typed.channel) == (animator, "paper")

    with pytest.raises(IntegrityError, match="survey_sheet_only_paper_is_typed_in"), transaction.atomic():
        SurveySheet.objects.filter(pk=typed.pk).update(channel="web")


# --- Filling in ---------------------------------------------------------------------------------------------------------


def test_the_same_form_sent_twice_is_one_sheet():
    survey, key = a_survey(), uuid.uuid4()
    first = surveys.fill(survey, {1: 4}, key=key)

    assert surveys.fill(survey, {1: 5}, key=key) == first
    assert survey.sheets.get().answers == {"1": 4}


def test_what_is_left_out_is_left_out_and_something_must_be_said():
    survey = a_survey()
    assert a_sheet(survey, {1: None, 2: "Było miło."}).answers == {"2": "Było miło."}
    assert refusal(a_sheet, survey, {1: None, 2: ""}) == "nothing_answered"


@pytest.mark.parametrize(
    ("moment", "code", "paper"),
    [
        ("2026-11-09 23:59", "not_open_yet", True), ("2026-11-10 00:00", None, True), ("2026-11-19 23:59", None, True),
        ("2026-11-20 00:00", "closed", True), ("2026-12-19 23:59", "closed", True), ("2026-12-20 00:00", "closed", False),
    ],
)  # fmt: skip
def test_days_of_a_survey_and_of_its_papers(moment, code, paper):
    survey = a_survey(opens_at=warsaw("2026-11-10 00:00"), closes_at=warsaw("2026-11-20 00:00"))
    at = warsaw(moment)
    assert (refusal(a_sheet, survey, at=at) if code else a_sheet(survey, at=at) and None) == code

    how = {"entered_by": an_animator(a_neighbourhood("Ugorek")), "at": at}
    assert (a_sheet(survey, **how).channel if paper else refusal(a_sheet, survey, **how)) == ("paper" if paper else "closed")


# --- Pairs --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (("Ma", "7"), ("ma", "07"), True), (("ŻÓ", "12"), ("zo ", " 12"), True), (("Ma", "7"), ("Ma", "17"), False),
        (("Ma", "7"), ("Mi", "7"), False),
    ],
)  # fmt: skip
def test_two_things_only_the_person_knows_make_a_pair(first, second, same):
    before, after = both_ends()
    assert (surveys.pair_digest(before, *first) == surveys.pair_digest(after, *second)) is same


def test_a_pair_holds_within_one_series_and_one_key(settings):
    before, _after = both_ends()
    other = a_survey(a_series(), Moment.BEFORE, pairing=True)
    own = surveys.pair_digest(before, "ma", "7")
    assert own != surveys.pair_digest(other, "ma", "7")

    settings.FIELD_KEY = "inny klucz"
    assert own != surveys.pair_digest(before, "ma", "7")


@pytest.mark.parametrize("half", [("", "7"), ("ma", ""), ("ma", "00")])
def test_half_a_sign_pairs_nobody(half):
    before, _after = both_ends()
    assert a_sheet(before, pair=half).pair == ""


def test_an_unpaired_survey_keeps_no_sign():
    before, _after = both_ends(pairing=False)
    assert a_sheet(before, pair=("ma", "7")).pair == ""
    assert answers.comparison(before) is None


def test_before_and_after_are_compared_where_pairs_are_enough():
    before, after = both_ends()
    for number in range(1, 6):
        a_sheet(before, {1: 2}, pair=("ma", str(number)))
        a_sheet(after, {1: 4 if number < 5 else 3}, pair=("ma", str(number)))
    a_sheet(before, {1: 5})
    # Two people with one sign pair nobody.
    for survey in (before, after, after):
        a_sheet(survey, {1: 1}, pair=("xx", "9"))

    compared = answers.comparison(after)
    (change,) = compared.changes
    assert compared.pairs == change.pairs == 5
    assert (change.before, change.after, change.change) == (2.0, 3.8, 1.8)
    assert (change.all_before, change.all_after) == (round((10 + 5 + 1) / 7, 2), round((19 + 2) / 7, 2))


def test_four_pairs_are_too_few_to_be_told():
    before, after = both_ends()
    for number in range(1, 5):
        a_sheet(before, {1: 2}, pair=("ma", str(number)))
        a_sheet(after, {1: 4}, pair=("ma", str(number)))

    compared = answers.comparison(before)
    (change,) = compared.changes
    assert (compared.pairs, compared.is_told) == (4, False)
    assert (change.before, change.after, change.change, change.all_before, change.all_after) == (None,) * 5


# --- Results ------------------------------------------------------------------------------------------------------------


def test_fewer_than_five_sheets_tell_only_their_number():
    survey = a_survey()
    for _number in range(4):
        a_sheet(survey, {1: 5, 2: "Było miło."})

    told = answers.results(survey)
    assert (told.sheets, told.is_told, told.figures) == (4, False, [])
    assert list(answers.answers_table(survey).rows) == []


def test_counts_means_and_texts_of_five_sheets():
    survey = a_survey(questionnaire=a_questionnaire(kinds=("scale", "one", "several", "text", "text")))
    for value in (1, 2, 3, 5, 5):
        a_sheet(survey, {1: value, 2: 1, 3: [1, 3], 4: f"Zdanie {value}"})
    a_sheet(survey, {5: "Sam"})

    scale, one, several, text, lonely = answers.results(survey).figures
    assert (scale.answered, scale.mean) == (5, 3.2)
    assert [(bar.count, bar.percent) for bar in scale.bars] == [(1, 20), (1, 20), (1, 20), (0, 0), (2, 40)]
    assert [bar.count for bar in one.bars] == [5, 0, 0]
    assert [bar.count for bar in several.bars] == [5, 0, 5]
    assert sorted(text.texts) == ["Zdanie 1", "Zdanie 2", "Zdanie 3", "Zdanie 5", "Zdanie 5"]
    assert (lonely.answered, lonely.is_told, lonely.texts) == (1, False, ())


def test_the_table_holds_answers_and_nothing_that_leads_back():
    survey = a_survey(questionnaire=a_questionnaire(kinds=("scale", "several")))
    for value in range(1, 6):
        a_sheet(survey, {1: value, 2: [1, 2]})

    table = answers.answers_table(survey)
    assert [column.key for column in table.columns] == ["q1", "q2"]
    assert sorted(table.rows) == [[value, "tak; nie"] for value in range(1, 6)]


@pytest.mark.parametrize("count", [5, 30])
def test_results_take_two_queries(count):
    survey = a_survey()
    for _number in range(count):
        a_sheet(survey)
    with CaptureQueriesContext(connection) as captured:
        answers.results(survey)
    assert len(captured) == 2


# --- Opening ------------------------------------------------------------------------------------------------------------


def test_a_survey_opens_with_the_end_of_its_event():
    event = an_event()
    survey = surveys.open_survey(a_questionnaire(), event)
    assert (survey.opens_at, survey.closes_at) == (event.ends_at, event.ends_at + timedelta(days=14))


@pytest.mark.parametrize(("purpose", "opens", "closes"), [
    (Moment.BEFORE, "2026-12-18 17:00", "2027-01-01 19:00"), (Moment.AFTER, "2027-01-15 19:00", "2027-01-29 19:00"),
])  # fmt: skip
def test_the_ends_of_a_series(purpose, opens, closes):
    series = a_series(warsaw("2027-01-01 17:00"), warsaw("2027-01-15 17:00"))
    survey = surveys.open_survey(a_questionnaire(purpose), series)
    assert (survey.opens_at, survey.closes_at) == (warsaw(opens), warsaw(closes))


def test_what_cannot_be_opened():
    event, series = an_event(), a_series()
    assert refusal(surveys.open_survey, a_questionnaire(published=False), event) == "not_published"
    assert refusal(surveys.open_survey, a_questionnaire(Moment.BEFORE), event) == "wrong_purpose"
    assert refusal(surveys.open_survey, a_questionnaire(), series) == "wrong_purpose"
    assert refusal(surveys.open_survey, a_questionnaire(project=a_project()), event) == "another_project"
    assert refusal(surveys.open_survey, a_questionnaire(), event, closes_at=event.ends_at) == "wrong_days"
    a_survey(event)
    assert refusal(surveys.open_survey, a_questionnaire(), event) == "already_there"


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [({"event": None}, "survey_of_an_event_or_a_series"), ({"moment": "before"}, "survey_of_an_event_or_a_series"),
     ({"pairing": True}, "survey_only_a_series_is_paired"), ({"closes_at": warsaw("2020-01-01 00:00")}, "survey_opens_before_it_closes")],
)  # fmt: skip
def test_the_database_knows_what_a_survey_is_about(fields, constraint):
    survey = a_survey()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Survey.objects.filter(pk=survey.pk).update(**fields)


# --- Telling ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def workshop():
    """A workshop on Tuesday evening with a survey: two came, one did not, one of those who came has no e-mail."""
    event = an_event(starts_at=warsaw("2026-11-10 18:00"), ends_at=warsaw("2026-11-10 20:00"))
    for person in (a_person(email="jest@example.org"), a_person(email="", phone="+48600100200")):
        came_to(event, person)
    signed_up(event, a_person(email="nie@example.org"), at=warsaw("2026-11-09 12:00"))
    Message.objects.all().delete()
    return surveys.open_survey(a_questionnaire(), event)


@pytest.mark.parametrize(
    ("moment", "mails"),
    [("2026-11-10 20:30", 0), ("2026-11-11 07:59", 0), ("2026-11-11 08:00", 1), ("2026-11-11 21:30", 0), ("2026-11-24 19:59", 1),
     ("2026-11-24 20:00", 0)],
)  # fmt: skip
def test_those_who_came_are_asked_on_the_next_day_and_not_at_night(workshop, moment, mails):
    assert surveys.invite_due(warsaw(moment)) == mails
    assert list(Message.objects.values_list("recipient", flat=True)) == ["jest@example.org"] * mails


def test_nobody_is_asked_twice_and_late_comers_of_the_list_are_asked_later(workshop):
    at = warsaw("2026-11-11 09:00")
    assert [surveys.invite_due(at), surveys.invite_due(at), surveys.invite(workshop, at=at)] == [1, 0, 0]

    Seat.objects.filter(registration__person__email="nie@example.org").update(attendance="came")
    spouse = came_to(workshop.event, a_person(name="Pod tym e-mailem")).person
    spouse.email = "JEST@example.org"
    spouse.save()
    assert surveys.invite_due(warsaw("2026-11-12 09:00")) == 1
    assert Message.objects.filter(template="survey").count() == 2
    assert surveys.invite_due(warsaw("2026-11-13 09:00")) == 0


def test_an_event_called_off_asks_nobody(workshop):
    Event.objects.update(status="cancelled", cancelled_at=timezone.now(), cancel_reason="burza")
    assert surveys.invite_due(warsaw("2026-11-11 09:00")) == 0


def test_before_a_series_a_button_asks_those_signed_up():
    series = a_series(timezone.now() + timedelta(days=3), timezone.now() + timedelta(days=10))
    person = a_person()
    for event in series.events.all():
        signed_up(event, person)
    survey = surveys.open_survey(a_questionnaire(Moment.BEFORE), series)

    assert surveys.invite_due() == 0
    assert surveys.invite(survey) == 1
    assert refusal(surveys.invite, survey, at=survey.closes_at) == "closed"


def test_after_a_series_those_are_asked_who_came_once():
    series = a_series(warsaw("2026-11-03 18:00"), warsaw("2026-11-10 18:00"))
    came_to(series.events.order_by("starts_at").first())
    surveys.open_survey(a_questionnaire(Moment.AFTER), series)

    assert [surveys.invite_due(warsaw(day)) for day in ("2026-11-04 09:00", "2026-11-11 09:00")] == [0, 1]


def test_the_mail_leads_to_the_address_that_is_everybodys(mailoutbox):
    event = an_event(in_days=-2)
    came_to(event, a_person(email="jest@example.org"))
    Message.objects.all().delete()
    survey = a_survey(event)
    surveys.invite(survey)
    Message.objects.update(due_at=timezone.now())
    messages.deliver_due()

    (mail,) = mailoutbox
    assert f"/ankieta/{survey.code}/" in mail.body
    assert survey.about in mail.subject


def test_a_mail_of_a_closed_survey_is_not_sent(mailoutbox):
    event = an_event(in_days=-2)
    came_to(event)
    Message.objects.all().delete()
    surveys.invite(a_survey(event))
    Message.objects.update(due_at=timezone.now())
    Survey.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    messages.deliver_due()

    assert mailoutbox == []
    assert Message.objects.get().status == Message.Status.DROPPED


def test_versions_keep_their_answers():
    survey = a_survey()
    a_sheet(survey)
    questionnaires.publish(questionnaires.new_version(survey.questionnaire))

    survey.refresh_from_db()
    assert survey.questionnaire.version == 1
