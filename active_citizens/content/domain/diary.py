"""The diary of an initiative: a day in words and photos, by its authors or the team; the team looks before everybody can."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from active_citizens.content.domain import photos
from active_citizens.content.models import DiaryEntry, Photo
from active_citizens.core.pictures import Picture
from active_citizens.core.refusal import RuleBroken
from participants.models import User
from projects.domain import following, workflow
from projects.domain.running import RUNS
from projects.models import Initiative

# So many entries stand on the page of an initiative, and so many photos beside its story.
SHOWN, WITH_STORY = 30, 3


@dataclass(frozen=True)
class NewPhoto:
    """A picture as somebody brings it; ``paper_reference`` names the consent where somebody can be recognised."""

    picture: Picture
    alt: str
    people: str = Photo.People.NONE
    paper_reference: str = ""


def write(
    initiative: Initiative,
    text: str,
    *,
    on: date,
    lang: str = "pl",
    pictures: Sequence[NewPhoto] = (),
    author: User | None = None,
    key: UUID | None = None,
    at: datetime | None = None,
) -> DiaryEntry:
    """Add a day; the same form sent twice is one entry. By the team (``author``) it is public at once. Locks the initiative.

    Raises RuleBroken ``not_running``, ``future_day``, ``says_nothing``, ``no_alt``; ``recognisable`` when its authors bring
    a photo with people who can be recognised: those go through the team, which keeps the consents.
    """
    now = at or timezone.now()
    with transaction.atomic():
        locked = workflow.lock(initiative)
        if key is not None and (before := DiaryEntry.objects.filter(entry_key=key).first()):
            return before
        _check(locked, text, on, pictures, author, now)
        entry = DiaryEntry.objects.create(
            initiative=locked, on=on, text=text.strip(), lang=lang, author=author, entry_key=key, shown_at=now if author else None
        )
        # Last of all: nothing may fail after a file has been written.
        places = list(locked.neighbourhoods.all())
        entry.photos.set([
            photos.add(
                new.picture, neighbourhoods=places, alt=new.alt, people=new.people, paper_reference=new.paper_reference, taken_on=on,
                actor=author, once_for=f"diary {entry.pk}",
            )
            for new in pictures
        ])  # fmt: skip
        if author is None:
            # Nobody has looked at them: their files open for nobody but the team before the entry is shown.
            for photo in entry.photos.all():
                photos.hide(photo, at=now)
    return entry


def _check(locked: Initiative, text: str, on: date, pictures: Sequence[NewPhoto], author: User | None, now: datetime) -> None:
    if locked.status not in RUNS:
        raise RuleBroken("not_running", _("The diary is written while the initiative runs."))
    if on > timezone.localdate(now):
        raise RuleBroken("future_day", _("This day is still to come. Write down what has been."), field="on")
    if not text.strip():
        raise RuleBroken("says_nothing", _("Write at least one sentence."), field="text")
    for new in pictures:
        photos.check_alt(new.alt.strip(), is_decorative=False)
        if new.people != Photo.People.RECOGNISABLE:
            continue
        if author is None:
            raise RuleBroken("recognisable", _("A photo on which people can be recognised goes through the team: it keeps their consents."))
        if not new.paper_reference.strip():
            raise RuleBroken("no_consent", _("Write where the paper with the consent is: without it the photo cannot be shown."))


def show(entry: DiaryEntry, *, at: datetime | None = None) -> None:
    """Let everybody read the entry, for the first time or again; shown already, it stays as it was. Locks the entry.

    The first time its photos, which nobody had looked at, are shown with it. Raises RuleBroken ``taken_down``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = DiaryEntry.objects.select_for_update(no_key=True).get(pk=entry.pk)
        if row.taken_down_at is not None:
            raise RuleBroken("taken_down", _("It has been taken down. Restore it first, if it should be read."))
        if row.shown_at is None:
            for photo in row.photos.filter(hidden_why=Photo.Hidden.TEAM, files_removed_at=None, taken_down_at=None):
                photos.show_again(photo)
        row.shown_at, row.hidden_at = row.shown_at or now, None
        row.save(update_fields=["shown_at", "hidden_at", "updated_at"])


def hide(entry: DiaryEntry, *, at: datetime | None = None) -> None:
    """Take the entry off the page; hidden already, it stays as it was. Its photos stay in the library."""
    now = at or timezone.now()
    DiaryEntry.objects.filter(pk=entry.pk, hidden_at=None).update(hidden_at=now, updated_at=now)


def public_diary(initiative: Initiative) -> dict[str, Any]:
    """``entries`` everybody may read, the newest first, each with ``shown_photos``; ``photos`` to stand beside the story. Two queries."""
    seen = Prefetch("photos", Photo.objects.shown().order_by("pk"), to_attr="shown_photos")
    entries = list(DiaryEntry.objects.shown().filter(initiative=initiative).prefetch_related(seen)[:SHOWN])
    found = [photo for entry in entries for photo in entry.shown_photos]
    return {"entries": entries, "photos": found[:WITH_STORY]}


@photos.used_in
def _in_diaries(ids: list[int]) -> dict[int, list[photos.Use]]:
    found: dict[int, list[photos.Use]] = {}
    placed = DiaryEntry.photos.through.objects.filter(photo__in=ids).select_related("diaryentry__initiative")
    for row in placed.order_by("diaryentry_id"):
        address = reverse("admin:content_diaryentry_change", args=[row.diaryentry_id])
        use = photos.Use(_("diary: %(title)s") % {"title": row.diaryentry.initiative}, address)
        found.setdefault(row.photo_id, []).append(use)
    return found


following.tells(
    following.Source(
        "diary", DiaryEntry.objects.shown, "shown_at", "initiative",
        lambda entry: (_("From the diary, %(day)s") % {"day": date_format(entry.on)}, entry.text, entry.lang), "shown_at",
    )
)  # fmt: skip
