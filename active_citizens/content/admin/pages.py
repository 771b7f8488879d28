"""Pages with their versions, and the accessibility declaration: the coordinator's texts."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from active_citizens.content.domain.pages import publish_page
from active_citizens.content.models import AccessibilityDeclaration, Page
from participants.models import User
from projects.admin_base import Refusable, RuledTranslationAdmin, languages


@admin.register(Page)
class PageAdmin(RuledTranslationAdmin):
    list_display = ["title", "slug", "published_at", "updated_at"]
    search_fields = ["title", "slug"]
    change_form_template = "admin/page.html"
    readonly_fields = ["published_at"]
    fieldsets = [
        (None, {"fields": ["title_pl", "slug", "lead_pl", "body_pl", "publisher", "author", "entered_by", "made_on", "published_at"]}),
        languages("title", "lead", "body"),
    ]

    def may_delete(self, user: User, obj: Page) -> bool:
        return self.may_change(user, obj) and obj.published_at is None

    def save_model(self, request: HttpRequest, obj: Page, form: Any, change: bool) -> None:
        """Every save of a published page is a version; a draft becomes one with "publish"."""
        if obj.published_at is not None or "_publish" in request.POST:
            publish_page(obj, actor=request.user)
        else:
            super().save_model(request, obj, form, change)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        page = context["original"]
        context["may_publish"] = page is None or page.published_at is None
        context["versions"] = page.revisions.select_related("actor") if page else []
        return super().render_change_form(request, context, *args, **kwargs)


class DeclarationForm(Refusable):
    """The dates follow one another, and what is not accessible is named."""

    def clean(self) -> Any:
        cleaned = super().clean()
        typed = self.cleaned_data
        for earlier, later in (("site_published_on", "site_changed_on"), ("drawn_up_on", "reviewed_on")):
            if typed.get(earlier) and typed.get(later) and typed[later] < typed[earlier]:
                self.add_error(later, _("This date cannot be earlier than the one before."))
        if typed.get("conformance") != AccessibilityDeclaration.Conformance.FULL and not typed.get("gaps_pl"):
            self.add_error("gaps_pl", _("Write what is not accessible and why."))
        return cleaned


@admin.register(AccessibilityDeclaration)
class AccessibilityDeclarationAdmin(RuledTranslationAdmin):
    form = DeclarationForm
    list_display = ["site_name", "conformance", "drawn_up_on", "reviewed_on"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "body_name_pl", "site_name_pl", "site_published_on", "site_changed_on", "drawn_up_on", "reviewed_on", "conformance",
                    "method_pl", "gaps_pl", "burden_pl", "conveniences_pl", "contact_name_pl", "contact_email", "contact_phone",
                    "architecture_pl", "communication_pl",
                ]
            },
        ),
        languages(
            "body_name", "site_name", "method", "gaps", "burden", "conveniences", "contact_name", "architecture", "communication",
        ),
    ]  # fmt: skip

    def may_add(self, user: User) -> bool:
        """One portal, one declaration."""
        return self.may_see(user) and not AccessibilityDeclaration.objects.exists()
