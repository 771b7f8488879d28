from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from active_citizens.core.models import Timestamped
from participants.models import AgeBand, Gender


class HeadCount(Timestamped):
    """People counted without a name: how many by one way of looking, never two crossed (domain.md 4.3, poland.md 4.5).

    The rows of the dimension "channel" say how many were reached and how; age and gender part those who came, with
    „brak odpowiedzi” for whoever was not asked or did not say.
    """

    class Dimension(models.TextChoices):
        CHANNEL = "channel", _("how they were reached")
        AGE = "age", _("age")
        GENDER = "gender", _("gender")

    class Channel(models.TextChoices):
        FACE_TO_FACE = "face_to_face", _("face to face")
        FESTIVAL = "festival", _("at a fair or festival")
        DIGITAL = "digital", _("on-line")
        PRINT = "print", _("by print")

    NO_ANSWER = "no_answer"
    _NOT_SAID = {NO_ANSWER: pgettext_lazy("of those counted", "no answer")}
    # What each dimension may be parted into, with its words.
    VALUES = {
        Dimension.CHANNEL: dict(Channel.choices),
        Dimension.AGE: {**dict(AgeBand.choices), **_NOT_SAID},
        Dimension.GENDER: {**dict(choice for choice in Gender.choices if choice[0] != Gender.UNTOLD), **_NOT_SAID},
    }

    event = models.ForeignKey("events.Event", verbose_name=_("event"), on_delete=models.CASCADE, related_name="head_counts")
    dimension = models.CharField(_("counted by"), max_length=8, choices=Dimension)
    value = models.CharField(_("of which"), max_length=14)
    heads = models.PositiveIntegerField(_("heads"))
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("counted by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("head count")
        verbose_name_plural = _("head counts")
        constraints = [models.UniqueConstraint(fields=["event", "dimension", "value"], name="head_count_once")]

    def __str__(self) -> str:
        return f"{self.event}: {self.heads} {self.label}"

    @property
    def label(self) -> str:
        """Of whom, in words."""
        return str(HeadCount.VALUES[HeadCount.Dimension(self.dimension)].get(self.value, self.value))
