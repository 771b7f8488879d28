"""„Zamknij wydarzenie”: one page on a phone, and what can be done with what it says."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.content.domain import photos
from active_citizens.content.models import Photo
from active_citizens.content.rules import manageable_photos
from active_citizens.core.refusal import RuleBroken
from events.domain import closing
from events.forms.closing import ClosingForm, PictureForm
from events.models import Agreement, Event, EventClosing
from participants.models import User
from projects import rules
from projects.admin_base import RuledAdmin
from projects.models import Assignment

PICTURES = ("first", "second", "third")
TEAM = (Assignment.Role.ANIMATOR, Assignment.Role.OFFICER, Assignment.Role.COORDINATOR)


class ClosingPages(RuledAdmin):
    """The pages of EventAdmin for events that are over."""

    own_pages = (("close", "close"), ("close/news", "make_news"), ("close/follow-up-done", "follow_up_done"))

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The card: GET shows what is known, POST writes it; good photos stay whatever else is refused."""
        event = self.one(request, pk)
        said = EventClosing.objects.filter(event=event).first()
        agreement = Agreement.objects.open().filter(event=event).first()
        data = request.POST.copy() if request.method == "POST" else None
        pictures = [PictureForm(prefix=name) for name in PICTURES]
        if data is not None:
            try:
                closing.check_may_close(event)
            except RuleBroken as broken:
                messages.error(request, str(broken))
                return redirect(self.address("change", pk))
            pictures = _take_in(event, data, request)
        form = ClosingForm(
            data, initial=_initial(said, agreement), owners=_owners(event, request.user, agreement),
            photos=_photos(request.user, said, data), counted=closing.counted_heads(event),
        )  # fmt: skip
        if data is not None and form.is_valid() and not any(picture.errors for picture in pictures if picture.is_bound):
            try:
                closing.close(
                    event, form.account(), pictures=form.cleaned_data["photos"], listed=_numbers(data, "listed"),
                    arrangement=form.arrangement(), actor=request.user,
                )  # fmt: skip
            except RuleBroken as broken:
                broken.show_in(form)
            else:
                self.log_change(request, event, str(EventClosing._meta.verbose_name))
                messages.success(request, _("The event is closed. You can correct it here at any time."))
                return redirect(self.address("close", pk))
        return self._card(request, event, form, pictures, said, agreement)

    def _card(
        self, request: HttpRequest, event: Event, form: ClosingForm, pictures: list[PictureForm], said: Any, agreement: Any
    ) -> HttpResponse:
        chosen = {str(getattr(photo, "pk", photo)) for photo in form["photos"].value() or []}
        kept = [{"photo": photo, "chosen": str(photo.pk) in chosen} for photo in form.fields["photos"].queryset]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "event": event, "form": form, "pictures": pictures, "kept": kept, "said": said, "agreement": agreement,
            "wrong": bool(form.errors) or any(picture.errors for picture in pictures if picture.is_bound),
            "is_over": event.is_over() and event.is_published, "today": timezone.localdate(), "title": _("Close the event"),
            "back": self.address("change", event.pk), "done": Agreement.objects.filter(event=event, done_at__isnull=False),
        }  # fmt: skip
        return TemplateResponse(request, "admin/close_event.html", context)

    def make_news(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button under the card: a draft of news, to be read before it goes out."""
        event = self.one(request, pk)
        said = EventClosing.objects.filter(event=event).first()
        if request.method != "POST" or said is None:
            return redirect(self.address("close", pk))
        try:
            draft = closing.make_news(said, actor=request.user)
        except RuleBroken as broken:
            messages.error(request, str(broken))
            return redirect(self.address("close", pk))
        messages.success(request, _("This is a draft. Read it, look at the preview, then publish."))
        return redirect(reverse("admin:content_news_change", args=[draft.pk]))

    def follow_up_done(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button beside what was agreed."""
        event = self.one(request, pk)
        agreement = Agreement.objects.open().filter(event=event).first()
        if request.method == "POST" and agreement is not None:
            closing.follow_up_done(agreement, actor=request.user)
            self.log_change(request, event, str(Agreement._meta.verbose_name))
            messages.success(request, _("Noted as followed up."))
        return redirect(self.address("close", pk))


def _take_in(event: Event, data: Any, request: HttpRequest) -> list[PictureForm]:
    """Put the good photos into the library and among those ticked; the forms to show again, refused ones with their sentence."""
    shown = []
    for name in PICTURES:
        form = PictureForm(data, request.FILES, prefix=name)
        if not form.is_filled_in:
            shown.append(form)
            continue
        typed = form.cleaned_data
        try:
            photo = photos.add(
                typed["picture"], neighbourhoods=event.neighbourhoods.all(), alt=typed["alt"],
                people=typed["people"] or Photo.People.CROWD, paper_reference=typed["paper_reference"],
                taken_on=timezone.localdate(event.starts_at), actor=request.user, once_for=f"event {event.pk}",
            )  # fmt: skip
        except RuleBroken as broken:
            broken.show_in(form)
            shown.append(form)
            continue
        data.appendlist("photos", str(photo.pk))
        shown.append(PictureForm(prefix=name))
    return shown


def _numbers(data: Any, name: str) -> list[int]:
    """The ids sent under a name; what is none is passed over."""
    return [int(pk) for pk in data.getlist(name) if pk.isdecimal() and len(pk) < 19]


def _photos(user: User, said: EventClosing | None, data: Any) -> QuerySet[Photo]:
    """Those of the card, and those just taken in."""
    typed = _numbers(data, "photos") if data is not None else []
    of_card = Q(pk__in=said.placed_photos.values("photo")) if said else Q(pk__in=[])
    return Photo.objects.filter(of_card | Q(pk__in=manageable_photos(user).filter(pk__in=typed).values("pk"))).order_by("pk")


def _owners(event: Event, user: User, agreement: Agreement | None) -> QuerySet[User]:
    """Oneself, the office, and the animators of the event's places; and who was named before."""
    live = Assignment.objects.live().filter(role__in=TEAM)
    team = live.filter(Q(neighbourhood=None) | Q(neighbourhood__in=event.neighbourhoods.all()))
    named = Q(pk=user.pk) | Q(pk=agreement.owner_id if agreement else None)
    return User.objects.filter(named | Q(pk__in=team.values("user")) | Q(pk__in=rules.accounts_to_lead(user).values("pk"))).order_by(
        "name", "email"
    )


def _initial(said: EventClosing | None, agreement: Agreement | None) -> dict[str, Any]:
    initial: dict[str, Any] = {"is_story_public": True}
    if said is not None:
        names = ("heads", "volunteer_minutes", "cost_grosze", *EventClosing.QUESTIONS, "is_story_public")
        initial |= {name: getattr(said, name) for name in names}
        initial["photos"] = list(said.placed_photos.values_list("photo_id", flat=True))
    if agreement is not None:
        initial |= {name: getattr(agreement, name) for name in (*Agreement.WORDS, "owner", "owner_name", "follow_up_on")}
    return initial
