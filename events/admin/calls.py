"""The call list: whom to ring, about what, and how it went."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.domain import desk
from events.models import Announcement, Registration
from events.reasons import reason_of, with_news
from events.visibility import visible_calls
from participants.models import User
from projects import rules
from projects.admin_base import OwnNeighbourhoods, RuledAdmin
from projects.models import CallTask


def _when(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


class OutcomeForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("How did it go?"),
        widget=forms.RadioSelect,
        choices=[choice for choice in CallTask.Outcome.choices if choice[0] != CallTask.Outcome.DROPPED],
        help_text=gettext_lazy("“Reached” makes an offered or held place certain; “declined” gives it to whoever is next."),
    )


class OpenFilter(admin.SimpleListFilter):
    """The list is what is still to do; what is done shows when asked for."""

    title = gettext_lazy("state")
    parameter_name = "done"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("done"))]

    def choices(self, changelist: Any) -> Any:
        yield {"selected": self.value() is None, "query_string": changelist.get_query_string(remove=["done"]), "display": _("to do")}
        yield {"selected": self.value() == "yes", "query_string": changelist.get_query_string({"done": "yes"}), "display": _("done")}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(done_at__isnull=self.value() != "yes")


@admin.register(CallTask)
class CallTaskAdmin(RuledAdmin):
    holds_people = True
    list_display = ["person", "phone", "what", "due", "tries"]
    list_select_related = ["person", "neighbourhood"]
    ordering = ["due_at", "pk"]
    change_form_template = "admin/call.html"
    empty_sentence = gettext_lazy("Nobody to call. People without e-mail appear here when there is news for them.")
    fields = ["person", "phone", "what", "about", "neighbourhood", "due_at", "attempts", "outcome", "done_by"]
    readonly_fields = ["phone", "what", "about"]

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        return False

    def may_change(self, user: User, obj: CallTask | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[CallTask]:
        return with_news(visible_calls(user))

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [OpenFilter, ("neighbourhood", OwnNeighbourhoods)]

    def get_urls(self) -> list[Any]:
        outcome = path("<int:pk>/outcome/", self.admin_site.admin_view(self.outcome_view), name="projects_calltask_outcome")
        return [outcome, *super().get_urls()]

    def outcome_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note how the call went."""
        call = self.one(request, pk, to_change=False)
        self.note_reading(request, [pk])

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            desk.answer_call(call, typed["outcome"], actor=request.user)
            return self.address("changelist"), _("Noted.")

        sentence = f"{call.person}, {call.person.phone_shown}: {reason_of(call)}"
        form = OutcomeForm(request.POST or None)
        return self.step(
            request, call, form, verb, title=_("The call"), button=_("Save"), sentence=sentence, back=self.address("changelist")
        )

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        announced = Announcement.objects.filter(pk=context["original"].context.get("announcement")).first()
        context["event_pk"] = announced and announced.event_id
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("phone"))
    def phone(self, call: CallTask) -> str:
        return format_html('<a href="tel:{}">{}</a>', call.person.phone, call.person.phone_shown) if call.person.phone else ""

    @admin.display(description=gettext_lazy("what to say"))
    def what(self, call: CallTask) -> str:
        return reason_of(call)

    @admin.display(description=gettext_lazy("about"))
    def about(self, call: CallTask) -> str:
        """The event with its date, and what became of it: all that is to be read out."""
        registration = Registration.objects.filter(pk=call.context.get("registration")).select_related("event__venue").first()
        if registration is None:
            return ""
        event = registration.event
        lines = [f"{event}: {_when(event.starts_at)}, {event.venue or ''}".rstrip(", ")]
        change = event.changes.first() if event.sequence else None
        if change is not None:
            lines += [_("It was to be: %(when)s") % {"when": _when(change.starts_before)}] if not event.is_cancelled else []
            lines.append(f"{change.get_kind_display()}: {change.reason}")
        return "\n".join(lines)

    @admin.display(description=gettext_lazy("call before"), ordering="due_at")
    def due(self, call: CallTask) -> str:
        """What is due by tonight is marked; the list begins with it."""
        if call.done_at is not None or timezone.localdate(call.due_at) > timezone.localdate():
            return _when(call.due_at)
        return format_html('<span class="badge badge-warning">{}</span> {}', _("today"), _when(call.due_at))

    @admin.display(description=gettext_lazy("attempts"), ordering="attempts")
    def tries(self, call: CallTask) -> str:
        return _("tried %(times)s times") % {"times": call.attempts} if call.attempts else ""
