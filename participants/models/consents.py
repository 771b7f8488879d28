from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class NoticeQuerySet(models.QuerySet["Notice"]):
    def current(self, purpose: str, language: str) -> "Notice | None":
        """The newest published text for the purpose, in the language if there is one, else in Polish; its body comes when asked for."""
        texts = self.filter(purpose=purpose, published_at__isnull=False, language__in={language, "pl"}).defer("body")
        return max(texts, key=lambda text: (text.language == language, text.version), default=None)


class Notice(Timestamped):
    """A privacy notice as residents were shown it: versions are added, never rewritten (GDPR-01)."""

    class Purpose(models.TextChoices):
        SIGN_UP = "sign_up", _("signing up for an event")
        PHONE = "phone", _("signing up by phone: short notice read aloud")
        ACCOUNT = "account", _("having an account")
        INITIATIVE = "initiative", _("proposing an initiative")
        PORTAL = "portal", _("the portal as a whole")

    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    version = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("in short"), help_text=_("Two or three sentences shown beside the form."))
    body = models.TextField(_("full text"), help_text=_("Markdown."))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("privacy notice")
        verbose_name_plural = _("privacy notices")
        constraints = [models.UniqueConstraint(fields=["purpose", "language", "version"], name="notice_one_per_version")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} ({self.language}, {self.version})"


class ConsentText(Timestamped):
    """What somebody agrees to, word for word: one row per purpose, language and version (GDPR-02, GDPR-03)."""

    class Purpose(models.TextChoices):
        IMAGE = "image", _("publishing my image")
        NEWSLETTER = "newsletter", _("news of the neighbourhood by e-mail")
        NEEDS = "needs", _("diet and access needs")
        LEADERS = "leaders", _("being in the leaders’ network")
        STORY = "story", _("publishing my story of a change")

    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    version = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("text"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        constraints = [models.UniqueConstraint(fields=["purpose", "language", "version"], name="consent_text_one_per_version")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} ({self.language}, {self.version})"


class Consent(models.Model):
    """One act of giving or withdrawing; a trigger refuses every change, so the newest row per purpose is what holds."""

    class Act(models.TextChoices):
        GIVEN = "given", _("given")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Channel(models.TextChoices):
        WEB = "web", _("on-line")
        PHONE = "phone", _("by phone")
        PAPER = "paper", _("on paper")

    person = models.ForeignKey("participants.Person", verbose_name=_("person"), on_delete=models.PROTECT, related_name="consents")
    text = models.ForeignKey(ConsentText, verbose_name=_("text"), on_delete=models.PROTECT, related_name="consents")
    scope = models.CharField(_("for what"), max_length=60, blank=True, help_text=_("Which list or event, when the purpose has several."))
    act = models.CharField(_("act"), max_length=10, choices=Act)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [models.Index(fields=["person", "-at"], name="consent_person_at")]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.at:%Y-%m-%d}"
