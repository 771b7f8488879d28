from datetime import datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from active_citizens.content.models.photos import Photo
from active_citizens.core.models import CanBeTakenDown, Timestamped
from projects.models import Neighbourhood


class NewsQuerySet(models.QuerySet["News"]):
    def published(self, at: datetime | None = None) -> "NewsQuerySet":
        """What anybody may read now, of a place that may be seen; the scheduled comes out by itself."""
        places = News.neighbourhoods.through.objects.filter(news=models.OuterRef("pk"), neighbourhood__is_published=True)
        out = self.filter(published_at__lte=at or timezone.now(), project__is_published=True, taken_down_at=None)
        return out.filter(models.Exists(places))

    def newest_first(self) -> "NewsQuerySet":
        return self.order_by("-published_at", "-pk")

    def in_neighbourhood(self, neighbourhood: Neighbourhood) -> "NewsQuerySet":
        return self.filter(neighbourhoods=neighbourhood)

    def for_lists(self) -> "NewsQuerySet":
        """With everything a line of a list shows and nothing longer, in a constant number of queries."""
        places = models.Prefetch("neighbourhoods", Neighbourhood.objects.for_links().in_order())
        return self.prefetch_related(places).defer("body", "body_pl", "body_en", "body_uk")


class News(Timestamped, CanBeTakenDown):
    """A piece of news of the neighbourhoods: a draft, scheduled or published; its metka says who answers for it (BIP-01)."""

    project = models.ForeignKey("projects.Project", verbose_name=_("project"), on_delete=models.PROTECT, related_name="news")
    neighbourhoods = models.ManyToManyField("projects.Neighbourhood", verbose_name=_("neighbourhoods"), related_name="news")
    slug = models.SlugField(_("address"), max_length=120, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=160)
    lead = models.TextField(_("in short"), max_length=400, blank=True)
    body = models.TextField(_("text"), help_text=_("Markdown."))
    photos = models.ManyToManyField(Photo, verbose_name=_("photos"), through="content.NewsPhoto", related_name="news", blank=True)
    publisher = models.CharField(_("publishing body"), max_length=200)
    author = models.CharField(_("answers for the text"), max_length=200)
    entered_by = models.CharField(_("published by"), max_length=200)
    made_on = models.DateField(_("made on"), default=timezone.localdate)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = NewsQuerySet.as_manager()

    class Meta:
        verbose_name = _("piece of news")
        verbose_name_plural = _("news")
        indexes = [models.Index(fields=["-published_at"], name="news_published")]
        constraints = [models.CheckConstraint(condition=~Q(publisher="") & ~Q(author="") & ~Q(entered_by=""), name="news_has_metka")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("news_detail", args=[self.slug])

    def is_out(self, at: datetime | None = None) -> bool:
        return self.published_at is not None and self.published_at <= (at or timezone.now())


class NewsPhoto(models.Model):
    """A photo of a piece of news in its place."""

    news = models.ForeignKey(News, on_delete=models.CASCADE, related_name="placed_photos")
    photo = models.ForeignKey(Photo, verbose_name=_("photo"), on_delete=models.CASCADE, related_name="placed_in_news")
    position = models.PositiveSmallIntegerField(_("order"), default=1)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["news", "photo"], name="news_photo_once")]

    def __str__(self) -> str:
        return str(self.photo)
