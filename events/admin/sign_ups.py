"""The sign-ups of one event: who comes, who waits, and the list to sign."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from events.admin.forms import PlacesForm
from events.admin.places import places_sentence
from events.domain import places, queue
from events.models import Event, Seat
from events.papers import attendance
from participants.domain import access_log
from participants.models import AccessLog
from projects.admin_base import RuledAdmin

PER_PAGE = 100


class SignUpPages(RuledAdmin):
    """The pages of EventAdmin that show people, and the one that gives them more room."""

    own_pages = (("sign-ups", "sign_ups"), ("print", "print_list"), ("places", "change_places"))

    def sign_ups(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everybody of the event in the order of names, with the place in the queue of those who wait."""
        event = self.one(request, pk)
        status = request.GET.get("status", "")
        seats = event.seats.select_related("registration__person").order_by("name_order", "pk")
        if status in Seat.Status.values:
            seats = seats.filter(status=status)
        else:
            status, seats = "", seats.live()
        page = Paginator(seats, PER_PAGE).get_page(request.GET.get("page"))
        positions = queue.positions([seat.registration for seat in page])
        for seat in page:
            seat.position = positions.get(seat.registration_id) if seat.status == Seat.Status.WAITING else None
        self.note_people(request, event, [seat.registration.person_id for seat in page])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "event": event, "page": page, "status": status, "statuses": Seat.Status.choices, "title": _("Sign-ups"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/sign_ups.html", context)

    def print_list(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The attendance list as a page, which says what the paper says (REP-07, REP-08)."""
        event = self.one(request, pk)
        seats = attendance.confirmed(event)
        self.note_people(request, event, {seat.registration.person_id for seat in seats})
        shown = attendance.contents(event, seats)
        blank = range(len(seats) + 1, len(seats) + 1 + shown["blank"])
        context = {"event": event, "list": shown, "walk_ins": blank, "back": self.address("sign_ups", pk)}
        return TemplateResponse(request, "admin/print_list.html", context)

    def note_people(self, request: HttpRequest, event: Event, people: Any) -> None:
        """One line of the access log for a page of an event's people."""
        shown = set(people)
        if shown:
            access_log.record(
                AccessLog.Action.READ,
                "participants.person",
                actor=request.user,
                ids=shown,
                row_count=len(shown),
                detail={"event": event.pk},
            )

    def change_places(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = self.one(request, pk)
        form = PlacesForm(request.POST or None, initial={"capacity": event.capacity})

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            places.change_capacity(event, typed["capacity"])
            return self.address("sign_ups", pk), _("The number of places is changed.")

        return self.step(
            request, event, form, verb, title=_("Change the number of places"), button=_("Change"), sentence=places_sentence(event)
        )
