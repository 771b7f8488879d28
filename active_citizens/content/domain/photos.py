"""The image library: a photo comes in, is hidden when somebody no longer agrees, and goes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from active_citizens.content.models import NewsPhoto, Photo, PhotoPerson
from active_citizens.core.pictures import LARGE, SMALL, Picture
from active_citizens.core.refusal import RuleBroken
from participants.domain import consents
from participants.models import ConsentText, Person, User
from projects.models import Neighbourhood

Hidden = Photo.Hidden
IMAGE = ConsentText.Purpose.IMAGE


@dataclass(frozen=True)
class Use:
    """Where a photo stands: in words, and the panel's page of it."""

    label: str
    url: str


Uses = Callable[[list[int]], dict[int, list[Use]]]
_uses: list[Uses] = []


def used_in(find: Uses) -> Uses:
    """Registers who knows where photos are used: called with the ids of photos, returns the uses of each."""
    _uses.append(find)
    return find


def uses_of(photos: Iterable[int]) -> dict[int, list[Use]]:
    """Where each of the photos is used; a constant number of queries for any number of photos."""
    ids = list(photos)
    found: dict[int, list[Use]] = {pk: [] for pk in ids}
    for find in _uses:
        for pk, uses in find(ids).items():
            found[pk] += uses
    return found


@used_in
def _in_news(photos: list[int]) -> dict[int, list[Use]]:
    found: dict[int, list[Use]] = {}
    for placed in NewsPhoto.objects.filter(photo__in=photos).select_related("news").order_by("news_id"):
        use = Use(_("news: %(title)s") % {"title": placed.news}, reverse("admin:content_news_change", args=[placed.news_id]))
        found.setdefault(placed.photo_id, []).append(use)
    return found


def add(
    picture: Picture,
    *,
    neighbourhoods: Iterable[Neighbourhood],
    alt: str = "",
    is_decorative: bool = False,
    caption: str = "",
    taken_on: date | None = None,
    people: str = Photo.People.NONE,
    paper_reference: str = "",
    guardian_note: str = "",
    actor: User | None = None,
    once_for: str = "",
) -> Photo:
    """Take a picture into the library; the same one again for the same ``once_for`` and account is the photo there is.

    So a form sent twice makes one photo. One that was hidden since is not brought back that way: it comes in anew, but one
    that was taken down does not: ``taken_down``.
    Raises RuleBroken ``no_alt`` without words for those who do not see it, ``no_consent`` when somebody can be recognised
    and no paper is named. A row without its files never stays, nor files without their row.
    """
    alt, paper_reference = alt.strip(), paper_reference.strip()
    check_alt(alt, is_decorative)
    if people == Photo.People.RECOGNISABLE and not paper_reference:
        raise RuleBroken("no_consent", _("Write where the paper with the consent is: without it the photo cannot be shown."),
                         field="paper_reference")  # fmt: skip
    photo = Photo(
        width=picture.width, height=picture.height, alt_pl=alt, is_decorative=is_decorative, caption_pl=caption.strip(),
        taken_on=taken_on, people=people, added_by=actor,
    )  # fmt: skip
    before = _named_once(photo, picture, once_for) if once_for else None
    if before is not None:
        return before
    write_files(photo, picture)
    try:
        with transaction.atomic():
            photo.save()
            photo.neighbourhoods.set(neighbourhoods)
            if people == Photo.People.RECOGNISABLE:
                PhotoPerson.objects.create(photo=photo, paper_reference=paper_reference, guardian_note=guardian_note.strip())
    except BaseException as broken:
        photo.small.delete(save=False)
        photo.large.delete(save=False)
        # The same form sent twice at once: the other one was faster.
        meanwhile = Photo.objects.filter(key=photo.key).first() if once_for and isinstance(broken, IntegrityError) else None
        if meanwhile is None:
            raise
        return meanwhile
    return photo


def _named_once(photo: Photo, picture: Picture, once_for: str) -> Photo | None:
    """The photo of this picture that is there already; else None, and the key that says so: guessed by nobody without our secret."""
    content = sha256(picture.files[LARGE]).hexdigest()
    key = salted_hmac("photo", f"{once_for}:{photo.added_by_id}:{content}", algorithm="sha256").hexdigest()[:24]
    before = Photo.objects.filter(key=key).first()
    if before is None:
        photo.key = key
        return None
    if before.taken_down_at is not None:
        raise RuleBroken("taken_down", _("This photo was taken down from the portal. Choose another one."), field="picture")
    return before if before.hidden_at is None else None


def write_files(photo: Photo, picture: Picture) -> None:
    """Put the files beside the row, which is saved afterwards."""
    photo.width, photo.height = picture.width, picture.height
    photo.small.save(f"{photo.key}-{SMALL}.webp", ContentFile(picture.files[SMALL]), save=False)
    photo.large.save(f"{photo.key}-{LARGE}.webp", ContentFile(picture.files[LARGE]), save=False)


def check_alt(alt: str, is_decorative: bool) -> None:
    """Raises RuleBroken ``no_alt`` (A11Y: every picture has words, or is an ornament)."""
    if not alt and not is_decorative:
        raise RuleBroken("no_alt", _("Write what is in the picture, for those who do not see it."), field="alt")


def hide(photo: Photo, *, at: datetime | None = None) -> None:
    """Take the photo off every page; hidden already, it stays as it was."""
    _hide([photo.pk], Hidden.TEAM, at or timezone.now())


def show_again(photo: Photo) -> None:
    """Bring a hidden photo back.

    Raises RuleBroken ``files_removed``, ``taken_down``, or ``no_consent`` when it could not be shown even so.
    """
    with transaction.atomic():
        row = Photo.objects.select_for_update(no_key=True).get(pk=photo.pk)
        if row.files_removed_at is not None:
            raise RuleBroken("files_removed", _("The files of this photo have been removed."))
        if row.taken_down_at is not None:
            raise RuleBroken("taken_down", _("This photo was taken down: whoever may, restores it first."))
        row.hidden_at, row.hidden_why = None, ""
        row.save(update_fields=["hidden_at", "hidden_why", "updated_at"])
        if not Photo.objects.shown().filter(pk=row.pk).exists():
            raise RuleBroken("no_consent", _("Somebody in the picture has not agreed to be shown, so it stays hidden."))


def remove_files(photo: Photo, *, at: datetime | None = None) -> None:
    """Delete for good the files of a photo that is hidden or taken down; the row stays and says that they are gone.

    Raises RuleBroken ``not_hidden``.
    """
    with transaction.atomic():
        row = Photo.objects.select_for_update(no_key=True).get(pk=photo.pk)
        if row.files_removed_at is not None:
            return
        if row.hidden_at is None and row.taken_down_at is None:
            raise RuleBroken("not_hidden", _("Hide the photo first: it still stands on pages."))
        row.drop_files()
        row.small, row.large, row.files_removed_at = "", "", at or timezone.now()
        row.save(update_fields=["small", "large", "files_removed_at", "updated_at"])


@consents.on_withdrawal(IMAGE)
def hide_photos_of(person: Person, scope: str, at: datetime) -> None:
    """Whoever takes the consent back is seen in no photo from that moment (GDPR-04); the team finds the photos listed."""
    _hide(PhotoPerson.objects.filter(person=person).values("photo"), Hidden.CONSENT, at)


def _hide(photos: Any, why: str, at: datetime) -> None:
    Photo.objects.filter(pk__in=photos, hidden_at=None).update(hidden_at=at, hidden_why=why, updated_at=at)
