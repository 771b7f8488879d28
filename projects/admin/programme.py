"""Project, stages, history, neighbourhoods, organisations: the coordinator's desk; venues: everybody's."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from active_citizens.core.amounts import MoneyField
from participants.models import Organisation, User
from projects import rules
from projects.admin.editions import EditionPages
from projects.admin_base import OwnNeighbourhoods, Refusable, RuledTranslationAdmin, languages
from projects.models import Assignment, HistoryItem, Neighbourhood, Project, ProjectPartner, Stage, StreetRange, Venue

MORE = _("More settings")
SOURCE = (_("Source"), {"classes": ["collapse"], "fields": ["source_label", "source_url"]})


class CoordinatorInline(admin.StackedInline):
    """Rows of a coordinator's page; whoever may change the page may change them."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return rules.may_write_programme(request.user)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class PartnerInline(CoordinatorInline):
    model = ProjectPartner


class StreetInline(CoordinatorInline):
    model = StreetRange
    fields = ["street", "parity", "first_number", "last_number", "note"]


class DutyField(forms.TimeField):
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def access_owners() -> QuerySet[User]:
    """Whom access needs may be given to see to: accounts of the office with a role in force."""
    office = Assignment.objects.live().filter(role__in=rules.EVERYWHERE)
    return User.objects.filter(pk__in=office.values("user")).order_by("name", "email")


class ProjectForm(Refusable):
    # Left empty, what is kept stays; nought is a number.
    KEPT = ("answer_days", "silence_days", "report_days", "duty_from", "duty_until")
    volunteer_hour_grosze = MoneyField(
        label=_("Worth of an hour of volunteer work (zł)"), required=False, help_text=_("Empty: hours are shown without a worth.")
    )
    certificate_threshold = forms.IntegerField(label=_("Certificate from (% of hours)"), min_value=1, max_value=100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.KEPT:
            self.fields[name].required = False

    def clean(self) -> Any:
        cleaned = super().clean()
        for name in self.KEPT:
            if name in self.cleaned_data and self.cleaned_data[name] is None:
                self.cleaned_data[name] = getattr(self.instance, name)
        duty_from, duty_until = self.cleaned_data.get("duty_from"), self.cleaned_data.get("duty_until")
        if duty_from and duty_until and duty_until <= duty_from:
            self.add_error("duty_until", ValidationError(_("The duty must end after it starts."), code="duty"))
        return cleaned

    def clean_is_current(self) -> bool:
        others = Project.objects.filter(is_current=True).exclude(pk=self.instance.pk)
        if self.cleaned_data["is_current"] and others.exists():
            raise ValidationError(_("Another project is the current one. Take the mark off it first."), code="current")
        return self.cleaned_data["is_current"]


class StageForm(Refusable):
    number = forms.IntegerField(label=_("Number"), min_value=1, max_value=99)


@admin.register(Project)
class ProjectAdmin(EditionPages, RuledTranslationAdmin):
    form = ProjectForm
    change_form_template = "admin/project.html"
    # Published by a verb that looks at the checklist first.
    readonly_fields = ["is_published"]
    list_display = ["title", "period_note", "is_current", "is_published"]
    inlines = [PartnerInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "title_pl", "slug", "summary_pl", "starts_on", "ends_on", "phone_line", "phone_hours_pl", "contact_email",
                    "is_published",
                ]
            },
        ),
        (
            MORE,
            {
                "classes": ["collapse"],
                "fields": [
                    "is_current", "description_pl", "period_note_pl", "funder_pl", "controller_pl", "protection_officer_pl",
                    "certificate_threshold", "answer_days", "silence_days", "report_days", "volunteer_hour_grosze", "volunteer_hour_note",
                    "questions_open", "languages", "duty_from", "duty_until", "access_owner",
                ],
            },
        ),
        languages("title", "summary", "description", "period_note", "funder", "controller", "protection_officer", "phone_hours"),
        SOURCE,
    ]  # fmt: skip
    formfield_overrides = RuledTranslationAdmin.formfield_overrides | {
        models.TimeField: {"form_class": DutyField, "widget": DutyField.widget}
    }

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "access_owner":
            kwargs["queryset"] = access_owners()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Stage)
class StageAdmin(RuledTranslationAdmin):
    form = StageForm
    list_display = ["title", "number", "project", "date_note"]
    list_select_related = ["project"]
    fieldsets = [
        (None, {"fields": ["project", "number", "title_pl", "summary_pl", "starts_on", "ends_on", "date_note_pl", "opens"]}),
        (MORE, {"classes": ["collapse"], "fields": ["description_pl", "is_reconstruction", "source_note_pl"]}),
        languages("title", "summary", "description", "date_note", "source_note"),
        SOURCE,
    ]


@admin.register(HistoryItem)
class HistoryItemAdmin(RuledTranslationAdmin):
    list_display = ["title", "date_text", "place"]
    list_filter = [("neighbourhoods", OwnNeighbourhoods)]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "project",
                    "title_pl",
                    "slug",
                    "happened_on",
                    "date_text_pl",
                    "is_date_exact",
                    "place_pl",
                    "organiser_pl",
                    "neighbourhoods",
                ]
            },
        ),
        (MORE, {"classes": ["collapse"], "fields": ["note_pl"]}),
        languages("title", "date_text", "place", "organiser", "note"),
        SOURCE,
    ]


@admin.register(Neighbourhood)
class NeighbourhoodAdmin(RuledTranslationAdmin):
    list_display = ["name", "district", "is_published"]
    ordering = ["name_order"]
    search_fields = ["name"]
    inlines = [StreetInline]
    fieldsets = [
        (None, {"fields": ["name", "name_locative", "slug", "district_pl", "summary_pl", "projects", "is_published"]}),
        (
            MORE,
            {
                "classes": ["collapse"],
                "fields": [
                    "description_pl", "streets_note_pl", "boundary_source_pl", "is_approximate", "centre_latitude", "centre_longitude",
                    "everyday_boundary", "programme_boundary",
                ],
            },
        ),
        languages("district", "summary", "description", "streets_note", "boundary_source"),
    ]  # fmt: skip

    def scope(self, user: User) -> QuerySet[Neighbourhood]:
        return rules.own_neighbourhoods(user)


@admin.register(Venue)
class VenueAdmin(RuledTranslationAdmin):
    """Venues of one's own neighbourhoods; an event's page cannot be published before its venue says how to get in."""

    list_display = ["name", "address", "neighbourhood", "step_free", "describes_access"]
    list_filter = [("neighbourhood", OwnNeighbourhoods), "step_free"]
    list_select_related = ["neighbourhood"]
    ordering = ["name_order"]
    search_fields = ["name", "address"]
    empty_sentence = _("No venues yet. Add the first one.")
    fieldsets = [
        (None, {"fields": ["name", "address", "neighbourhood", "directions_pl", "step_free", "access_note_pl"]}),
        (MORE, {"classes": ["collapse"], "fields": ["accessible_toilet", "hearing_loop", "capacity", "is_outdoors"]}),
        languages("directions", "access_note"),
    ]

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def scope(self, user: User) -> QuerySet[Venue]:
        if rules.sees_everywhere(user):
            return Venue.objects.all()
        return Venue.objects.filter(neighbourhood__in=rules.own_neighbourhoods(user))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "neighbourhood":
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        kwargs["queryset"] = rules.own_neighbourhoods(request.user).order_by("name_order")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        # A venue of no neighbourhood would be lost to the animator who adds it.
        field.required = not rules.sees_everywhere(request.user)
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        own = list(rules.own_neighbourhoods(request.user)[:2])
        return super().get_changeform_initial_data(request) | ({"neighbourhood": own[0]} if len(own) == 1 else {})

    @admin.display(boolean=True, description=_("says how to get in"))
    def describes_access(self, venue: Venue) -> bool:
        return venue.has_access_information


@admin.register(Organisation)
class OrganisationAdmin(RuledTranslationAdmin):
    list_display = ["name", "kind", "is_published"]
    list_filter = ["kind"]
    ordering = ["name_order"]
    search_fields = ["name"]
    fieldsets = [(None, {"fields": ["name", "slug", "kind", "about_pl", "website", "is_published"]}), languages("about"), SOURCE]


def venues_for(user: User, current: Venue | None = None) -> QuerySet[Venue]:
    """The venues an event may be held at: one's own, those of no neighbourhood, and the one it already has."""
    if rules.sees_everywhere(user):
        return Venue.objects.in_order()
    own = Q(neighbourhood__in=rules.own_neighbourhoods(user)) | Q(neighbourhood=None)
    return Venue.objects.filter(own | Q(pk=current.pk if current else None)).in_order()
