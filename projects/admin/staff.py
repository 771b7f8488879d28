"""Who works here, on what authorisation, and who looked at what."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.forms import DayField, NameField
from participants.domain import second_factor
from participants.models import AccessLog, User
from projects import rules
from projects.admin.substitutions import SubstitutionPages
from projects.admin_base import OwnNeighbourhoods, Refusable, RuledAdmin
from projects.domain import assignments
from projects.models import Assignment


class InvitationForm(Refusable):
    """Whom to let in, as what, where, on what authorisation; an account is made when there is none."""

    email = forms.EmailField(label=gettext_lazy("E-mail"), help_text=gettext_lazy("An invitation goes to this address."))
    name = NameField(required=False)

    class Meta:
        model = Assignment
        fields = ["role", "neighbourhood", "authorisation", "starts_on", "ends_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A helper is let in at an event; without one the role opens nothing.
        self.fields["role"].choices = [choice for choice in self.fields["role"].choices if choice[0] != Assignment.Role.HELPER]

    def _get_validation_exclusions(self) -> set[str]:
        """``grant`` says in words, at the field, what the constraints would say by their names."""
        return super()._get_validation_exclusions() | {"role", "neighbourhood", "starts_on", "ends_on"}


class EndForm(forms.Form):
    on = DayField(
        label=gettext_lazy("Last day"), help_text=gettext_lazy("The role works through this day and stays in the list as what was.")
    )


class IdentityForm(forms.Form):
    """The one question before a second factor is taken off."""

    checked = forms.BooleanField(
        label=gettext_lazy("I know who asks: we spoke face to face, or I rang the number we have known"),
        error_messages={"required": gettext_lazy("First make sure who asks: whoever took the phone may ask, too.")},
    )


@admin.register(Assignment)
class AssignmentAdmin(SubstitutionPages):
    list_display = ["user", "role", "neighbourhood", "authorisation", "starts_on", "ends_on", "in_force"]
    list_select_related = ["user", "neighbourhood"]
    list_filter = ["role", ("neighbourhood", OwnNeighbourhoods)]
    search_fields = ["user__name", "user__email", "authorisation"]
    change_form_template = "admin/assignment.html"
    fields = ["user", "role", "neighbourhood", "authorisation", "starts_on", "ends_on", "granted_by"]

    def may_see(self, user: User) -> bool:
        return rules.may_grant_roles(user)

    def may_change(self, user: User, obj: Assignment | None = None) -> bool:
        """A role is ended and granted anew, never rewritten."""
        return False

    def get_fields(self, request: HttpRequest, obj: Assignment | None = None) -> list[str]:
        return ["email", "name", *InvitationForm.Meta.fields] if obj is None else list(self.fields)

    def get_form(self, request: HttpRequest, obj: Assignment | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = InvitationForm
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Assignment, form: Any, change: bool) -> None:
        typed = form.cleaned_data
        granted = assignments.grant(
            typed["email"],
            typed["role"],
            authorisation=typed["authorisation"],
            granted_by=request.user,
            neighbourhood=typed["neighbourhood"],
            name=typed["name"],
            starts_on=typed["starts_on"],
            ends_on=typed["ends_on"],
        )
        obj.__dict__.update(granted.__dict__)

    def get_urls(self) -> list[Any]:
        own = [
            ("<int:pk>/end/", "end", "projects_assignment_end"),
            ("<int:pk>/second-factor/", "second_factor", "projects_assignment_second_factor"),
            *SubstitutionPages.own_pages,
        ]
        return [
            path(address, self.admin_site.admin_view(getattr(self, view)), name=name) for address, view, name in own
        ] + super().get_urls()

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        role = context["original"]
        context["may_restore"] = role is not None and role.user != request.user and is_mfa_enabled(role.user)
        return super().render_change_form(request, context, *args, **kwargs)

    def second_factor(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make sure who asks, then take the account's second factor off."""
        assignment = self.one(request, pk, to_change=False)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            second_factor.restore(assignment.user, actor=request.user)
            return self.address("change", pk), _("The second factor is off. The account is signed out, and a mail says so.")

        form = IdentityForm(request.POST if request.method == "POST" else None)
        sentence = _("The phone or key is lost: %(who)s signs in without it and has to set up a new one before the panel opens.")
        return self.step(
            request, assignment, form, verb, title=_("Take off the second factor"),
            button=_("Take off the second factor"), sentence=sentence % {"who": assignment.user}, danger=True,
        )  # fmt: skip

    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the last day, then end the role."""
        assignment = self.one(request, pk, to_change=False)
        form = EndForm(request.POST or None, initial={"on": timezone.localdate()})

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            assignments.end(assignment, ended_by=request.user, on=typed["on"])
            return self.address("changelist"), _("The role ends. It stays in the list.")

        return self.step(
            request, assignment, form, verb, title=_("End the role"), button=_("End the role"), sentence=str(assignment), danger=True
        )

    @admin.display(boolean=True, description=gettext_lazy("in force"))
    def in_force(self, assignment: Assignment) -> bool:
        today = timezone.localdate()
        return assignment.starts_on <= today and (assignment.ends_on is None or today <= assignment.ends_on) and assignment.user.is_active


@admin.register(AccessLog)
class AccessLogAdmin(RuledAdmin):
    """Read only: what is in the log stays as it was written."""

    list_display = ["at", "actor", "action", "subject", "subject_ids", "detail", "row_count", "purpose"]
    list_select_related = ["actor"]
    list_filter = ["action"]
    ordering = ["-pk"]
    fields = ["at", "actor", "action", "subject", "subject_ids", "detail", "purpose", "row_count", "digest"]
    empty_sentence = gettext_lazy("Nobody has looked at anything yet.")

    def may_add(self, user: User) -> bool:
        return False

    def may_change(self, user: User, obj: AccessLog | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[AccessLog]:
        return AccessLog.objects.select_related("actor")
