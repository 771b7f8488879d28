"""The leaders' network in the panel: who is shown in one's neighbourhoods, hiding with a reason, and what comes on paper."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from active_citizens.core.refusal import RuleBroken
from events.visibility import visible_people
from participants.domain import access_log
from participants.models import AccessLog, Consent, Person, User
from projects import rules
from projects.admin_base import OwnNeighbourhoods, RuledAdmin
from projects.domain import network
from projects.forms import PaperForm
from projects.models import LeaderProfile

STATES = {
    "shown": pgettext_lazy("a page in the leaders’ network", "shown"),
    "hidden": pgettext_lazy("a page in the leaders’ network", "hidden"),
    "lapsed": pgettext_lazy("a page in the leaders’ network", "its year is over"),
    "left": pgettext_lazy("a page in the leaders’ network", "the person has left"),
}


class HideForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The person reads it in a mail and on their own page."),
    )  # fmt: skip


class RenewForm(forms.Form):
    reference = forms.CharField(label=gettext_lazy("Where the paper is kept"), max_length=80)


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, str(label)) for name, label in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        stays = Q(ended_at=None)
        wanted = {
            "shown": stays & Q(hidden_at=None, valid_until__gte=timezone.localdate()),
            "hidden": stays & Q(hidden_at__isnull=False),
            "lapsed": stays & Q(hidden_at=None, valid_until__lt=timezone.localdate()),
            "left": ~stays,
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


@admin.register(LeaderProfile)
class LeaderProfileAdmin(RuledAdmin):
    """The words are the person's own: the team reads, hides and shows again, and types in what came on paper."""

    holds_people = True
    list_display = ["name_shown", "person", "places", "valid_until", "state"]
    list_select_related = ["person"]
    search_fields = ["name_shown", "person__name", "offer"]
    ordering = ["name_order", "pk"]
    fields = ["name_shown", "person", "places", "offer", "languages", "state", "hidden_reason", "confirmed_on", "valid_until", "channel",
              "reference", "entered_by"]  # fmt: skip
    readonly_fields = ["places", "state"]
    change_form_template = "admin/leader.html"
    pages = (
        ("<int:pk>/enter/", "enter"),
        ("<int:pk>/hide/", "hide"),
        ("<int:pk>/show-again/", "show_again"),
        ("<int:pk>/renew/", "renew"),
        ("<int:pk>/take-off/", "take_off"),
    )
    empty_sentence = gettext_lazy("Nobody of your neighbourhoods is in the network. Whoever agrees on paper is entered from their card.")

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        """From the person's card."""
        return False

    def may_change(self, user: User, obj: LeaderProfile | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[LeaderProfile]:
        return rules.manageable_leaders(user).prefetch_related("neighbourhoods")

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [StateFilter, ("neighbourhoods", OwnNeighbourhoods)]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Entering is done from the person's card, before there is a row of the network."""
        if isinstance(obj, Person):
            return access_log.record(AccessLog.Action.CHANGE, Person._meta.label_lower, actor=request.user, ids=[obj.pk])
        return super().log_change(request, obj, message)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["title"] = capfirst(str(self.opts.verbose_name))
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Verbs ------------------------------------------------------------------------------------------------------

    def enter(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Type in the paper of the person; ``pk`` is theirs. Who is in the network already has their page there."""
        person = visible_people(request.user).filter(pk=pk).first()
        if person is None:
            raise Http404
        standing = LeaderProfile.objects.filter(person=person).first()
        if standing is not None and request.method != "POST":
            if self.get_queryset(request).filter(pk=standing.pk).exists():
                return redirect(self.address("change", standing.pk))
            raise RuleBroken("in_already", _("This person is in the network already."))
        access_log.record(AccessLog.Action.READ, Person._meta.label_lower, actor=request.user, ids=[person.pk], row_count=1)
        form = PaperForm(request.POST or None, name=person.name.partition(" ")[0])
        own = rules.own_neighbourhoods(request.user).published().in_order()
        form.fields["neighbourhoods"].choices = [(place.slug, place.name) for place in own]

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            made = network.enter(
                person, form.words(person.language), is_adult=typed["is_adult"], reference=typed["reference"], actor=request.user
            )
            return self.address("change", made.pk), _("The person is in the network.")

        sentence = _("As the paper says it. On the paper the person must have signed the text of the consent.")
        return self.step(
            request, person, form, verb, title=_("Enter into the leaders’ network from paper"), button=_("Enter"), sentence=sentence,
            back=self.address("changelist"),
        )  # fmt: skip

    def hide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say why; the page is out of sight at once."""
        profile = self.one(request, pk, to_change=False)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            network.hide(profile, typed["reason"], actor=request.user)
            return self.address("change", pk), _("The page is hidden. The person is told by mail, if there is an address.")

        return self.step(request, profile, HideForm(request.POST or None), verb, title=_("Hide the page"), button=_("Hide"), danger=True)

    def show_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        profile = self.one(request, pk, to_change=False)

        def verb(_typed: dict[str, Any]) -> tuple[str, str]:
            network.show_again(profile)
            return self.address("change", pk), _("The page is seen again.")

        return self.confirm(request, profile, verb, title=_("Show the page again"), button=_("Show the page again"))

    def renew(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another year, on a new paper."""
        profile = self.one(request, pk, to_change=False)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            network.renew(profile.person, reference=typed["reference"], actor=request.user)
            return self.address("change", pk), _("The page is shown for another year.")

        return self.step(
            request, profile, RenewForm(request.POST or None), verb, title=_("Another year, from paper"), button=_("Another year"),
            sentence=_("The person has signed the text of the consent once more."),
        )  # fmt: skip

    def take_off(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The person has said, by phone or in person, that they leave."""
        profile = self.one(request, pk, to_change=False)

        def verb(_typed: dict[str, Any]) -> tuple[str, str]:
            network.leave(profile.person, channel=Consent.Channel.PHONE, actor=request.user)
            return self.address("changelist"), _("The person has left the network. The consent is withdrawn.")

        return self.confirm(
            request, profile, verb, title=_("Take off at the person’s wish"), button=_("Take off"), danger=True,
            sentence=_("Only when the person has asked for it. To take a page out of sight for another reason, hide it."),
        )  # fmt: skip

    # --- Columns ----------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("neighbourhoods"))
    def places(self, profile: LeaderProfile) -> str:
        return ", ".join(place.name for place in profile.neighbourhoods.all())

    @admin.display(description=gettext_lazy("state"))
    def state(self, profile: LeaderProfile) -> str:
        return str(STATES[state_of(profile)])


def state_of(profile: LeaderProfile) -> str:
    """Which of the four the page is in today."""
    if profile.has_left:
        return "left"
    if profile.is_hidden:
        return "hidden"
    return "lapsed" if profile.has_lapsed() else "shown"
