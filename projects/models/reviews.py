from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class ReviewNote(Timestamped):
    """A remark of the team about an initiative, for the team alone: beside the public answer, never in it."""

    initiative = models.ForeignKey(
        "projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="review_notes"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("note"))

    class Meta:
        verbose_name = _("note of the team")
        verbose_name_plural = _("notes of the team")
        ordering = ["created_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="review_note_says_something")]

    def __str__(self) -> str:
        return self.text[:60]


class AnswerTemplate(Timestamped):
    """A prepared answer the team begins from; what is sent is always what somebody read and changed."""

    title = models.CharField(_("name"), max_length=120, unique=True)
    # For which state of an initiative it is offered; blank: for every one.
    status = models.CharField(_("for moving to"), max_length=16, blank=True)
    text = models.TextField(_("text"))
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    class Meta:
        verbose_name = _("answer template")
        verbose_name_plural = _("answer templates")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
