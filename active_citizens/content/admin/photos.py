"""The image library: pictures with their words and consents, and those that had to come down."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.content.domain import photos
from active_citizens.content.models import Photo, PhotoPerson
from active_citizens.content.rules import manageable_photos, may_manage_photo
from active_citizens.core.pictures import SMALL, WIDTHS, PictureField
from participants.domain import consents
from participants.models import Person, User
from projects import rules
from projects.admin_base import OwnNeighbourhoods, Refusable, RuledTranslationAdmin, languages


class PhotoForm(Refusable):
    picture = PictureField(label=gettext_lazy("File: JPEG, PNG or WebP"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["picture"]

    def clean(self) -> Any:
        cleaned = super().clean()
        if "alt_pl" in self.cleaned_data and not self.cleaned_data["alt_pl"] and not self.cleaned_data.get("is_decorative"):
            self.add_error("alt_pl", _("Write what is in the picture, for those who do not see it."))
        return cleaned


class PhotoPersonForm(forms.ModelForm):
    """A person is named by the contact they gave; one who has not agreed is not found."""

    contact = forms.CharField(
        label=gettext_lazy("E-mail of somebody who agreed here"), required=False, max_length=254,
        help_text=gettext_lazy("Empty when the consent is on paper."),
    )  # fmt: skip

    class Meta:
        model = PhotoPerson
        fields = ["paper_reference", "guardian_note"]

    def clean(self) -> Any:
        cleaned = super().clean() or {}
        contact = cleaned.get("contact", "").strip()
        if contact:
            agreed = [person for person in Person.objects.filter(email__iexact=contact)[:20] if consents.holds(person, photos.IMAGE)]
            if len(agreed) != 1:
                sentence = _("Nobody with this e-mail has agreed here to be shown, or several have. Name the paper with the consent.")
                raise ValidationError({"contact": sentence})
            self.instance.person = agreed[0]
        elif self.instance.person_id is None and not cleaned.get("paper_reference"):
            raise ValidationError({"paper_reference": _("Write where the paper with the consent is, or an e-mail.")})
        return cleaned


class PhotoPersonFormSet(forms.BaseInlineFormSet):
    """Whoever can be recognised has agreed: at least one line for such a photo."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or self.instance.people != Photo.People.RECOGNISABLE:
            return
        left = [form for form in self.forms if (form.instance.pk or form.has_changed()) and not self._should_delete_form(form)]
        if not left:
            raise ValidationError(_("Say who can be recognised and where their consent is: without it the photo cannot be shown."))


class PhotoPersonInline(admin.StackedInline):
    model = PhotoPerson
    form = PhotoPersonForm
    formset = PhotoPersonFormSet
    fields = ["contact", "paper_reference", "guardian_note"]
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Photo | None = None) -> bool:
        return rules.is_staff(request.user)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission

    def get_queryset(self, request: HttpRequest) -> QuerySet[PhotoPerson]:
        return super().get_queryset(request).select_related("person")


class StateFilter(admin.SimpleListFilter):
    """The photos that came down are the list of what is to be cleaned up."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("shown", _("shown")),
            ("hidden", _("hidden")),
            ("withdrawn", _("a consent was withdrawn")),
            ("to_remove", _("hidden, files still here")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return {
            "shown": queryset.shown,
            "hidden": queryset.hidden,
            "withdrawn": queryset.withdrawn,
            "to_remove": lambda: queryset.hidden().filter(files_removed_at=None),
        }.get(self.value() or "", lambda: queryset)()


@admin.register(Photo)
class PhotoAdmin(RuledTranslationAdmin):
    """Photos of one's own neighbourhoods; those hidden stay listed, with the pages they stood on."""

    form = PhotoForm
    inlines = [PhotoPersonInline]
    holds_people = True
    list_display = ["thumbnail", "title_shown", "people", "state", "used"]
    list_display_links = ["title_shown"]
    search_fields = ["alt", "caption"]
    change_form_template = "admin/photo.html"
    pages = (
        ("<int:pk>/hide/", "hide"),
        ("<int:pk>/show-again/", "show_again"),
        ("<int:pk>/remove-files/", "remove_files"),
        ("<int:pk>/file/<int:width>/", "file"),
    )
    empty_sentence = gettext_lazy("No photos here. Add the first one, or change the filters.")
    fieldsets = [
        (None, {"fields": ["picture", "alt_pl", "is_decorative", "caption_pl", "taken_on", "neighbourhoods", "people"]}),
        languages("alt", "caption"),
    ]

    # --- Whose ------------------------------------------------------------------------------------------------------

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_change(self, user: User, obj: Photo | None = None) -> bool:
        return rules.is_staff(user) and (obj is None or may_manage_photo(user, obj))

    def may_delete(self, user: User, obj: Photo) -> bool:
        """What stands on no page may go; the rest is hidden, and its files removed."""
        return self.may_change(user, obj) and not photos.uses_of([obj.pk])[obj.pk]

    def scope(self, user: User) -> QuerySet[Photo]:
        return manageable_photos(user)

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-pk"]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [StateFilter, "people", ("neighbourhoods", OwnNeighbourhoods)]

    # --- The form ---------------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Photo | None = None) -> Any:
        """The file is chosen once: another picture is another photo."""
        found = super().get_fieldsets(request, obj)
        if obj is None:
            return found
        return [(name, {**rest, "fields": [field for field in rest["fields"] if field != "picture"]}) for name, rest in found]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "neighbourhoods":
            kwargs["queryset"] = rules.own_neighbourhoods(request.user).order_by("name_order")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        own = list(rules.own_neighbourhoods(request.user)[:2])
        return super().get_changeform_initial_data(request) | {"neighbourhoods": own if len(own) == 1 else []}

    def save_model(self, request: HttpRequest, obj: Photo, form: Any, change: bool) -> None:
        if not change:
            obj.added_by = request.user
            photos.write_files(obj, form.cleaned_data["picture"])
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Neighbourhoods the account does not work for are not in its form, and stay."""
        others = list(form.instance.neighbourhoods.exclude(pk__in=rules.own_neighbourhoods(request.user))) if change else []
        super().save_related(request, form, formsets, change)
        form.instance.neighbourhoods.add(*others)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        photo = context["original"]
        context |= {"uses": photos.uses_of([photo.pk])[photo.pk] if photo else [], "show_save_and_continue": False}
        context["is_shown"] = bool(photo) and Photo.objects.shown().filter(pk=photo.pk).exists()
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Buttons ----------------------------------------------------------------------------------------------------

    def hide(self, request: HttpRequest, pk: int) -> HttpResponse:
        photo = self.one(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            photos.hide(photo)
            return self.address("change", pk), _("Hidden: nobody sees the photo any more.")

        sentence = _("The photo disappears from every page at once. You can show it again.")
        return self.confirm(request, photo, verb, title=_("Hide the photo"), button=_("Hide"), sentence=sentence)

    def show_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        photo = self.one(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            photos.show_again(photo)
            return self.address("change", pk), _("The photo is shown again.")

        return self.confirm(request, photo, verb, title=_("Show the photo again"), button=_("Show again"))

    def remove_files(self, request: HttpRequest, pk: int) -> HttpResponse:
        photo = self.one(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            photos.remove_files(photo)
            return self.address("changelist") + "?state=to_remove", _("The files are removed.")

        sentence = _("The files are deleted for good; what the photo was and where it stood remains written.")
        return self.confirm(request, photo, verb, title=_("Remove the files"), button=_("Remove the files"), sentence=sentence, danger=True)

    def file(self, request: HttpRequest, pk: int, width: int) -> HttpResponse | FileResponse:
        """The picture for the team's eyes, hidden or not."""
        photo = self.one(request, pk, to_change=False)
        if width not in WIDTHS or photo.files_removed_at is not None:
            raise Http404
        response = FileResponse(photo.file_of(width).open(), content_type="image/webp")
        response.headers["Cache-Control"] = "private, no-store"
        return response

    # --- The list ---------------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", {}).get("cl")
        if shown is not None:
            uses = photos.uses_of(photo.pk for photo in shown.result_list)
            for photo in shown.result_list:
                photo.found_uses = uses[photo.pk]
        return response

    @admin.display(description=gettext_lazy("photo"))
    def thumbnail(self, photo: Photo) -> str:
        if photo.files_removed_at is not None:
            return _("files removed")
        return format_html('<img class="panel-thumb" src="{}" alt="" loading="lazy">', self.address("file", photo.pk, SMALL))

    @admin.display(description=gettext_lazy("what is in the picture"))
    def title_shown(self, photo: Photo) -> str:
        return str(photo)

    @admin.display(description=gettext_lazy("state"))
    def state(self, photo: Photo) -> str:
        if photo.files_removed_at is not None:
            return _("files removed")
        return str(photo.get_hidden_why_display()) if photo.hidden_at else _("in the library")

    @admin.display(description=gettext_lazy("used in"))
    def used(self, photo: Photo) -> str:
        uses: Iterable[photos.Use] = getattr(photo, "found_uses", [])
        return format_html_join(", ", '<a href="{}">{}</a>', ((use.url, use.label) for use in uses))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Words of the description and the caption, in the language they are written in here."""
        found = queryset.filter(Q(alt_pl__icontains=search_term) | Q(caption_pl__icontains=search_term)) if search_term else queryset
        return found, False
