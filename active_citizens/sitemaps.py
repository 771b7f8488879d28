"""What search engines may list: public pages only."""

from django.contrib.sitemaps import Sitemap
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone

from active_citizens.content.models import News
from events.models import Event, StudyTrip
from participants.models import Organisation
from projects.models import GrantCall, Initiative, Neighbourhood, Project


class Pages(Sitemap):
    def items(self) -> list[str]:
        lists = ["home", "project_list", "neighbourhood_list", "event_list", "initiative_list", "organisation_list", "news_list",
                 "grant_call_list"]  # fmt: skip
        return [*lists, "help", "contact", "privacy", "terms", "declaration", "child_protection"]

    def location(self, item: str) -> str:
        return reverse(item)


class Rows(Sitemap):
    def __init__(self, rows: "QuerySet[Model]") -> None:
        self.rows = rows

    def items(self) -> "QuerySet[Model]":
        return self.rows.all()

    def lastmod(self, item: Model) -> object:
        return item.updated_at  # type: ignore[attr-defined]


class PublishedNews(Rows):
    """What is out at the moment of asking; the scheduled is not."""

    def items(self) -> "QuerySet[Model]":
        return self.rows.filter(published_at__lte=timezone.now(), taken_down_at=None)


SITEMAPS = {
    "pages": Pages(),
    "projects": Rows(Project.objects.published()),
    "neighbourhoods": Rows(Neighbourhood.objects.published().in_order()),
    "events": Rows(Event.objects.published().order_by("-starts_at")),
    "initiatives": Rows(Initiative.objects.published().order_by("pk")),
    "organisations": Rows(Organisation.objects.published().in_order()),
    "calls": Rows(GrantCall.objects.published().filter(project__is_published=True).order_by("pk")),
    "news": PublishedNews(News.objects.filter(project__is_published=True).order_by("-published_at", "-pk")),
    "trips": Rows(StudyTrip.objects.published().order_by("pk")),
}
