from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.content.models.news import News
from active_citizens.content.models.pages import Page


class Revision(models.Model):
    """A published version of a page or a piece of news as it stood: added with every publication, never overwritten (BIP-02)."""

    page = models.ForeignKey(Page, verbose_name=_("page"), null=True, on_delete=models.CASCADE, related_name="revisions")
    news = models.ForeignKey(News, verbose_name=_("piece of news"), null=True, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("version"))
    fields = models.JSONField(_("texts"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["page", "news", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="revision_one_per_number"),
            models.UniqueConstraint(fields=["news", "number"], name="revision_one_per_number_of_news"),
            models.CheckConstraint(
                condition=Q(page__isnull=False, news=None) | Q(page=None, news__isnull=False), name="revision_of_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page or self.news} {self.number}"
