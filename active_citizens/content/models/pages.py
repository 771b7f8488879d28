from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import CanBeTakenDown, Timestamped


class PageQuerySet(models.QuerySet["Page"]):
    def published(self) -> "PageQuerySet":
        return self.filter(published_at__isnull=False, taken_down_at=None)


class Page(Timestamped, CanBeTakenDown):
    """A page of text the coordinator writes: terms, contact, privacy; its metka says who answers for it (BIP-01)."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    lead = models.TextField(_("in short"), blank=True)
    body = models.TextField(_("text"), help_text=_("Markdown."))
    publisher = models.CharField(_("publishing body"), max_length=200)
    author = models.CharField(_("answers for the text"), max_length=200)
    entered_by = models.CharField(_("published by"), max_length=200)
    made_on = models.DateField(_("made on"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = PageQuerySet.as_manager()

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["slug"]
        constraints = [models.CheckConstraint(condition=~Q(publisher="") & ~Q(author="") & ~Q(entered_by=""), name="page_has_metka")]

    def __str__(self) -> str:
        return self.title
