"""An event from draft to print: texts in a form, its life behind buttons."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.refusal import RuleBroken
from events.admin.announcements import AnnouncementPages
from events.admin.closing import ClosingPages
from events.admin.counter import CounterPages
from events.admin.forms import EventForm, LeaderForm, dates_are_fixed
from events.admin.helping import HelperPages
from events.admin.papers import PaperPages
from events.admin.places import places_sentence
from events.admin.plans import PlanPages
from events.admin.series import SeriesPages
from events.admin.surveys import SurveyPages
from events.domain import places, publication, queue
from events.models import Event, EventLeader
from events.rules import manageable_events, may_manage_event
from participants.models import User
from projects import rules
from projects.admin.programme import MORE, venues_for
from projects.admin_base import OwnNeighbourhoods, RuledTranslationAdmin, languages
from projects.models import Project

# What people wrote down, or what their sign-up rests on.
FIXED_AFTER_SIGN_UP = ("starts_at", "ends_at", "venue", "sign_up")
# What makes publication's look at those who lead out of date, besides a change of the leaders themselves.
CHILDREN_AND_DAYS = {"open_to_minors", "starts_at", "ends_at"}


class LeaderInline(admin.StackedInline):
    """Who leads; whoever may change the event may say so."""

    model = EventLeader
    form = LeaderForm
    classes = ["collapse"]
    # One empty place is there also without scripts.
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return rules.is_staff(request.user)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            current = getattr(request, "event_shown", None)
            named = current.leaders.values("user") if current else EventLeader.objects.none().values("user")
            own = rules.accounts_to_lead(request.user)
            kwargs["queryset"] = (own | own.model.objects.filter(pk__in=named)).order_by("name", "email")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, admin.widgets.RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


@admin.register(Event)
class EventAdmin(
    CounterPages, PaperPages, PlanPages, SeriesPages, AnnouncementPages, ClosingPages, SurveyPages, HelperPages, RuledTranslationAdmin
):
    """Nine fields make an event; publishing asks for the rest only when it is missing."""

    form = EventForm
    inlines = [LeaderInline]
    added_beside = ("venue",)
    list_display = ["title", "when", "status_shown", "places_shown", "where"]
    search_fields = ["title"]
    change_form_template = "admin/event.html"
    change_list_template = "admin/events.html"
    empty_sentence = gettext_lazy("No events here. Add the first one, or change the filters.")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "title_pl", "kind", "neighbourhoods", "starts_at", "ends_at", "venue", "capacity", "summary_pl", "access_contact",
                ]
            },
        ),
        (
            MORE,
            {
                "classes": ["collapse"],
                "fields": [
                    "description_pl", "access_note_pl", "open_to_minors", "fallback_starts_at", "organisations", "initiative",
                    "project", "stage", "module",
                ],
            },
        ),
        (
            gettext_lazy("Sign-up and waiting list"),
            {
                "classes": ["collapse"],
                "fields": [
                    "sign_up", "opens_at", "closes_at", "promotion", "offer_hours", "offers_end_hours", "draw_at",
                ],
            },
        ),
        languages("title", "summary", "description", "access_note"),
    ]  # fmt: skip

    # --- Whose ------------------------------------------------------------------------------------------------------

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_change(self, user: User, obj: Event | None = None) -> bool:
        return rules.is_staff(user) and (obj is None or may_manage_event(user, obj))

    def may_delete(self, user: User, obj: Event) -> bool:
        """A draft nobody has seen may go; what was published is cancelled, not deleted."""
        return obj.status == Event.Status.DRAFT and self.may_change(user, obj)

    def scope(self, user: User) -> QuerySet[Event]:
        return manageable_events(user).for_lists().with_extra()

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-starts_at", "-pk"]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [WhenFilter, "status", "kind", ("neighbourhoods", OwnNeighbourhoods)]

    # --- The form ---------------------------------------------------------------------------------------------------

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "neighbourhoods":
            kwargs["queryset"] = rules.own_neighbourhoods(request.user).order_by("name_order")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        current = getattr(request, "event_shown", None)
        if db_field.name == "venue":
            kwargs["queryset"] = venues_for(request.user, current.venue if current else None)
        elif db_field.name == "initiative":
            own = rules.manageable_initiatives(request.user)
            kwargs["queryset"] = (own | own.model.objects.filter(pk=current.initiative_id if current else None)).order_by("title_order")
        elif db_field.name == "module":
            project = current.project_id if current else Project.objects.current()
            kwargs["queryset"] = db_field.related_model.objects.filter(project=project)
        elif db_field.name == "stage":
            kwargs["queryset"] = db_field.related_model.objects.select_related("project")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Event | None:
        request.event_shown = super().get_object(request, object_id, from_field)
        return request.event_shown

    def get_readonly_fields(self, request: HttpRequest, obj: Event | None = None) -> list[str]:
        return list(FIXED_AFTER_SIGN_UP) if dates_are_fixed(obj) else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        own = list(rules.own_neighbourhoods(request.user)[:2])
        initial = {"project": Project.objects.current(), "neighbourhoods": own if len(own) == 1 else []}
        return super().get_changeform_initial_data(request) | initial

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        """Places of a published event change under its lock, so that those waiting get them in order.

        Raises RuleBroken ``dates_fixed`` or ``lottery_fixed`` when people signed up since the form was shown.
        """
        if not change:
            obj.slug = publication.dated_slug(obj.title_pl, obj.starts_at)
            obj.save()
            return
        changed = set(form.changed_data)
        if changed & set(FIXED_AFTER_SIGN_UP) and dates_are_fixed(queue.lock(obj)):
            sentence = _("Meanwhile somebody signed up, or the event was called off. Look at the page again.")
            raise RuleBroken("dates_fixed", sentence)
        if "promotion" in changed and Event.Promotion.LOTTERY in (queue.lock(obj).promotion, obj.promotion) and obj.registrations.exists():
            sentence = _("People signed up under another rule: the lottery can be neither begun nor dropped now.")
            raise RuleBroken("lottery_fixed", sentence, field="promotion")
        if "capacity" in changed and obj.is_published:
            places.change_capacity(obj, obj.capacity)
            changed.discard("capacity")
        columns = self.changed_columns(changed)
        if obj.published_at is None and changed & {"title_pl", "starts_at"}:
            obj.slug = publication.dated_slug(obj.title_pl, obj.starts_at, obj)
            columns.append("slug")
        obj.save(update_fields=columns)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Neighbourhoods the account does not work for are not in its form, and stay. Publishing comes last: it reads all."""
        others = list(form.instance.neighbourhoods.exclude(pk__in=rules.own_neighbourhoods(request.user))) if change else []
        super().save_related(request, form, formsets, change)
        form.instance.neighbourhoods.add(*others)
        if "_publish" in request.POST:
            publication.publish(form.instance)
        if change and form.instance.is_published:
            led_anew = bool(CHILDREN_AND_DAYS & set(form.changed_data)) or any(formset.has_changed() for formset in formsets)
            publication.stays_published(form.instance, led_anew=led_anew)

    def response_add(self, request: HttpRequest, obj: Event, post_url_continue: str | None = None) -> HttpResponse:
        return self.answer_saved(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Event) -> HttpResponse:
        return self.answer_saved(request, obj) or super().response_change(request, obj)

    def answer_saved(self, request: HttpRequest, obj: Event) -> HttpResponse | None:
        if "_publish" not in request.POST:
            return None
        messages.success(request, _("Published. Everybody can see the event now."))
        return redirect(self.address("change", obj.pk))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        event = context["original"]
        context |= {
            "may_publish": event is None or event.status == Event.Status.DRAFT,
            "dates_fixed": dates_are_fixed(event),
            "leaders": event.leaders.select_related("user") if event else [],
            "show_save_and_continue": False,
            "now": timezone.now(),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Buttons ----------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        # Each group of pages says its own; the class is made of the groups.
        pages = dict(page for group in type(self).__mro__ for page in vars(group).get("own_pages", ()))
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(getattr(self, view)), name=f"events_event_{view}")
            for name, view in pages.items()
        ]
        papers = [
            path("<int:pk>/papers/<slug:kind>.pdf", self.admin_site.admin_view(self.paper), name="events_event_paper"),
            path("papers/", self.admin_site.admin_view(self.month_papers), name="events_event_month_papers"),
        ]
        return [*own, *papers, *super().get_urls()]

    # --- The list ---------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("when"), ordering="starts_at")
    def when(self, event: Event) -> str:
        return date_format(timezone.localtime(event.starts_at), "DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def status_shown(self, event: Event) -> str:
        kind = {Event.Status.PUBLISHED: "success", Event.Status.CANCELLED: "danger"}.get(event.status, "warning")
        return format_html('<span class="badge badge-{}">{}</span>', kind, event.get_status_display())

    @admin.display(description=gettext_lazy("sign-ups"))
    def places_shown(self, event: Event) -> str:
        return places_sentence(event)

    @admin.display(description=gettext_lazy("where"))
    def where(self, event: Event) -> str:
        venue = event.venue.name if event.venue else _("no venue yet")
        return f"{', '.join(place.name for place in event.neighbourhoods.all())} · {venue}"


class WhenFilter(admin.SimpleListFilter):
    """Upcoming first; what is over stays one click away."""

    title = gettext_lazy("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("upcoming", _("upcoming")), ("past", _("past"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "upcoming":
            return queryset.upcoming()
        return queryset.past() if self.value() == "past" else queryset
