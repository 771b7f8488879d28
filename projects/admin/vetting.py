"""Checks in the register before work with children: who is due soon, and a new check (GDPR-16)."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy, pgettext_lazy

from participants.models import User
from projects import rules
from projects.admin_base import Refusable, RuledAdmin
from projects.domain import vetting
from projects.models import Assignment, Vetting

DUE_SOON = timedelta(days=30)
STATES = {
    "valid": ("success", gettext_lazy("counts")),
    "soon": ("warning", gettext_lazy("due soon")),
    "lapsed": ("danger", pgettext_lazy("a check in the register", "lapsed")),
    "replaced": ("plain", gettext_lazy("replaced by a newer one")),
}


class VettingForm(Refusable):
    """The rule says in words, at the field, what the constraints would say by their names."""

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"checked_on", "next_due_on"}


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, str(label)) for name, (_kind, label) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        today = timezone.localdate()
        if self.value() == "replaced":
            return queryset.filter(is_replaced=True)
        newest = queryset.filter(is_replaced=False)
        if self.value() == "valid":
            return newest.filter(next_due_on__gt=today + DUE_SOON)
        if self.value() == "soon":
            return newest.filter(next_due_on__range=(today, today + DUE_SOON))
        return newest.filter(next_due_on__lt=today) if self.value() == "lapsed" else queryset


@admin.register(Vetting)
class VettingAdmin(RuledAdmin):
    """A check is noted and stays; the next one stands beside it. Those due first come first."""

    form = VettingForm
    holds_people = True
    list_display = ["user", "state_shown", "next_due_on", "checked_on", "checked_by", "reference"]
    list_filter = [StateFilter]
    search_fields = ["user__name", "user__email", "reference"]
    ordering = ["next_due_on", "pk"]
    fields = ["user", "checked_on", "next_due_on", "reference"]
    empty_sentence = gettext_lazy("No checks noted yet. Events open to children need them for everybody who leads.")

    def may_see(self, user: User) -> bool:
        return rules.may_record_vetting(user)

    def may_change(self, user: User, obj: Vetting | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[Vetting]:
        newer = Vetting.objects.filter(user=OuterRef("user"), next_due_on__gt=OuterRef("next_due_on"))
        return Vetting.objects.select_related("user", "checked_by").annotate(is_replaced=Exists(newer))

    def get_fields(self, request: HttpRequest, obj: Vetting | None = None) -> list[str]:
        return [*self.fields, "checked_by"] if obj else list(self.fields)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(pk__in=Assignment.objects.live().values("user")).order_by("name", "email")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Vetting, form: Any, change: bool) -> None:
        made = vetting.record(obj.user, obj.checked_on, obj.next_due_on, obj.reference, actor=request.user)
        obj.__dict__.update(made.__dict__)

    def log_addition(self, request: HttpRequest, obj: Vetting, message: Any) -> None:
        """The verb has written the access log; names stay out of the panel's history."""

    @admin.display(description=gettext_lazy("state"), ordering="next_due_on")
    def state_shown(self, check: Vetting) -> str:
        kind, label = STATES[state(check)]
        return format_html('<span class="badge badge-{}">{}</span>', kind, label)


def state(check: Vetting) -> str:
    """Where the check stands today; one that a newer check outlives alarms nobody."""
    today = timezone.localdate()
    if getattr(check, "is_replaced", False):
        return "replaced"
    if check.next_due_on < today:
        return "lapsed"
    return "soon" if check.next_due_on <= today + DUE_SOON else "valid"
