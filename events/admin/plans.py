"""When plans break: an event is called off."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.admin.forms import CancelForm
from events.domain import publication
from projects.admin_base import RuledAdmin


class PlanPages(RuledAdmin):
    """The pages of EventAdmin for plans that break."""

    own_pages = (("cancel", "cancel"),)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = self.one(request, pk)
        form = CancelForm(request.POST or None)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            publication.cancel_event(event, typed["reason"], actor=request.user)
            return self.address("change", pk), _("The event is cancelled. Everybody signed up is being told.")

        told = event.registrations.live().count()
        sentence = ngettext("%(count)s sign-up will be told.", "%(count)s sign-ups will be told.", told) % {"count": told}
        return self.step(
            request, event, form, verb, title=_("Cancel the event"), button=_("Cancel the event"), sentence=sentence, danger=True
        )
