"""The office lets somebody stand in for an animator who is ill; of other roles it sees nothing here."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.forms import DayField, NameField
from projects import rules
from projects.admin_base import RuledAdmin
from projects.domain import assignments
from projects.models import Assignment


class SubstituteForm(forms.Form):
    """Who helps out, from when till when, and on what authorisation."""

    email = forms.EmailField(label=gettext_lazy("E-mail"), help_text=gettext_lazy("An invitation goes to this address."))
    name = NameField(required=False)
    starts_on = DayField(label=gettext_lazy("First day"))
    ends_on = DayField(label=gettext_lazy("Last day"))
    authorisation = forms.CharField(label=gettext_lazy("Number of the authorisation"), max_length=80)


class SubstitutionPages(RuledAdmin):
    """The pages of AssignmentAdmin that officers open, too."""

    own_pages = (
        ("substitutions/", "substitutions", "substitutions"),
        ("<int:pk>/substitute/", "substitute", "projects_assignment_substitute"),
        ("<int:pk>/end-substitution/", "end_substitution", "projects_assignment_end_substitution"),
    )

    def substitutions(self, request: HttpRequest) -> HttpResponse:
        """The animators' roles in force, each with who stands in or soon will."""
        page = Paginator(self._animators(request), self.list_per_page).get_page(request.GET.get("page"))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "page": page, "title": _("Substitutions")}
        return TemplateResponse(request, "admin/substitutions.html", context)

    def substitute(self, request: HttpRequest, pk: int) -> HttpResponse:
        absent = get_object_or_404(self._animators(request), pk=pk)
        form = SubstituteForm(request.POST or None, initial={"starts_on": timezone.localdate()})

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            made = assignments.substitute(
                absent, typed["email"], name=typed["name"], starts_on=typed["starts_on"], ends_on=typed["ends_on"],
                authorisation=typed["authorisation"], granted_by=request.user,
            )  # fmt: skip
            return self.address_of_list(), _("%(name)s stands in. Both are told by mail.") % {"name": made.user}

        sentence = _("The substitute may do what the animator may, for at most %(days)s days. The animator’s own role stays.")
        return self.step(
            request, absent, form, verb, title=_("Substitution"), button=_("Let them stand in"),
            sentence=sentence % {"days": assignments.SUBSTITUTION_DAYS}, back=self.address_of_list(),
        )  # fmt: skip

    def end_substitution(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask once; today is then the last day."""
        made = get_object_or_404(_current(request), pk=pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            assignments.end_substitution(made, ended_by=request.user)
            return self.address_of_list(), _("The substitution ends. Both are told by mail.")

        return self.confirm(
            request, made, verb, title=_("End the substitution"), button=_("End the substitution"), danger=True,
            sentence=_("It works until the end of today; one that has not begun is taken back."), back=self.address_of_list(),
        )  # fmt: skip

    def address_of_list(self) -> str:
        return reverse("admin:substitutions")

    def _animators(self, request: HttpRequest) -> QuerySet[Assignment]:
        found = Assignment.objects.live().filter(role=Assignment.Role.ANIMATOR, stands_in_for=None)
        standing = Prefetch("substitutions", _current(request), to_attr="standing_in")
        return found.select_related("user", "neighbourhood").prefetch_related(standing).order_by("neighbourhood__name_order", "pk")


def _current(request: HttpRequest) -> QuerySet[Assignment]:
    """Substitutions that run or are to come, for those who may grant them."""
    if not rules.may_substitute(request.user):
        raise PermissionDenied
    found = Assignment.objects.filter(stands_in_for__isnull=False, ends_on__gte=timezone.localdate())
    return found.select_related("user", "neighbourhood").order_by("starts_on", "pk")
