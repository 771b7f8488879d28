"""One sign-up: its places, its code, and the way out."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.admin.forms import PeopleForm, ReasonForm
from events.domain import guardians, members, places, queue, story
from events.domain.overlaps import overlapping
from events.models import Event, Registration, Seat
from events.rules import manageable_registrations
from participants.models import User
from projects import rules
from projects.admin_base import RuledAdmin


@admin.register(Registration)
class RegistrationAdmin(RuledAdmin):
    """Sign-ups are read here and changed by verbs; one finds them by name, code, phone or e-mail."""

    holds_people = True
    list_display = ["person", "event", "state", "code_shown", "channel", "created_at"]
    list_select_related = ["person", "event"]
    search_fields = ["person__name", "code", "person__phone", "person__email"]
    list_filter = ["channel"]
    change_form_template = "admin/registration.html"
    pages = (
        ("<int:pk>/slip/", "slip"),
        ("<int:pk>/cancel/", "cancel"),
        ("<int:pk>/take-on/", "take_on"),
        ("<int:pk>/add/", "add_people"),
        ("<int:pk>/agree/", "agree"),
        ("<int:pk>/take-out/<int:seat_pk>/", "take_out"),
    )
    empty_sentence = gettext_lazy("No sign-ups here. Look at the event, or change what you search for.")
    fields = ["event", "person", "phone", "email", "channel", "entered_by", "created_at", "notice_shown"]
    readonly_fields = ["phone", "email", "notice_shown"]

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        """One signs somebody up from the event."""
        return False

    def may_change(self, user: User, obj: Registration | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[Registration]:
        return manageable_registrations(user).with_places()

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-pk"]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """The code is read aloud in two groups; written together it is one word."""
        joined = search_term.replace(" ", "").upper()
        if len(joined) == 8 and queryset.filter(code=joined).exists():
            return queryset.filter(code=joined), False
        return super().get_search_results(request, queryset, search_term)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        registration = context["original"]
        seats = list(registration.seats.all())
        context |= {
            "seats": seats,
            "is_live": any(seat.is_live for seat in seats),
            "waits": any(seat.status == Seat.Status.WAITING for seat in seats),
            "position": queue.position(registration),
            "story": story.of(registration),
            "overlaps": overlapping(registration),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def slip(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What was arranged, with the code in large type: to dictate or to print."""
        registration = self.one(request, pk, to_change=False)
        self.note_reading(request, [pk])
        seats = list(registration.seats.all())
        statuses = {seat.status for seat in seats}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "registration": registration, "event": registration.event, "seats": seats,
            "has_place": Seat.Status.CONFIRMED in statuses, "waits": Seat.Status.WAITING in statuses,
            "position": queue.position(registration), "title": self.answer(registration.event, statuses),
            "overlaps": overlapping(registration), "fresh": "fresh" in request.GET,
            "portal_address": settings.SITE_URL.partition("://")[2] + reverse("registrations_link"),
            "is_named": any(seat.name == registration.person.name for seat in seats),
        }  # fmt: skip
        return TemplateResponse(request, "admin/slip.html", context)

    def answer(self, event: Event, statuses: set[str]) -> str:
        """First what is."""
        if event.waits_for_draw and Seat.Status.WAITING in statuses:
            return _("In the draw")
        if statuses == {Seat.Status.CONFIRMED}:
            return _("There is a place")
        if Seat.Status.WAITING in statuses:
            return _("On the waiting list")
        return _("Held until confirmed") if Seat.Status.HELD in statuses else _("This sign-up is cancelled")

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask once, then give the places back."""
        registration = self.one(request, pk, to_change=False)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            places.cancel(registration, actor=request.user)
            return self.address("change", pk), _("The sign-up is cancelled. A freed place goes to whoever waits longest.")

        self.note_reading(request, [pk])
        names = ", ".join(seat.name for seat in registration.seats.all() if seat.is_live)
        return self.confirm(
            request, registration, verb, title=_("Cancel the sign-up"), button=_("Cancel the sign-up"), danger=True,
            # The heading names the contact and the event already.
            sentence=names if names != str(registration.person) else "",
        )  # fmt: skip

    def take_on(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A place beyond the number, for a reason that is written down."""
        registration = self.one(request, pk, to_change=False)
        self.note_reading(request, [pk])

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            places.take_on(registration, typed["reason"], actor=request.user)
            return self.address("change", pk), _("They have a place, counted apart from the number of places.")

        names = ", ".join(seat.name for seat in registration.seats.all() if seat.status == Seat.Status.WAITING)
        return self.step(
            request, registration, ReasonForm(request.POST or None), verb, title=_("Take on beyond the number of places"),
            button=_("Take on"), sentence=f"{names} – {registration.event}",
        )  # fmt: skip

    def add_people(self, request: HttpRequest, pk: int) -> HttpResponse:
        """More people for a sign-up; without a free place they wait behind those who came before."""
        registration = self.one(request, pk, to_change=False)
        self.note_reading(request, [pk])

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            members.add_heads(registration, typed["people"], key=typed["key"], actor=request.user)
            return self.address("change", pk), _("Added.")

        return self.step(
            request, registration, PeopleForm(request.POST or None), verb, title=_("Add people to the sign-up"), button=_("Add"),
            sentence=f"{registration.person} – {registration.event}",
        )  # fmt: skip

    def take_out(self, request: HttpRequest, pk: int, seat_pk: int) -> HttpResponse:
        """One of the party cannot come; the others stay."""
        registration = self.one(request, pk, to_change=False)
        self.note_reading(request, [pk])
        seat = next((seat for seat in registration.seats.all() if seat.pk == seat_pk and seat.is_live), None)
        if seat is None:
            raise Http404

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            places.cancel(registration, seats=[seat], actor=request.user)
            freed = _("Taken out.") if seat.extra else _("Taken out. A freed place goes to whoever waits longest.")
            return self.address("change", pk), freed

        return self.confirm(
            request, registration, verb, title=_("Take one person out"), button=_("Take out"), danger=True,
            sentence=f"{seat.name} – {registration.event}",
        )  # fmt: skip

    def agree(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The guardian said yes in a call, or in person."""
        registration = self.one(request, pk, to_change=False)
        self.note_reading(request, [pk])

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            guardians.agree(registration, actor=request.user)
            return self.address("change", pk), _("The guardian’s agreement is noted.")

        guardian = registration.guardian
        who = f"{guardian.name}, {guardian.phone_shown or guardian.email}" if guardian else ""
        return self.confirm(
            request, registration, verb, title=_("The guardian agrees"), button=_("Note the agreement"),
            sentence=f"{registration.person} – {registration.event}. {who}",
        )  # fmt: skip

    @admin.display(description=gettext_lazy("state"))
    def state(self, registration: Registration) -> str:
        seats = list(registration.seats.all())
        names = dict.fromkeys(str(seat.get_status_display()) for seat in seats)
        return f"{', '.join(names)} ({len(seats)})" if len(seats) > 1 else ", ".join(names)

    @admin.display(description=gettext_lazy("code"), ordering="code")
    def code_shown(self, registration: Registration) -> str:
        return registration.code_shown

    @admin.display(description=gettext_lazy("phone"))
    def phone(self, registration: Registration) -> str:
        return registration.person.phone_shown

    @admin.display(description=gettext_lazy("e-mail"))
    def email(self, registration: Registration) -> str:
        return registration.person.email

    @admin.display(description=gettext_lazy("notice shown"))
    def notice_shown(self, registration: Registration) -> str:
        """Which version, and who read it aloud when."""
        notice = registration.notice
        if notice is None or registration.notice_read_at is None:
            return str(notice or "")
        moment = date_format(timezone.localtime(registration.notice_read_at), "SHORT_DATETIME_FORMAT")
        said = _("Information in version %(version)s read aloud %(moment)s") % {"version": notice.version, "moment": moment}
        return f"{said} – {registration.entered_by}" if registration.entered_by else said
