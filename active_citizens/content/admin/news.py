"""News of the neighbourhoods in the panel: drafts in a form, publication behind buttons."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.content.domain import news as verbs
from active_citizens.content.models import News, NewsPhoto
from active_citizens.content.rules import manageable_news, manageable_photos, may_manage_news
from active_citizens.core.forms import MomentField
from participants.models import User
from projects import rules
from projects.admin_base import OwnNeighbourhoods, RuledTranslationAdmin, languages
from projects.models import Project


class PublishForm(forms.Form):
    on = MomentField(
        label=gettext_lazy("From when"), required=False,
        help_text=gettext_lazy("Empty: now. A moment to come: everybody can read it from then on."),
    )  # fmt: skip


class NewsPhotoInline(admin.TabularInline):
    model = NewsPhoto
    classes = ["collapse"]
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: News | None = None) -> bool:
        return rules.is_staff(request.user)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "photo":
            placed = getattr(request, "news_shown", None)
            own = manageable_photos(request.user).filter(files_removed_at=None)
            here = own.model.objects.filter(placed_in_news__news=placed.pk if placed else None)
            kwargs["queryset"] = own.model.objects.filter(pk__in=own.values("pk").union(here.values("pk"))).order_by("-pk")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, admin.widgets.RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


@admin.register(News)
class NewsAdmin(RuledTranslationAdmin):
    """A draft is written, looked at as it will be, and let out: now or on a day."""

    inlines = [NewsPhotoInline]
    list_display = ["title", "state", "where"]
    search_fields = ["title"]
    change_form_template = "admin/news.html"
    pages = (("<int:pk>/preview/", "preview"), ("<int:pk>/publish/", "publish"), ("<int:pk>/take-back/", "take_back"))
    empty_sentence = gettext_lazy("No news here. Write the first piece, or change the filters.")
    fieldsets = [
        (None, {"fields": ["title_pl", "lead_pl", "body_pl", "neighbourhoods"]}),
        (gettext_lazy("Who answers for it"), {
            "classes": ["collapse"], "fields": ["publisher", "author", "entered_by", "made_on", "project"],
        }),
        languages("title", "lead", "body"),
    ]  # fmt: skip

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_change(self, user: User, obj: News | None = None) -> bool:
        return rules.is_staff(user) and (obj is None or may_manage_news(user, obj))

    def may_delete(self, user: User, obj: News) -> bool:
        """What nobody has read may go; what was out is taken back, and its versions stay."""
        return obj.published_at is None and not obj.revisions.exists() and self.may_change(user, obj)

    def scope(self, user: User) -> QuerySet[News]:
        return manageable_news(user).prefetch_related("neighbourhoods")

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-pk"]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [("neighbourhoods", OwnNeighbourhoods)]

    # --- The form ---------------------------------------------------------------------------------------------------

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> News | None:
        request.news_shown = super().get_object(request, object_id, from_field)
        return request.news_shown

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "neighbourhoods":
            kwargs["queryset"] = rules.own_neighbourhoods(request.user).order_by("name_order")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        own, project = list(rules.own_neighbourhoods(request.user)[:2]), Project.objects.current()
        initial = {"project": project, "neighbourhoods": own if len(own) == 1 else [], **verbs.metka_of(request.user, project)}
        return super().get_changeform_initial_data(request) | initial

    def save_model(self, request: HttpRequest, obj: News, form: Any, change: bool) -> None:
        if not change:
            verbs.save_new(obj)
            return
        verbs.before_change(obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Neighbourhoods the account does not work for are not in its form, and stay. The version comes last: it keeps all."""
        others = list(form.instance.neighbourhoods.exclude(pk__in=rules.own_neighbourhoods(request.user))) if change else []
        super().save_related(request, form, formsets, change)
        form.instance.neighbourhoods.add(*others)
        if change and (form.has_changed() or any(formset.has_changed() for formset in formsets)):
            verbs.after_change(form.instance, actor=request.user)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        news = context["original"]
        context |= {
            "versions": verbs.versions(news) if news else [], "is_out": bool(news) and news.is_out(), "show_save_and_continue": False,
        }  # fmt: skip
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Buttons ----------------------------------------------------------------------------------------------------

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page as everybody will see it, under a band that says that nobody does yet."""
        news = self.one(request, pk, to_change=False)
        context = {"news": news, "photos": verbs.photos_of(news), "preview": True, "back": self.address("change", pk)}
        return TemplateResponse(request, "content/news_detail.html", context)

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        news = self.one(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            out = verbs.publish(news, on=typed["on"], actor=request.user)
            said = _("Published. Everybody can read it now.") if out.is_out() else _("Scheduled. It comes out by itself.")
            return self.address("change", pk), said

        form = PublishForm(request.POST if request.method == "POST" else None)
        return self.step(request, news, form, verb, title=_("Publish the news"), button=_("Publish"))

    def take_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        news = self.one(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            verbs.take_back(news)
            return self.address("change", pk), _("Taken back: it is a draft again.")

        sentence = _("Nobody can read it any more. What was published stays among the versions.")
        return self.confirm(request, news, verb, title=_("Take the news back"), button=_("Take back"), sentence=sentence, danger=True)

    # --- The list ---------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("state"), ordering="published_at")
    def state(self, news: News) -> str:
        if news.published_at is None:
            return format_html('<span class="badge badge-warning">{}</span>', _("draft"))
        when = date_format(timezone.localtime(news.published_at), "SHORT_DATETIME_FORMAT")
        kind, words = ("success", _("published %(when)s")) if news.is_out() else ("info", _("comes out %(when)s"))
        return format_html('<span class="badge badge-{}">{}</span>', kind, words % {"when": when})

    @admin.display(description=gettext_lazy("where"))
    def where(self, news: News) -> str:
        return ", ".join(place.name for place in news.neighbourhoods.all())
