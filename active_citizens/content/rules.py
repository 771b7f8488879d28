"""Who may what with news and photos: those of one's own neighbourhoods. Lists and predicates must agree."""

from datetime import date

from django.db.models import QuerySet

from active_citizens.content.models import News, Page, Photo
from participants.models import User
from projects.rules import own_neighbourhoods, runs_any, sees_everywhere


def may_manage_photo(user: User, photo: Photo, on: date | None = None) -> bool:
    return runs_any(user, photo.neighbourhoods.all(), on)


def manageable_photos(user: User, on: date | None = None) -> QuerySet[Photo]:
    """The list to go with ``may_manage_photo``."""
    if sees_everywhere(user, on):
        return Photo.objects.all()
    own = Photo.neighbourhoods.through.objects.filter(neighbourhood__in=own_neighbourhoods(user, on))
    return Photo.objects.filter(pk__in=own.values("photo"))


def pages_to_take_down(user: User, on: date | None = None) -> QuerySet[Page]:
    """Pages are the coordinator's to write, and the whole office's to take down in an emergency."""
    return Page.objects.all() if sees_everywhere(user, on) else Page.objects.none()


def may_manage_news(user: User, news: News, on: date | None = None) -> bool:
    return runs_any(user, news.neighbourhoods.all(), on)


def manageable_news(user: User, on: date | None = None) -> QuerySet[News]:
    """The list to go with ``may_manage_news``."""
    if sees_everywhere(user, on):
        return News.objects.all()
    return News.objects.filter(pk__in=News.neighbourhoods.through.objects.filter(
        neighbourhood__in=own_neighbourhoods(user, on)).values("news"))  # fmt: skip
