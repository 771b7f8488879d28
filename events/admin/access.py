"""Access needs in the panel: the office's list, the owner's page, and the form for those who ask by phone or on paper."""

from collections.abc import Iterable
from typing import Any

from cryptography.fernet import InvalidToken
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.refusal import RuleBroken
from events.domain import access
from events.forms.access import EnterAccessForm
from events.models import AccessRequest, Registration
from events.rules import manageable_registrations
from participants.domain import access_log, consents
from participants.models import AccessLog, User
from projects import rules
from projects.admin.programme import access_owners
from projects.admin_base import RuledAdmin

BY_MAIL = gettext_lazy("The resident gets it by e-mail or hears it on the phone. Write nothing about anybody's health.")


class ArrangeForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("What is arranged, and where to find it (optional)"), required=False, max_length=1000, help_text=BY_MAIL,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip


class RefuseForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("Why it cannot be arranged"), max_length=1000, help_text=BY_MAIL, widget=forms.Textarea(attrs={"rows": 3})
    )
    alternative = forms.CharField(
        label=gettext_lazy("What we can do instead"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Another date, another form, help of another kind."),
    )  # fmt: skip


class HandOverForm(forms.Form):
    to = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("To whom"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = access_owners()


class ToDoFilter(admin.SimpleListFilter):
    """The list is what somebody still has to do; what is settled shows when asked for."""

    title = gettext_lazy("state")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("settled", _("settled")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        yield {"selected": self.value() is None, "query_string": changelist.get_query_string(remove=["show"]), "display": _("to do")}
        for value, label in self.lookup_choices:
            yield {"selected": self.value() == value, "query_string": changelist.get_query_string({"show": value}), "display": label}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        # An interpreter who was booked has to be told that nobody waits for them.
        arranged = Q(status=AccessRequest.Status.WITHDRAWN, answered_at__isnull=False, alternative="")
        coming = Q(registration__event__ends_at__gte=timezone.now())
        open_ones = access.to_do(AccessRequest.objects.all()).order_by().values("pk")
        if self.value() is None:
            return queryset.filter(Q(pk__in=open_ones) | arranged & coming)
        return queryset.exclude(pk__in=open_ones) if self.value() == "settled" else queryset


@admin.register(AccessRequest)
class AccessRequestAdmin(RuledAdmin):
    """An officer sees the requests they own, a coordinator all; why somebody asks opens for the owner alone."""

    holds_people = True
    list_display = ["event", "contact", "arrangements_shown", "due_on", "state", "owner"]
    list_select_related = ["registration__event", "registration__person", "owner"]
    ordering = ["due_on", "pk"]
    change_form_template = "admin/access_request.html"
    pages = (
        ("<int:pk>/take/", "take"),
        ("<int:pk>/arrange/", "arrange"),
        ("<int:pk>/refuse/", "refuse"),
        ("<int:pk>/hand-over/", "hand_over"),
        ("enter/<int:pk>/", "enter"),
    )
    empty_sentence = gettext_lazy("No requests here.")
    fields = [
        "event", "starts", "contact", "phone", "email", "arrangements_shown", "due_on", "state", "owner", "answer", "alternative",
        "answered_at", "answered_by",
    ]  # fmt: skip
    readonly_fields = ["event", "starts", "contact", "phone", "email", "arrangements_shown", "state"]

    def may_see(self, user: User) -> bool:
        return rules.sees_everywhere(user)

    def may_add(self, user: User) -> bool:
        """A request comes from a resident, or is written down at their sign-up."""
        return False

    def may_change(self, user: User, obj: AccessRequest | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[AccessRequest]:
        return access.visible_requests(user).select_related("registration__event__project", "registration__person", "owner")

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [ToDoFilter]

    # --- The owner's page -------------------------------------------------------------------------------------------

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        asked, user = context["original"], request.user
        is_owner = access.may_read_reason(user, asked)
        orphan = asked.owner is None or not rules.sees_everywhere(asked.owner)
        running = asked.status != AccessRequest.Status.WITHDRAWN and not asked.registration.event.is_over()
        context |= {
            "is_owner": is_owner,
            "may_answer": is_owner and running,
            "may_take": running and orphan and rules.is_coordinator(user),
            "moved": access.moved_since_answer(asked),
            "overdue": access.is_overdue(asked),
            "call_off": access.call_off(asked),
            "reason": self.reason(request, asked) if is_owner else "",
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def reason(self, request: HttpRequest, asked: AccessRequest) -> str:
        try:
            reason = access.open_reason(asked, actor=request.user)
        except InvalidToken:
            return _("It cannot be read: the portal's key has changed. Ask the resident.")
        request.reason_opened = bool(reason)
        return reason

    def note_reading(self, request: HttpRequest, ids: Iterable[int]) -> None:
        """Opening the reason has left its own line already."""
        if not getattr(request, "reason_opened", False):
            super().note_reading(request, ids)

    def take(self, request: HttpRequest, pk: int) -> HttpResponse:
        asked = self.one(request, pk, to_change=False)
        if not rules.is_coordinator(request.user):
            raise PermissionDenied

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            access.take(asked, request.user)
            return self.address("change", pk), _("You see to this request now.")

        sentence = _("You answer it and see why it was asked; the access log keeps that you took it.")
        return self.ask_once(request, asked, forms.Form, verb, title=_("Take the request"), button=_("Take it"), sentence=sentence)

    def arrange(self, request: HttpRequest, pk: int) -> HttpResponse:
        asked = self.owned(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            access.arrange(asked, typed["answer"], actor=request.user)
            return self.address("change", pk), _("Noted. The resident is being told.")

        return self.ask_once(request, asked, ArrangeForm, verb, title=_("It is arranged"), button=_("Tell the resident"))

    def refuse(self, request: HttpRequest, pk: int) -> HttpResponse:
        asked = self.owned(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            access.refuse(asked, typed["answer"], typed["alternative"], actor=request.user)
            return self.address("change", pk), _("Noted. The resident is being told.")

        return self.ask_once(request, asked, RefuseForm, verb, title=_("It cannot be arranged"), button=_("Tell the resident"))

    def hand_over(self, request: HttpRequest, pk: int) -> HttpResponse:
        asked = self.one(request, pk, to_change=False)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            access.hand_over(asked, typed["to"], actor=request.user)
            return self.address("changelist"), _("Handed over.")

        sentence = _("Whoever sees to the request reads why it was asked; nobody else does.")
        return self.ask_once(request, asked, HandOverForm, verb, title=_("Hand the request over"), button=_("Hand over"), sentence=sentence)

    def owned(self, request: HttpRequest, pk: int) -> AccessRequest:
        """The request of the account's own; a coordinator takes it before answering."""
        asked = self.one(request, pk, to_change=False)
        if not access.may_read_reason(request.user, asked):
            raise PermissionDenied
        return asked

    def ask_once(self, request: HttpRequest, asked: AccessRequest, form: type[forms.Form], verb: Any, **words: str) -> HttpResponse:
        self.note_reading(request, [asked.pk])
        return self.step(request, asked, form(request.POST if request.method == "POST" else None), verb, **words)

    # --- By phone and on paper --------------------------------------------------------------------------------------

    def enter(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What somebody without e-mail needs, written down at their sign-up (``pk`` is the sign-up's); and how it stands."""
        registration = manageable_registrations(request.user).with_places().filter(pk=pk).first()
        if registration is None:
            raise Http404
        asked = access.request_of(registration)
        text = consents.current_text(access.PURPOSE, registration.person.language)
        back = reverse("admin:events_registration_change", args=[pk])
        access_log.record(AccessLog.Action.READ, "events.registration", actor=request.user, ids=[pk], row_count=1)
        if request.method == "POST" and "withdraw" in request.POST and asked is not None:
            access.withdraw(asked)
            self.note_entry(request, asked)
            messages.success(request, _("The request is taken back."))
            return redirect(back)
        form = EnterAccessForm(request.POST if request.method == "POST" else None, asked=asked, text=text)
        if request.method == "POST" and form.is_valid():
            try:
                self.note_entry(request, self.write(registration, asked, form, request.user))
                messages.success(request, _("Noted. Tell them by when we answer: the day stands on the page."))
                return redirect(request.path)
            except RuleBroken as broken:
                broken.show_in(form)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "registration": registration, "asked": asked, "form": form, "text": text, "back": back,
            "moved": asked is not None and access.moved_since_answer(asked), "title": _("What they need to take part"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/access_enter.html", context)

    def write(self, registration: Registration, asked: AccessRequest | None, form: EnterAccessForm, actor: User) -> AccessRequest:
        if asked is None:
            return access.ask(registration, **form.needs(), actor=actor)
        return access.change(asked, **form.needs(), actor=actor)

    def note_entry(self, request: HttpRequest, asked: AccessRequest) -> None:
        access_log.record(AccessLog.Action.CHANGE, self.opts.label_lower, actor=request.user, ids=[asked.pk])

    # --- Columns ----------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("event"))
    def event(self, asked: AccessRequest) -> str:
        return str(asked.registration.event)

    @admin.display(description=gettext_lazy("starts"))
    def starts(self, asked: AccessRequest) -> str:
        return date_format(timezone.localtime(asked.registration.event.starts_at), "DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("contact person"))
    def contact(self, asked: AccessRequest) -> str:
        address = reverse("admin:events_registration_change", args=[asked.registration_id])
        return format_html('<a href="{}">{}</a>', address, asked.registration.person)

    @admin.display(description=gettext_lazy("phone"))
    def phone(self, asked: AccessRequest) -> str:
        return asked.registration.person.phone_shown

    @admin.display(description=gettext_lazy("e-mail"))
    def email(self, asked: AccessRequest) -> str:
        return asked.registration.person.email

    @admin.display(description=gettext_lazy("what to prepare"))
    def arrangements_shown(self, asked: AccessRequest) -> str:
        return asked.arrangements_shown

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, asked: AccessRequest) -> str:
        said = str(asked.get_status_display())
        if access.is_overdue(asked):
            said += f", {_('overdue')}"
        elif asked.late and asked.status == AccessRequest.Status.ASKED:
            said += f", {_('asked late')}"
        elif access.moved_since_answer(asked):
            said += f", {_('the date has changed since the answer')}"
        elif access.call_off(asked):
            said += f", {_('call off what was arranged')}"
        return said
