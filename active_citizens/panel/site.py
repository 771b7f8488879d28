"""The panel: who gets in, what stands in its menu, and what greets at the door."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from active_citizens.core.text import polish_key
from active_citizens.panel import handbook
from active_citizens.panel.silence_page import silence_page
from active_citizens.panel.work import work_of
from events.models import Event
from events.urls import door_pages
from participants.domain import access_log
from participants.models import AccessLog
from projects.admin_base import RuledAdmin
from projects.rules import is_staff, may_substitute

# What an animator needs every day stands in the menu; the rest unfolds under "More".
DAILY = ("events.event", "events.registration", "participants.person", "projects.initiative", "projects.calltask", "projects.venue")

View = Callable[..., HttpResponse]


class PanelAutocomplete(AutocompleteJsonView):
    """Suggestions are scoped by ``get_queryset``; people are never suggested, for such a look would leave no trace."""

    def has_perm(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self.model_admin.holds_people and super().has_perm(request, obj)


class PortalAdminSite(admin.AdminSite):
    site_header = gettext_lazy("Team panel")
    site_title = gettext_lazy("Team panel")
    index_title = gettext_lazy("My work")
    index_template = "admin/my_work.html"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only classes that ask the rules get in; what libraries register knows nothing of roles and neighbourhoods."""
        if admin_class is not None and issubclass(admin_class, RuledAdmin):
            super().register(model_or_iterable, admin_class, **options)

    # --- The door ---------------------------------------------------------------------------------------------------

    def has_permission(self, request: HttpRequest) -> bool:
        return is_staff(request.user) and self.has_second_factor(request)

    def has_second_factor(self, request: HttpRequest) -> bool:
        return not settings.STAFF_SECOND_FACTOR or is_mfa_enabled(request.user)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Visitors are led to the login page and back, strangers find nothing, staff without a second factor set one up."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            refused = self.refuse(request)
            if refused is not None:
                return refused
            self.note_entry(request)
            return inner(request, *args, **kwargs)

        return door

    def refuse(self, request: HttpRequest, back: str = "") -> HttpResponse | None:
        """Where somebody is sent who may not enter; None for those who may. Raises Http404 for strangers."""
        if not request.user.is_authenticated:
            return redirect_to_login(back or request.get_full_path())
        if not is_staff(request.user):
            raise Http404
        if not self.has_second_factor(request):
            messages.warning(request, _("The panel holds people’s data, so it asks for a second factor. Set one up here, then come back."))
            return redirect("mfa_index")
        return None

    def note_entry(self, request: HttpRequest) -> None:
        """The first page of a session is the entry that the access log keeps (SEC-01)."""
        if "panel_entered" not in request.session:
            access_log.record(AccessLog.Action.LOGIN, "panel", actor=request.user)
            request.session["panel_entered"] = True

    def open_to_helpers(self, view: View) -> View:
        """The page asks its own rule who may see it; staff show their second factor here, too, visitors are led to the login."""
        inner = never_cache(csrf_protect(view))

        @wraps(view)
        def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated or is_staff(request.user):
                refused = self.refuse(request)
                if refused is not None:
                    return refused
                self.note_entry(request)
            return inner(request, *args, **kwargs)

        return gate

    def get_urls(self) -> list[Any]:
        """Without Django's "view on site": it would tell the address of any draft by its number."""
        door = [path(f"door/<int:pk>/{rest}", self.open_to_helpers(view), name=name) for rest, view, name in door_pages]
        own = [
            path("counter/", self.admin_view(self.counter), name="counter"),
            path("counter/suggestions/", self.admin_view(self.counter_suggestions), name="counter_suggestions"),
            path("silence/", self.admin_view(self.silence), name="silence"),
            path("handbook/", self.admin_view(self.handbook), name="handbook"),
            path("handbook/<slug:slug>/", self.admin_view(self.handbook_chapter), name="handbook_chapter"),
        ]
        return [*door, *own, *(entry for entry in super().get_urls() if getattr(entry, "name", None) != "view_on_site")]

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The portal has one login page; it leads back here."""
        wished = request.GET.get(REDIRECT_FIELD_NAME, "")
        safe = url_has_allowed_host_and_scheme(wished, {request.get_host()}, require_https=request.is_secure())
        back = wished if safe else reverse("admin:index")
        return self.refuse(request, back) or redirect(back)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_change_password")

    # --- What greets ------------------------------------------------------------------------------------------------

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """ "My work" instead of a list of models."""
        context = {**self.each_context(request), "title": self.index_title, "work": work_of(request.user), **(extra_context or {})}
        request.current_app = self.name
        return TemplateResponse(request, self.index_template, context)

    def counter(self, request: HttpRequest) -> HttpResponse:
        """Where people are signed up one after another; events know how."""
        return self.get_model_admin(Event).counter(request)

    def counter_suggestions(self, request: HttpRequest) -> HttpResponse:
        return self.get_model_admin(Event).counter_suggestions(request)

    def silence(self, request: HttpRequest) -> HttpResponse:
        """Who waits too long for a person: rows for the team, for the office totals that open."""
        context = {**self.each_context(request), "title": _("Silence list"), **silence_page(request.user, request.GET)}
        return TemplateResponse(request, "admin/silence.html", context)

    def handbook(self, request: HttpRequest) -> HttpResponse:
        context = {**self.each_context(request), "title": _("Handbook"), "chapters": handbook.chapters().values()}
        return TemplateResponse(request, "admin/handbook.html", context)

    def handbook_chapter(self, request: HttpRequest, slug: str) -> HttpResponse:
        chapter = handbook.chapters().get(slug)
        if chapter is None:
            raise Http404
        before, after = handbook.neighbours(slug)
        context = {**self.each_context(request), "title": chapter.title, "chapter": chapter, "before": before, "after": after}
        return TemplateResponse(request, "admin/handbook_chapter.html", context)

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> HttpResponse:
        """Apps are the programmers' matter; the menu has everything."""
        return redirect("admin:index")

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return PanelAutocomplete.as_view(admin_site=self)(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        daily, more = self.menu(request)
        return {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_url": "/",
            "has_permission": True,
            "available_apps": [],
            "is_popup": False,
            "is_nav_sidebar_enabled": False,
            "menu": daily,
            "menu_more": more,
        }

    def menu(self, request: HttpRequest) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The lists the account may open: the daily ones in their order, the others by name."""
        open_ones = {model._meta.label_lower: model for model, own in self._registry.items() if own.has_module_permission(request)}
        daily = [self.entry(request, open_ones.pop(label)) for label in DAILY if label in open_ones]
        more = self.entries(request, open_ones.values())
        if may_substitute(request.user):
            # The list of roles is the coordinator's; this page of it is the office's.
            address = reverse("admin:substitutions")
            more.append({"label": _("Substitutions"), "url": address, "current": request.path == address})
        address = reverse("admin:silence")
        more.append({"label": _("Silence list"), "url": address, "current": request.path == address})
        return daily, sorted(more, key=lambda entry: polish_key(entry["label"]))

    def entries(self, request: HttpRequest, models: Iterable[Any]) -> list[dict[str, Any]]:
        return [self.entry(request, model) for model in models]

    def entry(self, request: HttpRequest, model: Any) -> dict[str, Any]:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        return {"label": capfirst(str(model._meta.verbose_name_plural)), "url": url, "current": request.path.startswith(url)}
