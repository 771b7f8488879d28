"""How news, pages, photos and days of a diary are taken down in an emergency."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from active_citizens.content.domain.news import after_change
from active_citizens.content.models import DiaryEntry, News, Page, Photo
from active_citizens.content.rules import manageable_news, manageable_photos, pages_to_take_down
from active_citizens.core.refusal import RuleBroken
from projects import rules
from projects.domain import takedown, telling
from projects.domain.takedown import Noun, Writers
from projects.models import Initiative

# The addresses of pages, by their slug; what has none yet stands nowhere.
ADDRESSES = {
    "regulamin": "terms",
    "pomoc": "help",
    "kontakt": "contact",
    "prywatnosc": "privacy",
    "standardy-ochrony-maloletnich": "child_protection",
    "standardy-ochrony-maloletnich-dla-dzieci": "child_protection_children",
}


def _address(page: Page) -> str:
    name = ADDRESSES.get(page.slug)
    return reverse(name) if name else ""


def _restore_news(news: Any) -> None:
    """What stands there now is the first version anybody may read again."""
    takedown.restore_row(news)
    after_change(news)


def _restore_photo(photo: Any) -> None:
    """Raises RuleBroken ``files_removed``."""
    if photo.files_removed_at is not None:
        raise RuleBroken("files_removed", _("The files of this photo have been removed."))
    takedown.restore_row(photo)


def _writers(entry: Any) -> Writers | None:
    """The authors, of what they wrote themselves."""
    return Writers(entry.initiative, telling.authors_of(entry.initiative)) if entry.author_id is None else None


def _photo_writers(photo: Photo) -> Writers | None:
    """Those who brought it into the diary of their initiative; what the team added is its own."""
    entry = photo.diary_entries.filter(author=None).order_by("pk").first() if photo.added_by_id is None else None
    return _writers(entry) if entry else None


takedown.takes_down(
    Noun(
        "content.diaryentry",
        of="initiative",
        public=lambda: DiaryEntry.objects.shown().filter(initiative__in=Initiative.objects.published()),
        own=lambda user: DiaryEntry.objects.filter(initiative__in=rules.manageable_initiatives(user).order_by()),
        address=lambda entry: entry.initiative.get_absolute_url(),
        writers=_writers,
        # Their files open for anybody who knows the address: they go with the words.
        parts=lambda entry: entry.photos.filter(files_removed_at=None).order_by("pk"),
    )
)
takedown.takes_down(
    Noun(
        "content.news",
        public=News.objects.published,
        own=manageable_news,
        address=News.get_absolute_url,
        pages={"news_detail": {"slug": "slug"}, "news_version": {"slug": "slug"}},
        restore=_restore_news,
    )
)
takedown.takes_down(
    Noun(
        "content.page",
        public=Page.objects.published,
        own=pages_to_take_down,
        address=_address,
        pages={name: {"slug": "slug"} for name in ADDRESSES.values()},
    )
)
takedown.takes_down(
    Noun(
        "content.photo",
        public=Photo.objects.shown,
        own=manageable_photos,
        address=lambda photo: photo.large_url,
        pages={"photo": {"key": "key"}},
        restore=_restore_photo,
        is_file=True,
        writers=_photo_writers,
    )
)
