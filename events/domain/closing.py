"""Closing an event: what it was is written down, what was agreed is followed up, and nobody is blocked who does not."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.content.domain import news as news_verbs
from active_citizens.content.domain import photos
from active_citizens.content.models import News, NewsPhoto, Photo
from active_citizens.core.days import after_quiet
from active_citizens.core.refusal import RuleBroken
from events import emails
from events.domain import heads, queue
from events.models import Agreement, ClosingPhoto, Event, EventClosing
from events.rules import manageable_events, may_manage_event
from participants.models import User
from projects.models import Assignment, Initiative

# An event nobody has closed by then is history, and stands on no list of things to do.
TO_CLOSE_FOR = timedelta(days=60)
# The nudge comes on the second day; for events much older it would only annoy.
NUDGE_ON_DAY, NUDGE_UNTIL_DAY = 2, 9


@dataclass(frozen=True)
class Account:
    """What the card says of the event; heads None: as counted. Minutes and grosze are whole numbers."""

    heads: int | None = None
    volunteer_minutes: int | None = None
    cost_grosze: int | None = None
    sentences: dict[str, str] = field(default_factory=dict)
    is_story_public: bool = False


@dataclass(frozen=True)
class Arrangement:
    """What was agreed, and who follows up: somebody of the team, or an office or organisation in words."""

    words: dict[str, str]
    owner: User | None = None
    owner_name: str = ""
    follow_up_on: date | None = None


def close(
    event: Event,
    account: Account,
    *,
    pictures: Iterable[Photo] = (),
    listed: Collection[int] | None = None,
    arrangement: Arrangement | None = None,
    actor: User | None = None,
    at: datetime | None = None,
) -> EventClosing:
    """Write down what the event was; done again, it overwrites what was said. Locks the event.

    ``pictures`` are all the photos of the event, in their order; with ``listed``, the ids the page had to offer, those
    it did not know of stay beside them. Raises RuleBroken ``not_published``, ``cancelled``,
    ``not_over``; ``says_nothing``, ``no_owner``, ``two_owners`` or ``no_day`` for an arrangement that is not whole.
    """
    now = at or timezone.now()
    with transaction.atomic():
        locked = queue.lock(event)
        check_may_close(locked, now)
        closing = EventClosing.objects.filter(event=locked).first() or EventClosing(event=locked)
        closing.heads, closing.volunteer_minutes = account.heads, account.volunteer_minutes
        closing.cost_grosze, closing.is_story_public = account.cost_grosze, account.is_story_public
        for name in EventClosing.QUESTIONS:
            setattr(closing, name, account.sentences.get(name, "").strip())
        closing.closed_by, closing.closed_at = actor, now
        closing.save()
        _place(closing, pictures, listed)
        if arrangement is not None:
            _agree(locked, arrangement)
    return closing


def check_may_close(event: Event, at: datetime | None = None) -> None:
    """Raises RuleBroken ``not_published``, ``cancelled`` or ``not_over``."""
    if event.is_cancelled:
        raise RuleBroken("cancelled", _("This event has been cancelled: there is nothing to close."))
    if not event.is_published:
        raise RuleBroken("not_published", _("This event has not been published."))
    if not event.is_over(at):
        raise RuleBroken("not_over", _("This event is not over yet. Come back when it is."))


def follow_up_done(agreement: Agreement, *, actor: User | None = None, at: datetime | None = None) -> Agreement:
    """Note that what was agreed has been followed up; noted before, it stays as it was. Locks the event."""
    with transaction.atomic():
        queue.lock(agreement.event)
        row = Agreement.objects.get(pk=agreement.pk)
        if row.done_at is None:
            row.done_at, row.done_by = at or timezone.now(), actor
            row.save(update_fields=["done_at", "done_by", "updated_at"])
    return row


def make_news(closing: EventClosing, *, actor: User, at: datetime | None = None) -> News:
    """A draft of news from what the card says, with its photos; the one made before, while it exists. Locks the event.

    Raises RuleBroken ``nothing_to_tell`` when none of the sentences for the public is written.
    """
    with transaction.atomic():
        event = Event.objects.get(pk=queue.lock(closing.event).pk)
        closing = EventClosing.objects.select_related("news").get(pk=closing.pk)
        if closing.news is not None:
            return closing.news
        if not closing.story:
            raise RuleBroken("nothing_to_tell", _("Write at least one of the sentences first: the news is made of them."))
        first, *rest = closing.story
        draft = News(
            project=event.project, title_pl=event.title, lead_pl=first, body_pl="\n\n".join(rest) or first,
            made_on=timezone.localdate(at), is_demo=event.is_demo, **news_verbs.metka_of(actor, event.project),
        )  # fmt: skip
        closing.news = news_verbs.save_new(draft)
        closing.save(update_fields=["news", "updated_at"])
        draft.neighbourhoods.set(event.neighbourhoods.all())
        placed = closing.placed_photos.values_list("photo_id", "position")
        NewsPhoto.objects.bulk_create(NewsPhoto(news=draft, photo_id=photo, position=position) for photo, position in placed)
    return draft


# --- What is counted ------------------------------------------------------------------------------------------------------


def heads_of(event: Event) -> int:
    """How many people the event reached face to face: as the card says, else as counted."""
    said, found = Event.objects.filter(pk=event.pk).values_list("closing__heads", heads.there()).get()
    return found if said is None else said


def counted_heads(event: Event) -> int:
    """How many were counted, whatever the card says."""
    return int(Event.objects.filter(pk=event.pk).values_list(heads.there(), flat=True).get())


# --- What is to be done ---------------------------------------------------------------------------------------------------


def to_close(user: User, at: datetime | None = None) -> QuerySet[Event]:
    """Events the account runs that are over and have no card yet, the oldest first; those of the last sixty days."""
    now = at or timezone.now()
    return _unclosed(now).filter(pk__in=manageable_events(user).values("pk"), ends_at__gte=now - TO_CLOSE_FOR)


def agreements_due(user: User, at: datetime | None = None) -> QuerySet[Agreement]:
    """What the account should follow up by today: its own, and that of the events it runs; the oldest first."""
    today = timezone.localdate(at)
    own = Q(owner=user) | Q(event__in=manageable_events(user).values("pk"))
    return Agreement.objects.open().filter(own, follow_up_on__lte=today).select_related("event", "owner")


def nudge_due(at: datetime | None = None, batch: int = 20) -> int:
    """Remind those who lead, else the animators of the place, that an event is not closed: once, on the second day, by day.

    Says how many events were seen to. An event with nobody to remind counts as seen to.
    """
    now = at or timezone.now()
    if after_quiet(now) != now:
        return 0
    day_start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    last, first = day_start - timedelta(days=NUDGE_ON_DAY - 1), day_start - timedelta(days=NUDGE_UNTIL_DAY)
    with transaction.atomic():
        due = _unclosed(now).filter(closing_nudged_at=None, ends_at__lt=last, ends_at__gte=first)
        rows = list(due.select_for_update(skip_locked=True, no_key=True, of=("self",))[:batch])
        for event in rows:
            for user in to_remind(event, now):
                emails.tell_to_close(event, user, now)
        Event.objects.filter(pk__in=[event.pk for event in rows]).update(closing_nudged_at=now)
    return len(rows)


def to_remind(event: Event, at: datetime | None = None) -> list[User]:
    """The accounts that lead or help and may still open the card; when there are none, the animators of the event's neighbourhoods."""
    day = timezone.localdate(at)
    leading = User.objects.filter(is_active=True, pk__in=event.leaders.values("user")).order_by("pk")
    able = [user for user in leading if may_manage_event(user, event, day)]
    if able:
        return able
    animators = Assignment.objects.live(day).filter(role=Assignment.Role.ANIMATOR, neighbourhood__in=event.neighbourhoods.all())
    return list(User.objects.filter(pk__in=animators.values("user")).order_by("pk"))


def _unclosed(now: datetime) -> QuerySet[Event]:
    over = Event.objects.filter(status=Event.Status.PUBLISHED, ends_at__lt=now)
    return over.filter(~Q(pk__in=EventClosing.objects.values("event"))).order_by("ends_at", "pk")


# --- What is shown --------------------------------------------------------------------------------------------------------


def public_story(event: Event) -> EventClosing | None:
    """The card whose story everybody may read, with ``shown_photos``; None when there is none."""
    closing = EventClosing.objects.filter(event=event, is_story_public=True).first()
    if closing is not None:
        closing.shown_photos = shown_photos(closing)  # type: ignore[attr-defined]
    return closing


def with_stories(events: QuerySet[Event]) -> QuerySet[Event]:
    """The events with ``is_told``: whether their page tells how it was, in words or in photos anybody may see."""
    said = Q()
    for name in EventClosing.TOLD:
        said |= ~Q(**{name: ""})
    seen = ClosingPhoto.objects.filter(closing=OuterRef("pk"), photo__in=Photo.objects.shown().values("pk"))
    told = EventClosing.objects.filter(said | Exists(seen), event=OuterRef("pk"), is_story_public=True)
    return events.annotate(is_told=Exists(told))


def brought(initiative: Initiative) -> dict[str, Any]:
    """What the closed, published events of the initiative brought: the events in their order, heads and minutes of volunteers.

    An event carries its ``heads_shown`` and, when its story is public, the ``story_shown``. One query.
    """
    found = Event.objects.published().filter(initiative=initiative, status=Event.Status.PUBLISHED, closing__isnull=False)
    events = list(found.select_related("closing").annotate(counted=heads.there()).order_by("starts_at", "pk"))
    for event in events:
        said = event.closing
        event.heads_shown = event.counted if said.heads is None else said.heads
        event.story_shown = said.story if said.is_story_public else []
    return {
        "events": events,
        "heads": sum(event.heads_shown for event in events),
        "minutes": sum(event.closing.volunteer_minutes or 0 for event in events),
    }


def shown_photos(closing: EventClosing) -> list[Photo]:
    return list(
        Photo.objects.shown().filter(placed_in_closings__closing=closing).order_by("placed_in_closings__position", "placed_in_closings__pk")
    )


@photos.used_in
def _in_closings(ids: list[int]) -> dict[int, list[photos.Use]]:
    found: dict[int, list[photos.Use]] = {}
    for placed in ClosingPhoto.objects.filter(photo__in=ids).select_related("closing__event").order_by("closing_id"):
        event = placed.closing.event
        found.setdefault(placed.photo_id, []).append(
            photos.Use(_("event: %(title)s") % {"title": event}, reverse("admin:events_event_close", args=[event.pk]))
        )
    return found


# --- Writing --------------------------------------------------------------------------------------------------------------


def _place(closing: EventClosing, pictures: Iterable[Photo], listed: Collection[int] | None) -> None:
    wanted = [photo.pk for photo in pictures]
    left_out = closing.placed_photos.exclude(photo__in=wanted)
    (left_out if listed is None else left_out.filter(photo__in=listed)).delete()
    ClosingPhoto.objects.bulk_create(
        (ClosingPhoto(closing=closing, photo_id=pk, position=position) for position, pk in enumerate(dict.fromkeys(wanted), start=1)),
        update_conflicts=True, unique_fields=["closing", "photo"], update_fields=["position"],
    )  # fmt: skip


def _agree(event: Event, arrangement: Arrangement) -> Agreement:
    words = {name: arrangement.words.get(name, "").strip() for name in Agreement.WORDS}
    owner_name = arrangement.owner_name.strip()
    if not (words["agreed"] or words["still_open"]):
        raise RuleBroken("says_nothing", _("Write what was agreed, or what is still open."), field="agreed")
    if arrangement.owner is None and not owner_name:
        raise RuleBroken("no_owner", _("Choose who follows up, or name the office or organisation."), field="owner")
    if arrangement.owner is not None and owner_name:
        raise RuleBroken("two_owners", _("One follows up: choose somebody of the team, or name an office."), field="owner_name")
    if arrangement.follow_up_on is None:
        raise RuleBroken("no_day", _("Write until when."), field="follow_up_on")
    row = Agreement.objects.open().filter(event=event).first() or Agreement(event=event)
    for name, text in words.items():
        setattr(row, name, text)
    row.owner, row.owner_name, row.follow_up_on = arrangement.owner, owner_name, arrangement.follow_up_on
    row.save()
    return row
