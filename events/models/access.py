from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from active_citizens.core.models import Timestamped


class AccessRequestQuerySet(models.QuerySet["AccessRequest"]):
    def open(self) -> "AccessRequestQuerySet":
        return self.filter(status=AccessRequest.Status.ASKED).order_by("due_on", "pk")


class AccessRequest(Timestamped):
    """What somebody needs in order to take part: a request with an owner and a deadline (A11Y-11, GDPR-08).

    ``arrangements`` and ``wish`` say what to prepare, and the animator sees them; ``sealed`` says why, encrypted, for
    the owner's eyes only, and is wiped after the event.
    """

    class Arrangement(models.TextChoices):
        PJM = "pjm", _("interpreter of Polish Sign Language")
        LOOP = "loop", _("induction loop")
        STEP_FREE = "step_free", _("way in without steps")
        SEAT = "seat", _("a seat near the front or the door")
        LARGE_PRINT = "large_print", _("materials in large print")
        QUIET = "quiet", _("a quiet place to rest")
        ASSISTANT = "assistant", _("coming with an assistant or an assistance dog")
        GUIDE = "guide", _("somebody to meet me at the stop")
        DIET = "diet", _("other food")
        OTHER = "other", _("something else")

    class Status(models.TextChoices):
        ASKED = "asked", _("waiting for an answer")
        ARRANGED = "arranged", _("arranged")
        UNMET = "unmet", _("cannot be arranged")
        WITHDRAWN = "withdrawn", pgettext_lazy("access request", "withdrawn")

    registration = models.ForeignKey(
        "events.Registration", verbose_name=_("sign-up"), on_delete=models.CASCADE, related_name="access_requests"
    )
    arrangements = ArrayField(models.CharField(max_length=12, choices=Arrangement), verbose_name=_("what to prepare"), default=list)
    wish = models.CharField(_("what to prepare, in words"), max_length=300, blank=True)
    sealed = models.BinaryField(null=True, blank=True, editable=False)
    consent = models.ForeignKey(
        "participants.Consent", verbose_name=_("consent"), null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.ASKED, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(_("answer by"))
    late = models.BooleanField(_("asked late"), default=False, editable=False)
    answer = models.TextField(_("answer"), max_length=1000, blank=True)
    alternative = models.TextField(_("what we can do instead"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("answered by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    told_late_at = models.DateTimeField(_("told that the answer is late"), null=True, blank=True, editable=False)
    wiped_at = models.DateTimeField(_("reason wiped"), null=True, blank=True, editable=False)

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("access request")
        verbose_name_plural = _("access requests")
        indexes = [models.Index(fields=["due_on"], name="access_request_open", condition=Q(status="asked"))]
        constraints = [
            models.CheckConstraint(condition=~Q(arrangements=[]) | ~Q(wish=""), name="access_request_says_what"),
            models.CheckConstraint(condition=Q(sealed=None) | Q(consent__isnull=False), name="access_request_reason_needs_consent"),
            models.CheckConstraint(condition=~Q(status="unmet") | ~Q(alternative=""), name="access_request_unmet_offers_another_way"),
            models.CheckConstraint(
                condition=Q(status__in=["asked", "withdrawn"]) | Q(answered_at__isnull=False), name="access_request_answer_has_time"
            ),
            models.UniqueConstraint(fields=["registration"], condition=~Q(status="withdrawn"), name="access_request_one_per_registration"),
        ]

    def __str__(self) -> str:
        return f"{self.registration.event}: {self.arrangements_shown}"

    @property
    def arrangements_shown(self) -> str:
        """What to prepare, in words, without why."""
        labels = [str(AccessRequest.Arrangement(kind).label) for kind in self.arrangements if kind != AccessRequest.Arrangement.OTHER]
        return ", ".join([*labels, self.wish] if self.wish else labels)
