"""Stories of a change in the panel: read, shown while their tellers agree, entered from paper."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participants.models import User
from projects import rules
from projects.admin_base import RuledAdmin
from projects.domain import stories
from projects.forms.stories import PaperStoryForm
from projects.models import ChangeStory


class StoryFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", _("to be looked at")), ("shown", _("shown")), ("withdrawn", _("withdrawn"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        found = {
            "waiting": queryset.waiting,
            "shown": queryset.published,
            "withdrawn": lambda: queryset.filter(withdrawn_at__isnull=False),
        }
        return found.get(self.value() or "", lambda: queryset)()


@admin.register(ChangeStory)
class ChangeStoryAdmin(RuledAdmin):
    """Nobody rewrites what residents told; who told it is not shown here."""

    list_display = ["initiative", "change_shown", "state"]
    list_filter = [StoryFilter]
    list_select_related = ["initiative"]
    change_form_template = "admin/change_story.html"
    pages = (
        ("<int:pk>/publish/", "publish"),
        ("<int:pk>/withdraw/", "withdraw"),
        ("write/<int:pk>/", "write"),
    )
    empty_sentence = gettext_lazy("Nobody has told a story yet.")
    fields = ["initiative", "before", "change", "why", "told_as", "paper_reference"]

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        """From the page of the initiative alone."""
        return False

    def may_change(self, user: User, obj: ChangeStory | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[ChangeStory]:
        own = rules.manageable_initiatives(user).values("pk")
        return ChangeStory.objects.filter(initiative__in=own).select_related("initiative")

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-pk"]

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let everybody read it."""
        story = self.one(request, pk, to_change=False)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            stories.publish(story)
            return self.address("change", pk), _("Everybody can read the story now.")

        return self.confirm(request, story, verb, title=_("Publish the story"), button=_("Publish"))

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Its teller told us that they do not agree any more."""
        story = self.one(request, pk, to_change=False)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            stories.withdraw(story, actor=request.user)
            return self.address("change", pk), _("Withdrawn: the story is not shown any more, and cannot be published again.")

        sentence = _("When whoever told it does not agree any more. This cannot be undone.")
        return self.confirm(request, story, verb, title=_("Withdraw the consent"), button=_("Withdraw"), sentence=sentence, danger=True)

    def write(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A story from paper."""
        initiative = get_object_or_404(rules.manageable_initiatives(request.user), pk=pk)
        form = PaperStoryForm(request.POST or None)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            story = stories.from_paper(initiative, form.told(), typed["paper_reference"])
            return self.address("change", story.pk), _("Written down. Publish it when it has been read.")

        back = reverse("admin:projects_initiative_running", args=[pk])
        return self.step(request, initiative, form, verb, title=_("A story from paper"), button=_("Write down"), back=back)

    @admin.display(description=gettext_lazy("What changed?"))
    def change_shown(self, story: ChangeStory) -> str:
        return Truncator(story.change).chars(80)

    @admin.display(description=gettext_lazy("state"))
    def state(self, story: ChangeStory) -> str:
        if story.withdrawn_at:
            return _("withdrawn")
        return _("shown") if story.published_at else _("to be looked at")
