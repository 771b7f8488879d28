"""Surveys: a questionnaire asked about an event or at one end of a series, told to those who came, filled in by nobody in particular.

Decision 14 says what keeps a sheet anonymous; ``SurveySheet`` holds no column that could name somebody.
"""

import hashlib
import hmac
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.days import DAY, QUIET_UNTIL, after_quiet, at_clock
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import plain
from events.models import Event, Moment, Question, Questionnaire, Registration, Seat, Series, Survey, SurveySheet
from participants.domain import messages
from participants.models import Message, Person, User

KIND = "survey"
# Answers are taken so long after the event, and paper typed in so long after that.
OPEN_DAYS = 14
PAPER_DAYS = 30
LONGEST_TEXT = 500

Answers = Mapping[int, Any]


# --- Opening ---------------------------------------------------------------------------------------------------------------


def open_survey(
    questionnaire: Questionnaire, subject: Event | Series, *, opens_at: datetime | None = None, closes_at: datetime | None = None,
    pairing: bool = False,
) -> Survey:  # fmt: skip
    """Ask the questionnaire about the event, or at its end of the series. Unsaid, the days follow from the dates.

    Locks the questionnaire. Raises RuleBroken: ``not_published``, ``wrong_purpose``, ``another_project``, ``wrong_days``,
    ``already_there``.
    """
    event = subject if isinstance(subject, Event) else None
    series = subject if isinstance(subject, Series) else None
    with transaction.atomic():
        current = Questionnaire.objects.select_for_update(no_key=True).get(pk=questionnaire.pk)
        if not current.is_published:
            raise RuleBroken("not_published", _("Publish the questionnaire first."), field="questionnaire")
        if (current.purpose == Moment.EVENT) != (event is not None):
            raise RuleBroken("wrong_purpose", _("This questionnaire is meant for another moment."), field="questionnaire")
        if current.project_id != subject.project_id:
            raise RuleBroken("another_project", _("This questionnaire belongs to another project."), field="questionnaire")
        usual = usual_days(current.purpose, subject)
        opens_at, closes_at = opens_at or usual[0], closes_at or usual[1]
        _check_days(opens_at, closes_at)
        if Survey.objects.filter(event=event, series=series, moment=current.purpose).exists():
            raise RuleBroken("already_there", _("There is such a survey already."), field="questionnaire")
        return Survey.objects.create(
            questionnaire=current, event=event, series=series, moment=current.purpose, opens_at=opens_at, closes_at=closes_at,
            pairing=pairing and series is not None,
        )  # fmt: skip


def usual_days(moment: str, subject: Event | Series) -> tuple[datetime, datetime]:
    """From when till when one answers unless somebody says otherwise."""
    if isinstance(subject, Event):
        return subject.ends_at, subject.ends_at + OPEN_DAYS * DAY
    dates = list(subject.events.filter(status=Event.Status.PUBLISHED).order_by("starts_at").values_list("starts_at", "ends_at"))
    first, last = (dates[0], dates[-1]) if dates else ((timezone.now(),) * 2,) * 2
    if moment == Moment.BEFORE:
        return first[0] - OPEN_DAYS * DAY, first[1]
    return last[1], last[1] + OPEN_DAYS * DAY


def change_days(survey: Survey, *, opens_at: datetime, closes_at: datetime) -> Survey:
    """Move the days on which answers are taken. Raises RuleBroken ``wrong_days``."""
    _check_days(opens_at, closes_at)
    survey.opens_at, survey.closes_at = opens_at, closes_at
    survey.save(update_fields=["opens_at", "closes_at", "updated_at"])
    return survey


def _check_days(opens_at: datetime, closes_at: datetime) -> None:
    if closes_at <= opens_at:
        raise RuleBroken("wrong_days", _("The end cannot come before the start."), field="closes_at")


# --- Filling in ------------------------------------------------------------------------------------------------------------


def fill(
    survey: Survey, answers: Answers, *, key: uuid.UUID, language: str = "pl", pair: tuple[str, str] | None = None,
    entered_by: User | None = None, at: datetime | None = None,
) -> SurveySheet:  # fmt: skip
    """Keep a filled-in sheet; the same form sent again is the same sheet. ``entered_by`` types in a paper, also after the end.

    ``answers`` are by the question's number. Nothing kept leads back to anybody: the form's key only as a digest, the day
    instead of the moment, and of ``pair`` only what ``pair_digest`` makes of it.
    Raises RuleBroken: ``not_open_yet``, ``closed``, ``nothing_answered``.
    """
    now = at or timezone.now()
    digest = hashlib.sha256(key.bytes).hexdigest()
    before = survey.sheets.filter(form_digest=digest).first()
    if before is not None:
        return before
    if survey.opens_at > now and entered_by is None:
        raise RuleBroken("not_open_yet", _("This survey is not open yet."))
    if survey.closes_at + (timedelta(days=PAPER_DAYS) if entered_by else timedelta()) <= now:
        raise RuleBroken("closed", _("This survey is closed. Thank you for wanting to answer."))
    kept = {str(number): answer for number, answer in answers.items() if answer not in (None, "", [])}
    if not kept:
        raise RuleBroken("nothing_answered", _("Answer at least one question."))
    values = {
        "language": language,
        "channel": SurveySheet.Channel.PAPER if entered_by else SurveySheet.Channel.WEB,
        "entered_by": entered_by,
        "day": timezone.localdate(now),
        "answers": kept,
        "pair": pair_digest(survey, *pair) if pair and survey.pairing else "",
    }
    return SurveySheet.objects.get_or_create(survey=survey, form_digest=digest, defaults=values)[0]


def pair_digest(survey: Survey, letters: str, day: str) -> str:
    """What two things only the person knows become: an HMAC under ``FIELD_KEY`` that is the same for one series alone.

    Case, accents and spaces do not matter; a missing half makes no pair. It cannot be read back without the key.
    """
    letters, number = plain(unicodedata.normalize("NFC", letters)).replace(" ", ""), day.strip().lstrip("0")
    if not letters or not number:
        return ""
    secret = f"survey-pair:{survey.series_id}:{settings.FIELD_KEY}".encode()
    return hmac.new(secret, f"{letters}:{number}".encode(), hashlib.sha256).hexdigest()


def questions_of(survey: Survey) -> list[Question]:
    return list(Question.objects.filter(questionnaire=survey.questionnaire_id).order_by("number"))


# --- Telling ---------------------------------------------------------------------------------------------------------------


def invite(survey: Survey, *, at: datetime | None = None) -> int:
    """Book one mail with the public address to everybody concerned who has an e-mail and has not been told; says how many.

    Before a series these are the people with a certain place, afterwards those who came. The address is the same for all,
    so an answer leads back to nobody. It is a message about what they signed up for, sent once: there is nothing to
    unsubscribe from. Locks the survey. Raises RuleBroken ``closed``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        current = Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
        if current.closes_at <= now:
            raise RuleBroken("closed", _("This survey is closed: nobody could answer any more."))
        people = uninvited(current)
        booked = messages.book_all(KIND, [_booking(current, person) for person in people], at=after_quiet(max(now, current.opens_at)))
    return len(booked)


def uninvited(survey: Survey) -> list[Person]:
    """Whom ``invite`` would write to, one person for each address; two queries."""
    told = set(Message.objects.filter(template=KIND, context__survey=survey.pk).values_list("recipient", flat=True))
    people: dict[str, Person] = {}
    for registration in _registrations(survey).exclude(person__email="").select_related("person").order_by("pk"):
        people.setdefault(registration.person.email.lower(), registration.person)
    heard = {address.lower() for address in told}
    return [person for address, person in people.items() if address not in heard]


def invite_due(at: datetime | None = None) -> int:
    """Invite those who came, on the day after the event or the last date, never at night; the worker's share.

    Whoever is noted as present later is told later, as long as the survey is open. Says how many mails were booked.
    """
    now = at or timezone.now()
    if after_quiet(now) != now:
        return 0
    surveys = Survey.objects.open(now).exclude(moment=Moment.BEFORE).select_related("event").order_by("pk")
    return sum(invite(survey, at=now) for survey in surveys.annotate(last=_last_date()) if _is_due(survey, now))


def _last_date() -> Max:
    return Max("series__events__ends_at", filter=Q(series__events__status=Event.Status.PUBLISHED))


def _is_due(survey: Any, now: datetime) -> bool:
    if survey.event is not None and not survey.event.is_published:
        return False
    ends_at = survey.event.ends_at if survey.event is not None else survey.last
    return ends_at is not None and at_clock(timezone.localdate(ends_at) + DAY, QUIET_UNTIL) <= now


def _registrations(survey: Survey) -> QuerySet[Registration]:
    seats = Seat.objects.filter(status=Seat.Status.CONFIRMED, event__status=Event.Status.PUBLISHED)
    seats = seats.filter(event=survey.event_id) if survey.event_id else seats.filter(event__series=survey.series_id)
    if survey.moment != Moment.BEFORE:
        seats = seats.filter(attendance=Seat.Attendance.CAME)
    return Registration.objects.filter(pk__in=seats.values("registration"))


def _booking(survey: Survey, person: Person) -> messages.Booking:
    address = hashlib.sha256(person.email.lower().encode()).hexdigest()[:24]
    return messages.Booking(person, {"survey": survey.pk}, f"{KIND}:{survey.pk}:{address}")


def surveys_about(event: Event) -> Iterable[Survey]:
    """The surveys of the event and of its series, with what they ask."""
    about = Q(event=event) | Q(series=event.series_id, series__isnull=False)
    return Survey.objects.filter(about).select_related("questionnaire", "event", "series").order_by("pk")
