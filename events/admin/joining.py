"""Joining two records of one person: whom, what would happen, and the journal of it with the way back."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.refusal import RuleBroken
from participants.domain import merging
from participants.models import Person, PersonMerge, User
from projects.admin_base import RuledAdmin
from projects.rules import is_coordinator

# So many people a search shows; whoever finds more writes more of the name.
FOUND_AT_MOST = 20


class SearchForm(forms.Form):
    """Whom to look for; sent by GET, it writes nothing."""

    q = forms.CharField(label=gettext_lazy("Name, phone or e-mail of the other record"), max_length=150, required=False)


class JoinPages(RuledAdmin):
    """The pages of PersonAdmin that make one record of two."""

    def join(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Find the other record; with one chosen, see both beside each other and what joining would do. POST joins."""
        person = self.one(request, pk, to_change=False)
        chosen = request.POST.get("other") or request.GET.get("other", "")
        if not chosen:
            return self._search(request, person)
        other = self.get_queryset(request).filter(pk=chosen if chosen.isdecimal() and len(chosen) < 19 else None).first()
        if other is None:
            raise Http404
        return self._preview(request, person, other)

    def _search(self, request: HttpRequest, person: Person) -> HttpResponse:
        form = SearchForm(request.GET or None)
        people = self.get_queryset(request).exclude(pk=person.pk)
        asked = form.cleaned_data["q"].strip() if form.is_valid() else ""
        found = self.get_search_results(request, people, asked)[0] if asked else people.filter(_like(person))
        shown = list(found.prefetch_related("memberships__neighbourhood")[: FOUND_AT_MOST + 1])
        self.note_reading(request, [one.pk for one in shown])
        context = {"form": form, "found": shown[:FOUND_AT_MOST], "more": len(shown) > FOUND_AT_MOST, "asked": asked}
        return self._page(request, "admin/join_search.html", person, **context)

    def _preview(self, request: HttpRequest, person: Person, other: Person) -> HttpResponse:
        by_number = {str(one.pk): one for one in (person, other)}
        usual = other if other.user_id is not None and person.user_id is None else person
        kept = by_number.get(request.POST.get("keep") or request.GET.get("keep", ""), usual)
        gone = other if kept is person else person
        status = 200
        # Whoever chose to keep the other one sees first what that means.
        if request.method == "POST" and request.POST.get("seen") == str(kept.pk):
            try:
                joined = merging.merge(kept, gone, actor=request.user)
            except RuleBroken as broken:
                messages.error(request, str(broken))
                status = 409
            else:
                messages.success(request, _("The two records are one now. The coordinator can undo it for 30 days."))
                return redirect(self.address("change", joined.kept_id))
        self.note_reading(request, [person.pk, other.pk])
        seen = merging.preview(kept, gone, actor=request.user)
        context = {"seen": seen, "both": [_shown(one) for one in (person, other)], "other": other}
        return self._page(request, "admin/join_preview.html", person, status=status, **context)

    def _page(self, request: HttpRequest, template: str, person: Person, status: int = 200, **values: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": person, **values}
        return TemplateResponse(request, template, {"title": _("Join with another record"), **context}, status=status)


def _like(person: Person) -> Q:
    """Those who share the name or a contact: the likeliest second records, shown before anybody searches."""
    alike = Q(name__iexact=person.name)
    alike |= Q(email=person.email) if person.email else Q(pk=None)
    return alike | Q(phone=person.phone) if person.phone else alike


def _shown(person: Person) -> dict[str, Any]:
    return {
        "person": person,
        "homes": [str(home) for home in person.memberships.select_related("neighbourhood")],
        "sign_ups": person.registrations.count(),
    }


@admin.register(PersonMerge)
class PersonMergeAdmin(RuledAdmin):
    """The coordinator reads the journal and undoes what was a mistake; nobody edits it."""

    holds_people = True
    list_display = ["at", "kept", "gone", "actor", "state"]
    list_display_links = ["at"]
    list_select_related = ["kept", "gone", "actor"]
    ordering = ["-at", "-pk"]
    fields = ["at", "kept", "gone", "actor", "state", "undone_by"]
    readonly_fields = ["state", "undone_by"]
    change_form_template = "admin/joining.html"
    pages = (("<int:pk>/undo/", "undo"),)
    empty_sentence = gettext_lazy("No two records have been joined yet.")

    def may_see(self, user: User) -> bool:
        return is_coordinator(user)

    def may_add(self, user: User) -> bool:
        return False

    def may_change(self, user: User, obj: PersonMerge | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[PersonMerge]:
        return PersonMerge.objects.all()

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["can_be_undone"] = context["original"].can_be_undone()
        return super().render_change_form(request, context, *args, **kwargs)

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Part the two again."""
        joined = self.one(request, pk, to_change=False)
        if not is_coordinator(request.user):
            raise PermissionDenied
        self.note_reading(request, [pk])

        def verb(_typed: dict[str, Any]) -> tuple[str, str]:
            merging.undo(joined, actor=request.user)
            return self.address("change", pk), _("The two records are apart again.")

        sentence = _(
            "What came over and is still there goes back. A place given back is not taken from anybody: the sign-up waits for one in its "
            "old turn. A consent that was withdrawn stays withdrawn."
        )
        return self.confirm(request, joined, verb, title=_("Undo the joining"), button=_("Undo"), sentence=sentence, danger=True)

    @admin.display(description=gettext_lazy("state"))
    def state(self, joined: PersonMerge) -> str:
        if joined.undone_at is not None:
            return _("undone")
        return _("can be undone") if joined.can_be_undone() else _("final")
