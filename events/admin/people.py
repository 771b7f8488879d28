"""People as the team meets them: the contacts of the sign-ups one manages."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from active_citizens.core.text import normalise_phone
from events.admin.forms import ContactForm
from events.domain import desk
from events.rules import manageable_registrations
from events.visibility import visible_people
from participants.models import Person, User
from projects import rules
from projects.admin_base import RuledAdmin


@admin.register(Person)
class PersonAdmin(RuledAdmin):
    """Contact details are corrected on the person's wish; an account's owner does it alone."""

    form = ContactForm
    holds_people = True
    list_display = ["name", "phone_linked", "email", "reached"]
    search_fields = ["name", "email", "phone"]
    ordering = ["name_order", "pk"]
    fields = ["name", "phone", "email", "preferred_channel", "homes", "account_note"]
    readonly_fields = ["homes", "account_note"]
    change_form_template = "admin/person.html"
    empty_sentence = _("Nobody here yet. People appear with their first sign-up.")

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
        own = manageable_registrations(request.user).filter(person=context["original"])
        context["registrations"] = own.with_places().order_by("-event__starts_at")[:20]
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("phone"))
    def phone_linked(self, person: Person) -> str:
        return person.phone_shown

    @admin.display(description=_("how to reach"))
    def reached(self, person: Person) -> str:
        return person.get_preferred_channel_display()

    @admin.display(description=_("neighbourhood"))
    def homes(self, person: Person) -> str:
        return ", ".join(str(membership) for membership in person.memberships.select_related("neighbourhood")) or "–"

    @admin.display(description=_("account"))
    def account_note(self, person: Person) -> Any:
        return _("has an account and corrects the details there") if person.user_id else _("no account")
