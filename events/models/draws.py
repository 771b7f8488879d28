import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


def new_seed() -> str:
    return secrets.token_hex(16)


class Draw(Timestamped):
    """The lottery of one event: the seed is made before anybody signs up, its seal is shown at once, the seed after the draw.

    The order is that of SHA-256 over "seed:ticket"; a ticket is the registration's number. Anybody can recompute it.
    """

    event = models.OneToOneField("events.Event", verbose_name=_("event"), on_delete=models.CASCADE, related_name="draw")
    seed = models.CharField(_("seed"), max_length=64, default=new_seed, editable=False)
    drawn_at = models.DateTimeField(_("drawn"), null=True, blank=True, editable=False)
    # [{"ticket": 12, "heads": 2, "digest": "…", "rank": 1, "places": 2}, …] as it stood when drawn: no names.
    protocol = models.JSONField(_("protocol"), default=list, blank=True, editable=False)
    capacity = models.PositiveSmallIntegerField(_("places drawn for"), null=True, blank=True, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        constraints = [models.CheckConstraint(condition=~Q(seed=""), name="draw_has_seed")]

    def __str__(self) -> str:
        return str(self.event)

    @property
    def seal(self) -> str:
        """SHA-256 of the seed: shown before the draw, so that nobody can choose the seed afterwards."""
        return hashlib.sha256(self.seed.encode()).hexdigest()
