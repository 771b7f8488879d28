"""„Zdejmij natychmiast”: the step that takes something public down, the one that restores it, and the journal of both."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participants.models import User
from projects import rules
from projects.admin_base import RuledAdmin
from projects.domain import takedown
from projects.models import TakeDown


class SentenceForm(forms.Form):
    sentence = forms.CharField(
        label=gettext_lazy("In a sentence"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("For the team’s journal; the public page gives no reason. Do not repeat personal data or insults."),
    )  # fmt: skip


class ReasonForm(SentenceForm):
    why = forms.ChoiceField(label=gettext_lazy("Why"), choices=TakeDown.Why.choices, widget=forms.RadioSelect)
    field_order = ["why", "sentence"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sentence"].help_text = _(
            "For the team’s journal, and for residents whose words these are: they are told why. The public page gives no reason. "
            "Do not repeat personal data or insults."
        )


class AddressForm(forms.Form):
    address = forms.CharField(
        label=gettext_lazy("Address of the page or photo"), max_length=500,
        help_text=gettext_lazy("Open it on the portal and copy the address from the browser. For a photo: “open image in a new tab”."),
    )  # fmt: skip


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("standing", _("still down"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.standing() if self.value() == "standing" else queryset


@admin.register(TakeDown)
class TakeDownAdmin(RuledAdmin):
    """The journal is the office's; the steps are for whoever looks after the thing, from its own page or by its address."""

    list_display = ["at", "what", "act", "why", "sentence", "actor"]
    list_filter = [StateFilter, "act", "why"]
    fields = ["what", "act", "why", "sentence", "actor", "at"]
    readonly_fields = ["what"]
    change_list_template = "admin/takedowns.html"
    change_form_template = "admin/takedown.html"
    empty_sentence = gettext_lazy("Nothing has been taken down.")

    def may_see(self, user: User) -> bool:
        return rules.may_read_take_downs(user)

    def may_add(self, user: User) -> bool:
        return False

    def may_change(self, user: User, obj: TakeDown | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[TakeDown]:
        return TakeDown.objects.select_related("actor")

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-pk"]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The journal is the trace; the panel's history would keep the title of what had to go."""

    # --- The steps --------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        own = [
            path("find/", view(self.find), name="projects_takedown_find"),
            path("take/<str:label>/<int:object_id>/", view(self.take), name="projects_takedown_take"),
            path("restore/<str:label>/<int:object_id>/", view(self.bring_back), name="projects_takedown_restore"),
        ]
        return [*own, *super().get_urls()]

    def find(self, request: HttpRequest) -> HttpResponse:
        """From the address of something public to the step that takes it down."""
        form = AddressForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            found = takedown.find(form.cleaned_data["address"])
            if found is not None and found[0].own(request.user).filter(pk=found[1].pk).exists():
                return redirect(self.address("take", found[0].label, found[1].pk))
            form.add_error("address", _("There is nothing at this address that you can take down. Ask the coordinator."))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "form": form, "title": _("Take something down"),
            "button": _("Next"), "back": reverse("admin:index"),
            "sentence": _("Something on the portal harms somebody: it vanishes at once, and can be restored later."),
        }  # fmt: skip
        return TemplateResponse(request, "admin/step.html", context)

    def take(self, request: HttpRequest, label: str, object_id: int) -> HttpResponse:
        noun, row = self._row(request, label, object_id)
        back = self._page_of(request, noun, row)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            takedown.take_down(row, why=typed["why"], sentence=typed["sentence"], actor=request.user)
            return back, _("Taken down: nobody sees it on the portal any more.")

        form = ReasonForm(request.POST if request.method == "POST" else None)
        sentence = _("It vanishes at once from every page, list and feed.")
        if not noun.of:
            sentence = _("It vanishes at once from every page, list and feed. Its address says only that it was taken down, and when.")
        return self.step(
            request, row, form, verb, title=_("Take down at once: %(kind)s") % {"kind": noun.name}, button=_("Take down at once"),
            sentence=sentence, danger=True, back=back,
        )  # fmt: skip

    def bring_back(self, request: HttpRequest, label: str, object_id: int) -> HttpResponse:
        noun, row = self._row(request, label, object_id)
        back, act = self._page_of(request, noun, row), takedown.standing(row)
        if act is not None and not rules.may_restore(request.user, act):
            raise PermissionDenied

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            takedown.restore(row, sentence=typed["sentence"], actor=request.user)
            if takedown.is_shown(row):
                return back, _("Restored: everybody sees it again.")
            return back, _("Restored, but nobody sees it yet: it is hidden, or what it stands on is.")

        form = SentenceForm(request.POST if request.method == "POST" else None)
        sentence = _("Everybody will see it again, as it is now. Correct first what was wrong.")
        return self.step(
            request, row, form, verb, title=_("Restore: %(kind)s") % {"kind": noun.name}, button=_("Restore"), sentence=sentence, back=back
        )

    def _row(self, request: HttpRequest, label: str, object_id: int) -> tuple[takedown.Noun, Any]:
        """The thing, if the account may take it down. Raises Http404."""
        noun = takedown.nouns().get(label)
        row = noun.own(request.user).filter(pk=object_id).first() if noun else None
        if noun is None or row is None:
            raise Http404
        return noun, row

    def _page_of(self, request: HttpRequest, noun: takedown.Noun, row: Any) -> str:
        """The panel's page of the thing, or the nearest one the account may open."""
        row = noun.stands_with(row)
        own = self.admin_site._registry.get(type(row))
        if own is not None and own.has_view_permission(request):
            return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        return self.address("changelist") if self.may_see(request.user) else reverse("admin:index")

    # --- The journal ------------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", {}).get("cl")
        if shown is not None:
            found = takedown.titles(list(shown.result_list))
            for act in shown.result_list:
                act.title = found.get((act.label, act.object_id), "")
        return response

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        act = self.get_object(request, object_id)
        is_standing = act is not None and TakeDown.objects.standing().filter(pk=act.pk).exists() and act.label in takedown.nouns()
        return super().change_view(request, object_id, form_url, {"is_standing": is_standing, **(extra_context or {})})

    @admin.display(description=gettext_lazy("what"))
    def what(self, act: TakeDown) -> str:
        title = act.title if hasattr(act, "title") else takedown.titles([act]).get((act.label, act.object_id), "")
        return format_html("{}: {}", takedown.kind_of(act), title or f"{act.object_id}")
