"""What every admin class of the panel stands on: rights from ``rules.py``, own rows only, verbs behind small forms."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin
from modeltranslation.settings import DEFAULT_LANGUAGE

from active_citizens.core.forms import DayField, MomentField
from active_citizens.core.refusal import RuleBroken
from participants.domain import access_log
from participants.models import AccessLog, User
from projects import rules
from projects.domain import takedown


class Refusable(forms.ModelForm):
    """The form shown again after a rule refused: what was typed stays, the sentence stands at its field."""

    broken: RuleBroken | None = None
    user: User

    def clean(self) -> Any:
        cleaned = super().clean()
        first, last = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The end cannot come before the start."))
        if self.broken is not None:
            for field, sentence in self.broken.context.get("missing") or [(self.broken.field, str(self.broken))]:
                self.add_error(self._place(field), sentence)
        return cleaned

    def _place(self, field: str | None) -> str | None:
        return next((name for name in (field, f"{field}_{DEFAULT_LANGUAGE}") if name in self.fields), None)


class RuledAdmin(admin.ModelAdmin):
    """An admin class whose rights are the rules': what ``scope`` leaves out does not exist, at any address.

    Subclasses say ``may_see``, ``may_add``, ``may_change``, ``may_delete`` and ``scope``; unsaid, it is the coordinator's.
    ``holds_people`` marks personal data: looking is logged, and names stay out of the history.
    """

    form = Refusable
    actions = None
    holds_people = False
    list_per_page = 50
    # Counting all rows beside the found ones would read a big table twice.
    show_full_result_count = False
    empty_value_display = ""
    # Django's own link would lead past ``scope``; pages that have a public face link to it themselves.
    view_on_site = False
    show_facets = admin.ShowFacets.NEVER
    # Fields whose missing choice may be made in a window of its own.
    added_beside: tuple[str, ...] = ()
    empty_sentence = _("There is nothing here yet.")
    # Pages beside Django's own, as (address below the list, method); each is called as ``address`` says.
    pages: tuple[tuple[str, str], ...] = ()
    formfield_overrides = {
        models.DateTimeField: {"form_class": MomentField, "widget": MomentField.widget},
        models.DateField: {"form_class": DayField, "widget": DayField.widget},
        models.URLField: {"assume_scheme": "https"},
    }

    # --- The rules --------------------------------------------------------------------------------------------------

    def may_see(self, user: User) -> bool:
        return rules.may_write_programme(user)

    def may_add(self, user: User) -> bool:
        return self.may_see(user)

    def may_change(self, user: User, obj: Any = None) -> bool:
        return self.may_see(user)

    def may_delete(self, user: User, obj: Any) -> bool:
        return False

    def scope(self, user: User) -> models.QuerySet:
        """The rows that exist for the account."""
        return self.model._default_manager.all()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        found = self.scope(request.user)
        ordering = self.get_ordering(request)
        return found.order_by(*ordering) if ordering else found

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may_see(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_see(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_add(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and self.may_delete(request.user, obj)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Somebody else's row is not found; Django would lead to the start page and say that the row may be deleted."""
        raise Http404

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if self.may_see(request.user) and self.get_object(request, object_id) is None:
            raise Http404
        return super().delete_view(request, object_id, extra_context)

    def get_urls(self) -> list[Any]:
        """The class's own pages first, behind the same door as Django's."""
        view, model = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        own = [path(where, view(getattr(self, name)), name=f"{model}_{name}") for where, name in self.pages]
        return [*own, *super().get_urls()]

    # --- Forms ------------------------------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.broken, form.user = getattr(request, "broken_rule", None), request.user
        return form

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        original = getattr(db_field, "translated_field", None)
        if field is not None and original is not None:
            name = capfirst(str(original.verbose_name))
            field.label = (
                name if db_field.language == DEFAULT_LANGUAGE else f"{name} – {get_language_info(db_field.language)['name_local']}"
            )
        if field is not None and isinstance(field.widget, admin.widgets.RelatedFieldWidgetWrapper):
            for link in ("can_change_related", "can_delete_related", "can_view_related"):
                setattr(field.widget, link, False)
            field.widget.can_add_related &= db_field.name in self.added_beside
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Boxes to tick: a list with Ctrl is no choice for a thumb."""
        return super().formfield_for_manytomany(db_field, request, **{"widget": forms.CheckboxSelectMultiple, **kwargs})

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None) -> Any:
        """A rule that refuses while saving undoes everything, and the form comes back as it was sent."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except RuleBroken as broken:
            request.broken_rule = broken
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write only the columns the form changed: what a verb has set meanwhile stays."""
        if not change:
            obj.save()
            return
        obj.save(update_fields=self.changed_columns(form.changed_data))

    def changed_columns(self, names: Iterable[str]) -> list[str]:
        own = {field.name: field for field in self.opts.concrete_fields}
        changed = [name for name in names if name in own]
        originals = [original.name for name in changed if (original := getattr(own[name], "translated_field", None)) is not None]
        stamps = ["updated_at"] if changed and "updated_at" in own else []
        return list(dict.fromkeys([*changed, *originals, *stamps]))

    # --- Traces -----------------------------------------------------------------------------------------------------

    def note_reading(self, request: HttpRequest, ids: Iterable[int]) -> None:
        """One line of the access log per page that showed people."""
        shown = list(ids)
        if self.holds_people and shown:
            access_log.record(AccessLog.Action.READ, self.opts.label_lower, actor=request.user, ids=shown, row_count=len(shown))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = capfirst(str(self.opts.verbose_name_plural))
        response = super().changelist_view(request, {"title": title, **(extra_context or {})})
        shown = getattr(response, "context_data", {}).get("cl")
        if shown is not None:
            self.note_reading(request, [row.pk for row in shown.result_list])
        return response

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        obj = context["original"]
        if obj is not None:
            self.note_reading(request, [obj.pk])
            context["takedown"] = self.takedown_of(request, obj)
        context.setdefault("show_save_and_add_another", False)
        return super().render_change_form(request, context, *args, **kwargs)

    def takedown_of(self, request: HttpRequest, obj: Any) -> dict[str, Any] | None:
        """What the button „Zdejmij natychmiast” needs (admin/_takedown.html); None for what cannot be taken down."""
        noun = takedown.noun_of(obj)
        if noun is None or not noun.own(request.user).filter(pk=obj.pk).exists():
            return None
        act = takedown.standing(obj) if obj.taken_down_at is not None else None
        is_public = act is None and noun.public().filter(pk=obj.pk).exists()
        may_restore = act is not None and rules.may_restore(request.user, act)
        return {"label": noun.label, "pk": obj.pk, "act": act, "is_public": is_public, "may_restore": may_restore}

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        if not self.holds_people:
            return super().log_change(request, obj, message)
        access_log.record(AccessLog.Action.CHANGE, self.opts.label_lower, actor=request.user, ids=[obj.pk])
        return LogEntry.objects.create(
            user_id=request.user.pk,
            content_type=get_content_type_for_model(obj),
            object_id=str(obj.pk),
            object_repr=f"{self.opts.verbose_name} {obj.pk}",
            action_flag=CHANGE,
            change_message=json.dumps(message),
        )

    # --- Verbs behind a button --------------------------------------------------------------------------------------

    def one(self, request: HttpRequest, pk: int, *, to_change: bool = True) -> Any:
        """The row at a typed address: 403 for a colleague without the right, 404 for what is not theirs."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_queryset(request).filter(pk=pk).first()
        if found is None:
            raise Http404
        if to_change and not self.has_change_permission(request, found):
            raise PermissionDenied
        return found

    def step(
        self,
        request: HttpRequest,
        obj: Any,
        form: forms.Form,
        verb: Callable[[dict[str, Any]], tuple[str, str]],
        *,
        title: str,
        button: str,
        sentence: str = "",
        danger: bool = False,
        back: str = "",
    ) -> HttpResponse:
        """One small form before one verb: ``verb`` gets the cleaned data and returns (address, message).

        GET asks; POST acts, or shows the rule's sentence with everything typed still there.
        """
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    address, said = verb(form.cleaned_data)
            except RuleBroken as broken:
                broken.show_in(form)
            else:
                self.log_change(request, obj, title)
                messages.success(request, said)
                return redirect(address)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "original": obj, "form": form, "title": title, "button": button, "sentence": sentence,
            "danger": danger, "back": back or self.address("change", obj.pk),
        }  # fmt: skip
        return TemplateResponse(request, "admin/step.html", context)

    def confirm(self, request: HttpRequest, obj: Any, verb: Callable[[dict[str, Any]], tuple[str, str]], **said: Any) -> HttpResponse:
        """A ``step`` with nothing to type: the button is the answer."""
        return self.step(request, obj, forms.Form(request.POST if request.method == "POST" else None), verb, **said)

    def address(self, view: str, *args: Any) -> str:
        """The address of one of the class's own pages."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{view}", args=args)


class OwnNeighbourhoods(admin.RelatedFieldListFilter):
    """A filter that offers one's own neighbourhoods only."""

    # "None" would be a second world beside one's own neighbourhoods.
    include_empty_choice = False

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[int, str]]:
        return [(place.pk, place.name) for place in rules.own_neighbourhoods(request.user).order_by("name_order")]


class RuledTranslationAdmin(RuledAdmin, TranslationAdmin):
    """A ruled admin class for models with pl, en and uk columns: Polish in sight, the others folded away."""


def languages(*names: str) -> tuple[Any, dict[str, Any]]:
    """The folded fieldset with the English and Ukrainian columns of the named fields."""
    fields = [f"{name}_{language}" for language in ("en", "uk") for name in names]
    return _("In English and Ukrainian"), {"classes": ["collapse"], "fields": fields}
