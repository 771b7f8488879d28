"""The counter: one screen on which people are signed up one after another, with the keyboard alone."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from active_citizens.core.refusal import RuleBroken
from events.admin.faces import NEW, OTHER, Faces, around
from events.admin.forms import EnterSignUpForm
from events.domain import contacts, places
from events.models import Event, Registration
from events.rules import manageable_events
from events.visibility import visible_people
from participants.domain import access_log
from participants.models import AccessLog, Notice, Person, User
from projects.admin_base import RuledAdmin
from projects.models import Membership

# More events than this to choose from is a list to look through, not a choice.
MOST_EVENTS = 60


class CounterPages(RuledAdmin):
    """Signing somebody up who is there in person, rings, or has filled in a sheet: for one event, or one of those to come."""

    own_pages = (("sign-up", "enter_sign_up"),)

    def counter(self, request: HttpRequest) -> HttpResponse:
        """The counter of one's own events to come, the nearest first; ``?event=`` chooses one of them."""
        events = coming(request.user)
        wished = (request.POST if request.method == "POST" else request.GET).get("event", "")
        event = next((one for one in events if str(one.pk) == wished), events[0] if events else None)
        if event is None:
            context = {**self.admin_site.each_context(request), "opts": self.opts, "title": _("Counter")}
            return TemplateResponse(request, "admin/counter.html", context)
        return self.screen(request, event, events=events)

    @method_decorator(require_POST)
    def counter_suggestions(self, request: HttpRequest) -> HttpResponse:
        """A piece of the screen: who the person might be, from what is typed so far; by POST, so that no log of addresses has names."""
        typed = request.POST
        event = manageable_events(request.user).filter(pk=typed["event"]).first() if typed.get("event", "").isdecimal() else None
        faces = self.look(request, event, typed)
        return TemplateResponse(request, "admin/_faces.html", {"faces": faces, "chosen": typed.get("who", "")})

    def enter_sign_up(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same screen for one event, whenever it is."""
        return self.screen(request, self.one(request, pk))

    def screen(self, request: HttpRequest, event: Event, *, events: list[Event] | None = None) -> HttpResponse:
        """Signs up, or shows the form; what was typed stays whatever is refused."""
        notice = Notice.objects.current(Notice.Purpose.PHONE, "pl")
        channel = Registration.Channel.PHONE if events is None else Registration.Channel.COUNTER
        initial = {"notice": notice, "event": event.pk, "channel": channel}
        form = EnterSignUpForm(request.POST or None, event=event, events=events, notice_due=notice, initial=initial)
        faces, twin = None, None
        if request.method == "POST":
            faces = self.look(request, event, request.POST)
            if form.is_valid():
                made, twin = self.sign_up(request, event, form, faces)
                if made is not None:
                    return redirect(f"{reverse('admin:events_registration_slip', args=[made.pk])}?fresh=1")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "event": event, "events": events, "form": form, "notice": notice, "twin": twin, "faces": faces,
            "chosen": form.data.get("who", ""), "title": _("Sign somebody up") if events is None else _("Counter"),
            "unfolded": any(field.errors or (form.data.get(field.name, "") not in ("", channel)) for field in form.folded()),
        }  # fmt: skip
        return TemplateResponse(request, "admin/counter.html", context)

    def sign_up(
        self, request: HttpRequest, event: Event, form: EnterSignUpForm, faces: Faces
    ) -> tuple[Registration | None, Registration | None]:
        """The sign-up made, else, with the form saying why, the one that stands in its way."""
        typed = form.cleaned_data
        person, twin = self.whose(request, event, form, faces)
        if person is None:
            return None, twin
        try:
            made = places.register(
                event,
                person,
                form.heads(person.name),
                channel=typed["channel"],
                key=typed["key"],
                notice=typed["notice"],
                notice_read_at=timezone.now() if typed["notice_read"] else None,
                home=Membership.answered(typed["home"]),
                guardian=form.guardian(),
                all_or_none=not typed["as_many"],
                beyond=typed.get("beyond", ""),
                # Whoever was recognised, or said to be another, is known to be one of those who share the contact.
                shares_contact=typed["who"] not in ("", NEW),
                actor=request.user,
            )
        except RuleBroken as broken:
            broken.show_in(form)
            return None, broken.context.get("registration")
        return made, None

    def whose(self, request: HttpRequest, event: Event, form: EnterSignUpForm, faces: Faces) -> tuple[Person | None, Registration | None]:
        """The person to sign up, known or new; None when it must be said first, or when they are signed up already."""
        typed = form.cleaned_data
        who, new = typed["who"], form.person()
        if who not in ("", NEW, OTHER):
            known = visible_people(request.user).filter(pk=who).first() if who.isdecimal() else None
            if known is None:
                form.add_error(None, _("Choose one of the people shown."))
            return known, None
        if who or Registration.objects.filter(key=typed["key"]).exists():
            return new, None
        twin = contacts.twin(contacts.live_under(event, new.contact), new, alone=False)
        if twin is not None:
            form.add_error(None, _("This contact is already signed up for this event."))
            return None, twin
        if faces.unanswered(request.POST.getlist("shown")):
            form.add_error(None, _("We may know this person already. Say below who it is."))
            return None, None
        return new, None

    def look(self, request: HttpRequest, event: Event | None, typed: Any) -> Faces:
        """Who it might be; one line of the access log when that shows somebody."""
        name, phone, email = (typed.get(field, "")[:254].replace("\0", "") for field in ("name", "phone", "email"))
        faces = around(request.user, event, name=name, phone=phone, email=email)
        if faces.numbers:
            access_log.record(
                AccessLog.Action.READ,
                "participants.person",
                actor=request.user,
                ids=faces.numbers,
                row_count=len(faces.numbers),
                detail={"event": event.pk if event else None, "page": "counter"},
            )
        return faces


def coming(user: User) -> list[Event]:
    """The account's published events with sign-up that are not over, the nearest first, with their places."""
    own = manageable_events(user).filter(status=Event.Status.PUBLISHED).exclude(sign_up=Event.SignUp.NONE)
    return list(own.upcoming().with_places()[:MOST_EVENTS])
