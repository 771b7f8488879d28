from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessLog(models.Model):
    """Who looked at, took out or changed personal data: ids only, each row chained to the one before (SEC-01, GDPR-11)."""

    class Action(models.TextChoices):
        READ = "read", _("read")
        EXPORT = "export", _("export")
        CHANGE = "change", _("change")
        RIGHTS = "rights", _("rights")
        LOGIN = "login", _("login to the panel")

    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField(_("what"), max_length=8, choices=Action)
    subject = models.CharField(_("of what"), max_length=80)
    subject_ids = models.JSONField(_("ids"), default=list)
    detail = models.JSONField(_("details"), default=dict)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    row_count = models.PositiveIntegerField(_("rows"), null=True, blank=True)
    previous = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("access log entry")
        verbose_name_plural = _("access log")
        indexes = [models.Index(fields=["at"], name="access_log_at")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"
