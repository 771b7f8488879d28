"""A series: several dates of one thing, made at once and, where it is offered, signed up for at once."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import EllipsisType
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events import emails
from events.domain import guardians, parties, places, publication, queue
from events.domain.rhythm import MOST_DATES
from events.models import Event, Registration, Seat, Series
from participants.domain import messages
from participants.models import Message, Notice, Person, User
from projects.models import Membership, Module, Venue

# What one letter about the whole series says, so that no letter about a single date needs to.
SAID_AT_ONCE = ("registration_held", "registration_waiting", "registration_confirmed", "registration_promoted", "registration_cancelled")


@dataclass(frozen=True)
class Planned:
    """One more date; what is left out is as at the event it is made from (``capacity`` None: no limit)."""

    starts_at: datetime
    title: str = ""
    venue: Venue | None = None
    module: Module | None = None
    capacity: int | EllipsisType | None = ...


def make_series(
    event: Event,
    dates: Sequence[Planned],
    *,
    title: str,
    whole: bool,
    publish: bool = False,
    at: datetime | None = None,
) -> Series:
    """Make the dates from the event: each is an event of its own, in the series of the event, made at the first need.

    All dates are made, and with ``publish`` published together with the event, or none. The same dates again change
    nothing. Locks the event. Raises RuleBroken: ``too_few``, ``too_many``, ``in_the_past``, ``date_twice``, and with
    ``publish`` as ``publication.publish`` does, naming the date.
    """
    now = at or timezone.now()
    with transaction.atomic():
        event = queue.lock(event)
        if event.series is not None:
            # Dates may be added from any of its events.
            Series.objects.select_for_update(no_key=True).get(pk=event.series.pk)
        standing = _standing(event)
        planned = {date.starts_at for date in dates}
        if event.series is not None and planned and planned <= standing - {event.starts_at}:
            return event.series
        _check_dates(dates, standing, now)
        series = _series(event, title, whole)
        made = [_date(event, date, series, now) for date in dates]
        if publish:
            for each in [event, *made]:
                _publish(each, now)
    return series


def change_series(series: Series, *, title: str, whole: bool) -> Series:
    """Name the series anew, or begin or stop offering sign-up for all of its dates; sign-ups stay as they are."""
    with transaction.atomic(), translation.override("pl"):
        series = Series.objects.select_for_update(no_key=True).get(pk=series.pk)
        series.title, series.whole = title, whole
        series.save()
    return series


def sign_up_for_all(
    series: Series,
    person: Person,
    heads: Sequence[parties.Head],
    *,
    key: uuid.UUID,
    notice: Notice | None = None,
    home: Membership | None = None,
    guardian: Person | None = None,
    channel: str = Registration.Channel.WEB,
    all_or_none: bool = True,
    hourly_limit: int | None = None,
    actor: User | None = None,
    at: datetime | None = None,
) -> list[Registration]:
    """Sign the party up for every date that is still open, each with its own place or turn, and say it in one letter.

    A date the contact is signed up for already stays as it is. The same ``key`` again returns the first sign-ups.
    Locks the events in the order of their keys. Raises RuleBroken: ``not_whole``, ``nothing_open``, ``key_used``,
    ``already_registered`` when that holds for every date, and as ``places.register`` does; then nothing is written.
    """
    now = at or timezone.now()
    with transaction.atomic():
        events = _open_dates(series, actor, now)
        first = list(_of_key(key))
        if first:
            return _repeated(first, series, person)
        if not series.whole:
            raise RuleBroken("not_whole", _("This series takes sign-ups for single dates only."))
        if not events:
            raise RuleBroken("nothing_open", _("No date of this series takes sign-ups at the moment."))
        how = {"notice": notice, "guardian": guardian, "channel": channel, "all_or_none": all_or_none, "actor": actor, "at": now}
        made = _register_each(events, person, heads, key, {**how, "home": home, "hourly_limit": hourly_limit})
        _tell(made, now)
    return sorted(made, key=lambda registration: registration.event.starts_at)


def confirm_all(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> list[Registration]:
    """The contact answered from one link: every date signed up for with it is confirmed; one letter says so.

    Raises RuleBroken as ``places.confirm`` does for the registration itself; another date that refuses stays as it is.
    Locks the events in the order of their keys.
    """
    now = at or timezone.now()
    return _answer(registration, lambda each: places.confirm(each, actor=actor, at=now), now)


def agree_for_all(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> list[Registration]:
    """The guardian agreed once: it holds for every date signed up for together. Raises and locks as ``confirm_all``."""
    now = at or timezone.now()
    return _answer(registration, lambda each: guardians.agree(each, actor=actor, at=now), now)


def cancel_rest(registration: Registration, *, actor: User | None = None, at: datetime | None = None) -> list[Registration]:
    """Give back the places of every date signed up for together that has not begun; one letter says so.

    Asking twice gives the same answer. Locks the events in the order of their keys. Raises RuleBroken ``over`` when
    the sign-up is for one date only and that has ended.
    """
    now = at or timezone.now()
    if registration.series_key is None:
        return [places.cancel(registration, actor=actor, at=now)]
    with transaction.atomic():
        rest = _lock_all(registration.series_key, now)
        done = [places.cancel(each, actor=actor, at=now) for each in rest if each.closed_at is None]
        _say_at_once("series_cancelled", done, now)
    return done


# --- Making ---------------------------------------------------------------------------------------------------------------


def _standing(event: Event) -> set[datetime]:
    """When the event and the other dates of its series start; a date called off may be made anew."""
    dates = Event.objects.filter(series=event.series_id).exclude(status=Event.Status.CANCELLED) if event.series_id else Event.objects.none()
    return {event.starts_at, *dates.values_list("starts_at", flat=True)}


def _check_dates(dates: Sequence[Planned], standing: set[datetime], now: datetime) -> None:
    if not dates:
        raise RuleBroken("too_few", _("A series has at least two dates: add one."))
    if len(standing) + len(dates) > MOST_DATES:
        raise RuleBroken("too_many", _("A series has at most %(limit)s dates.") % {"limit": MOST_DATES})
    seen = set(standing)
    for date in dates:
        if date.starts_at <= now:
            raise RuleBroken("in_the_past", _("%(date)s has passed already.") % {"date": _said(date.starts_at)}, date=date.starts_at)
        if date.starts_at in seen:
            sentence = _("%(date)s is in the series already.") % {"date": _said(date.starts_at)}
            raise RuleBroken("date_twice", sentence, date=date.starts_at)
        seen.add(date.starts_at)


def _series(event: Event, title: str, whole: bool) -> Series:
    """The event's series, made when it has none, called so and offered so."""
    series = event.series or Series(project_id=event.project_id, is_demo=event.is_demo)
    # Columns without a language hold the Polish text, whoever works in which language.
    with translation.override("pl"):
        series.title, series.whole = title.strip() or event.title, whole
        series.save()
    if event.series_id is None:
        event.series = series
        event.save(update_fields=["series", "updated_at"])
    return series


def _date(event: Event, date: Planned, series: Series, now: datetime) -> Event:
    own: dict[str, object] = {"series": series}
    with translation.override("pl"):
        has_own_title = date.title and date.title != event.title
    if has_own_title:
        # Nobody has translated the date's own title: the Polish one is shown.
        own |= {"title_pl": date.title, "title_en": None, "title_uk": None}
    own |= {name: value for name, value in (("venue", date.venue), ("module", date.module)) if value is not None}
    if date.capacity is not ...:
        own["capacity"] = date.capacity
    return publication.copy(event, starts_at=date.starts_at, at=now, **own)


def _publish(event: Event, now: datetime) -> None:
    """Publish one date; what is refused says which date it is about."""
    if event.is_cancelled or event.is_published:
        return
    try:
        publication.publish(event, at=now)
    except RuleBroken as broken:
        raise RuleBroken(broken.code, f"{_said(event.starts_at)}: {broken}", date=event.starts_at) from broken


def _said(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


# --- Signing up -----------------------------------------------------------------------------------------------------------


def _of_key(key: uuid.UUID) -> QuerySet[Registration]:
    """The sign-ups made together, in the order of their dates."""
    return Registration.objects.filter(series_key=key).select_related("event", "person").order_by("event__starts_at", "pk")


def _open_dates(series: Series, actor: User | None, now: datetime) -> list[Event]:
    """The dates that take sign-ups now, locked in the order of their keys; the team may add people outside the window."""
    rows = Event.objects.filter(series=series, status=Event.Status.PUBLISHED, starts_at__gt=now).order_by("pk")
    locked = rows.without_texts("title", "summary", "description", "access_note").select_for_update(no_key=True)
    return [event for event in locked if event.accepts_sign_ups(now) or (actor is not None and event.sign_up != Event.SignUp.NONE)]


def _register_each(
    events: Iterable[Event], person: Person, heads: Sequence[parties.Head], key: uuid.UUID, how: dict[str, Any]
) -> list[Registration]:
    """A sign-up for each date but those the contact is signed up for; raises ``already_registered`` when that is all of them."""
    made: list[Registration] = []
    refused: RuleBroken | None = None
    for event in events:
        # Where the person lives is written once, and all dates together are one try of the contact.
        own = {**how, "home": None, "hourly_limit": None} if made else how
        try:
            made.append(places.register(event, person, heads, key=uuid.uuid5(key, str(event.pk)), series_key=key, telling=False, **own))
        except RuleBroken as broken:
            if broken.code != "already_registered":
                raise
            refused = broken
    if not made and refused is not None:
        raise refused
    return made


def _repeated(first: list[Registration], series: Series, person: Person) -> list[Registration]:
    """The same form sent again shows the first result; with another series or contact it is not the same form."""
    if any(registration.event.series_id != series.pk or registration.contact != person.contact for registration in first):
        raise RuleBroken("key_used", _("This form has already been used. Open the sign-up page again."))
    for registration in first:
        registration.given = list(registration.seats.all())
    return first


def _tell(made: Sequence[Registration], now: datetime) -> None:
    """One letter, and one question to a guardian, about all dates; without a mailbox, a call for each place that waits for one."""
    first = made[0]
    if first.awaits_guardian:
        emails.ask_guardian(first, now)
    message = messages.book("series_registered", first.person, _context(made), key=f"series:{first.series_key}", at=now)
    if message is None or message.status == Message.Status.DROPPED:
        for registration in made:
            if any(seat.held_for == Seat.HeldFor.VERIFICATION for seat in registration.given):
                emails.tell(registration, "registration_held", now)


def _answer(registration: Registration, verb: Callable[[Registration], Registration], now: datetime) -> list[Registration]:
    """The verb on the registration and on those made together with it; what another date refuses is left as it is."""
    if registration.series_key is None:
        return [verb(registration)]
    with transaction.atomic():
        together = _lock_all(registration.series_key, now, also=registration.event_id)
        done = [verb(registration)]
        for other in together:
            if other.pk == registration.pk:
                continue
            try:
                done.append(verb(other))
            except RuleBroken:
                continue
        _say_at_once("series_registered", done, now)
    return done


def _lock_all(key: uuid.UUID, now: datetime, *, also: int | None = None) -> list[Registration]:
    """The sign-ups made together whose dates have not begun, as they stand once all their events are locked in order."""
    ahead = Event.objects.filter(registrations__series_key=key, starts_at__gt=now).values("pk")
    list(Event.objects.filter(Q(pk__in=ahead) | Q(pk=also)).order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    return list(_of_key(key).filter(event__starts_at__gt=now))


def _say_at_once(kind: str, registrations: Sequence[Registration], now: datetime) -> None:
    """The letters about single dates that have not been sent yet become one about them all; when there are none, nothing new is said."""
    if len(registrations) < 2:
        return
    about = [registration.pk for registration in registrations]
    single = Message.objects.filter(status=Message.Status.QUEUED, template__in=SAID_AT_ONCE, context__registration__in=about)
    if single.update(status=Message.Status.DROPPED, error="Said in one letter about the whole series.", updated_at=now):
        messages.book(kind, registrations[0].person, _context(registrations), at=now)


def _context(registrations: Iterable[Registration]) -> dict[str, list[int]]:
    return {"registrations": [registration.pk for registration in registrations]}
