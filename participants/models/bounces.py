from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Bounce(models.Model):
    """A mail that came back: noted from the mailbox or by hand; after three the address is written to no more."""

    class Source(models.TextChoices):
        MAILBOX = "mailbox", _("from the mailbox")
        HAND = "hand", _("by hand")
        SERVER = "server", _("refused by the mail server")

    class Weight(models.TextChoices):
        LASTING = "lasting", _("lasting: the address does not exist")
        PASSING = "passing", _("passing: a full mailbox, an absent server")

    address = models.EmailField(_("address"))
    message = models.ForeignKey(
        "participants.Message", verbose_name=_("message"), null=True, blank=True, on_delete=models.SET_NULL, related_name="bounces"
    )
    weight = models.CharField(_("weight"), max_length=8, choices=Weight, default=Weight.LASTING)
    source = models.CharField(_("noted"), max_length=8, choices=Source)
    note = models.CharField(_("what the server said"), max_length=300, blank=True)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Set when somebody has checked the address or it answered: older bounces count no more.
    forgiven_at = models.DateTimeField(_("forgiven"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("returned mail")
        verbose_name_plural = _("returned mails")
        indexes = [models.Index(fields=["address"], name="bounce_address", condition=models.Q(forgiven_at=None))]
        constraints = [models.UniqueConstraint(fields=["message"], name="bounce_one_per_message")]

    def __str__(self) -> str:
        return f"{self.address} {self.at:%Y-%m-%d}"
