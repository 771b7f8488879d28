"""People as the team meets them: the contacts of the sign-ups one manages, and those of one's lists."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import normalise_phone
from events.admin.cards import card_of
from events.admin.forms import ContactForm
from events.admin.joining import JoinPages
from events.admin.mails import LEFT
from events.domain import desk, journey
from events.visibility import visible_people
from participants.domain import bounces
from participants.models import Bounce, Message, Person, User
from projects import rules


@admin.register(Person)
class PersonAdmin(JoinPages):
    """Contact details are corrected on the person's wish; an account's owner does it alone."""

    form = ContactForm
    holds_people = True
    list_display = ["name", "phone_linked", "email", "reached"]
    search_fields = ["name", "email", "phone"]
    ordering = ["name_order", "pk"]
    fields = ["name", "phone", "email", "preferred_channel", "homes", "language_named", "known_since", "account_note"]
    readonly_fields = ["homes", "language_named", "known_since", "account_note"]
    change_form_template = "admin/person.html"
    pages = (("<int:pk>/came-back/", "came_back"), ("<int:pk>/write-again/", "write_again"), ("<int:pk>/join/", "join"))
    change_list_template = "admin/people.html"
    empty_sentence = _("Nobody here yet. People appear with their first sign-up, or with a list from a file.")

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        """A person comes in with a sign-up."""
        return False

    def may_change(self, user: User, obj: Person | None = None) -> bool:
        return self.may_see(user) and (obj is None or obj.user_id is None)

    def scope(self, user: User) -> QuerySet[Person]:
        return visible_people(user)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """A number is found however it is spelled."""
        try:
            return queryset.filter(phone=normalise_phone(search_term)), False
        except ValidationError:
            return super().get_search_results(request, queryset, search_term)

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:
        typed = form.cleaned_data
        person = Person.objects.get(pk=obj.pk)
        desk.change_contact(person, name=typed["name"], email=typed["email"], phone=typed["phone"], channel=typed["preferred_channel"])

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["card"] = card_of(context["original"], request.user)
        context["returnable"] = self.returnable(context["original"]).first()
        context.update(journey.panel_context(context["original"]))
        context["is_stopped"] = bounces.is_stopped(context["original"].email)
        return super().render_change_form(request, context, *args, **kwargs)

    # --- What was sent ----------------------------------------------------------------------------------------------

    def returnable(self, person: Person) -> QuerySet[Message]:
        """Mails that left for the person's address and are not noted as returned, the last one first."""
        return Message.objects.filter(person=person, recipient=person.email, status__in=LEFT, bounces=None).order_by("-pk")

    def came_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Somebody found a mail to the person among the returned ones: the last that was sent and is not noted yet."""
        person = self.one(request, pk, to_change=False)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        # The button names the mail it was shown for, so that pressing it twice notes one mail.
        named = request.POST.get("message", "")
        message = self.returnable(person).filter(**{"pk": named} if named.isdecimal() else {}).first()
        if message is None:
            raise RuleBroken("nothing_sent", _("No mail was sent to this address that could have come back."))
        bounces.note(person.email, source=Bounce.Source.HAND, message=message, actor=request.user)
        messages.success(request, gettext("Noted. After three returned mails nothing more is sent to the address."))
        return redirect(self.address("change", pk))

    def write_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The address was checked with the person: what came back from it counts no more."""
        person = self.one(request, pk, to_change=False)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        bounces.forgive(person.email, request.user)
        messages.success(request, gettext("Mails to this address go out again."))
        return redirect(self.address("change", pk))

    @admin.display(description=_("phone"))
    def phone_linked(self, person: Person) -> str:
        return person.phone_shown

    @admin.display(description=_("how to reach"))
    def reached(self, person: Person) -> str:
        return person.get_preferred_channel_display()

    @admin.display(description=_("neighbourhood"))
    def homes(self, person: Person) -> str:
        return ", ".join(str(membership) for membership in person.memberships.select_related("neighbourhood")) or "–"

    @admin.display(description=_("language"))
    def language_named(self, person: Person) -> str:
        return person.get_language_display()

    @admin.display(description=_("known since"))
    def known_since(self, person: Person) -> str:
        return date_format(timezone.localtime(person.created_at), "DATE_FORMAT")

    @admin.display(description=_("account"))
    def account_note(self, person: Person) -> Any:
        return _("has an account and corrects the details there") if person.user_id else _("no account")
