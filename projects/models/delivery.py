import secrets
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


def new_receipt_key() -> str:
    return secrets.token_hex(12)


def receipt_path(expense: "Expense", name: str) -> str:
    """Where the picture of a receipt is kept: by its key, never by what the camera called it."""
    return f"paragony/{expense.receipt_key[:2]}/{expense.receipt_key}.webp"


class Expense(Timestamped):
    """One thing that was paid for, with its receipt: the number, and a photo or scan of it."""

    initiative = models.ForeignKey("projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="expenses")
    budget_line = models.ForeignKey(
        "projects.BudgetLine", verbose_name=_("line of the budget"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="expenses",
    )  # fmt: skip
    paid_on = models.DateField(_("paid on"))
    what = models.CharField(_("what for"), max_length=200)
    grosze = models.PositiveIntegerField(_("amount (grosze)"))
    receipt_number = models.CharField(_("number of the receipt or invoice"), max_length=80)
    receipt_key = models.CharField(_("key of the picture"), max_length=24, default=new_receipt_key, unique=True, editable=False)
    receipt = models.FileField(_("picture of the receipt"), upload_to=receipt_path, max_length=120, blank=True, editable=False)

    class Meta:
        verbose_name = _("expense")
        verbose_name_plural = _("expenses")
        ordering = ["paid_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(grosze__gt=0), name="expense_costs_something"),
            models.CheckConstraint(condition=~Q(receipt_number=""), name="expense_has_receipt"),
        ]

    def __str__(self) -> str:
        return self.what

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """The picture goes with the row, once that is certain."""
        self.drop_receipt()
        return super().delete(*args, **kwargs)

    def drop_receipt(self) -> None:
        """Let the picture go when the transaction holds; a rolled back one has lost nothing."""
        if name := self.receipt.name:
            transaction.on_commit(lambda: default_storage.delete(name))


class VolunteerWork(Timestamped):
    """Work that was given for nothing on one day: how many people, how long together; no names."""

    initiative = models.ForeignKey(
        "projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="volunteer_work"
    )
    done_on = models.DateField(_("on"))
    people = models.PositiveSmallIntegerField(_("how many people"))
    minutes = models.PositiveIntegerField(_("time of all together (minutes)"))
    what = models.CharField(_("what they did"), max_length=200)

    class Meta:
        verbose_name = _("volunteer work")
        verbose_name_plural = _("volunteer work")
        ordering = ["done_on", "pk"]
        constraints = [models.CheckConstraint(condition=Q(people__gt=0, minutes__gt=0), name="volunteer_work_took_time")]

    def __str__(self) -> str:
        return self.what


class LeaderChange(models.Model):
    """Who led an initiative till when, and why somebody else took over; an erasure takes the people out of it."""

    initiative = models.ForeignKey(
        "projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="leader_changes"
    )
    before = models.ForeignKey(
        "participants.Person", verbose_name=_("led before"), null=True, blank=True, on_delete=models.SET_NULL, related_name="led_before"
    )
    after = models.ForeignKey(
        "participants.Person", verbose_name=_("leads now"), null=True, blank=True, on_delete=models.SET_NULL, related_name="led_after"
    )
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("why"), max_length=300)

    class Meta:
        verbose_name = _("change of leader")
        verbose_name_plural = _("changes of leader")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.initiative}, {self.at:%Y-%m-%d}"
