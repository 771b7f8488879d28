"""One event made into more."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.admin.forms import CopyForm
from events.domain import publication
from projects.admin_base import RuledAdmin


class SeriesPages(RuledAdmin):
    """The pages of EventAdmin that make more events of one."""

    own_pages = (("copy", "copy"),)

    def copy(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = self.one(request, pk)
        form = CopyForm(request.POST or None, initial={"starts_at": timezone.localtime(event.starts_at + timedelta(days=7))})

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            twin = publication.copy(event, starts_at=typed["starts_at"])
            return self.address("change", twin.pk), _("A copy was made as a draft. Check it and publish it.")

        return self.step(request, event, form, verb, title=_("Copy the event"), button=_("Copy"))
