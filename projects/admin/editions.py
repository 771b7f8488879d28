"""An edition's life behind buttons: a new empty one, its checklist, publishing, taking off."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.forms import DayField
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import slug_of
from projects.admin_base import RuledAdmin
from projects.domain import editions, readiness
from projects.models import Project


class StartForm(forms.Form):
    """A new edition: its name and days, and what it takes over from another."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    slug = forms.SlugField(
        label=gettext_lazy("Address"), max_length=60, required=False, help_text=gettext_lazy("Empty: made of the title.")
    )
    starts_on = DayField(label=gettext_lazy("Starts on"), required=False)
    ends_on = DayField(label=gettext_lazy("Ends on"), required=False)
    like = forms.ModelChoiceField(
        Project.objects.all(), label=gettext_lazy("Take over from"), required=False, empty_label=gettext_lazy("nothing, from scratch")
    )
    take_over = forms.MultipleChoiceField(
        label=gettext_lazy("What to take over"), required=False, widget=forms.CheckboxSelectMultiple, initial=editions.TAKEN_OVER,
        choices=[
            ("contacts", gettext_lazy("controller, phone line and hours")),
            ("neighbourhoods", gettext_lazy("neighbourhoods")),
            ("stages", gettext_lazy("names of the stages, without dates")),
            ("modules", gettext_lazy("modules of the learning journey")),
        ],
        help_text=gettext_lazy("Events, people and sign-ups never come along."),
    )  # fmt: skip

    def clean(self) -> Any:
        cleaned = super().clean()
        title = self.cleaned_data.get("title", "")
        if not self.cleaned_data.get("slug"):
            self.cleaned_data["slug"] = slug_of(title, 60, "edycja")
        return cleaned


class EditionPages(RuledAdmin):
    """The pages of ProjectAdmin for an edition's life."""

    pages = (("<int:pk>/publish/", "publish"), ("<int:pk>/take-off/", "take_off"))

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask once, then show the edition to everybody; what is missing is said, and nothing happens."""
        project = self.one(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            editions.publish(project, actor=request.user)
            return self.address("change", pk), _("The edition is published. Everybody can see it now.")

        sentence = _("Its page, stages and published events become visible to everybody.")
        return self.confirm(request, project, verb, title=_("Publish the edition"), button=_("Publish"), sentence=sentence)

    def take_off(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = self.one(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            editions.take_off(project, actor=request.user)
            return self.address("change", pk), _("The edition is taken off. Nobody outside the team sees it.")

        sentence = _("Its page and all its events vanish from the portal. Nothing is deleted, and you may publish it again.")
        return self.confirm(request, project, verb, title=_("Take the edition off"), button=_("Take off"), sentence=sentence, danger=True)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Adding an edition is starting an empty one: but for what it takes over, it has nothing in it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = StartForm(request.POST or None, initial={"like": Project.objects.order_by("-is_current", "-pk").first()})
        if request.method == "POST" and form.is_valid():
            try:
                made = editions.start_empty(**form.cleaned_data, actor=request.user)
            except RuleBroken as broken:
                broken.show_in(form)
            else:
                self.log_addition(request, made, [{"added": {}}])
                messages.success(request, _("The edition is begun. Nobody sees it before you publish it."))
                return redirect(self.address("change", made.pk))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "form": form, "title": _("Start an empty edition"), "button": _("Start"), "back": self.address("changelist"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/step.html", context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        project = context["original"]
        context["checklist"] = readiness.checklist(project) if project else []
        context["is_ready"] = all(answer.is_done for answer in context["checklist"])
        return super().render_change_form(request, context, *args, **kwargs)
