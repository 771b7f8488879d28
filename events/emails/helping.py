"""The mail that leads a helper to the door page of one event."""

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from events.models import EventHelper
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message


@letter("helper_invitation", name=pgettext_lazy("kind of mail", "invitation to help at the door"))
def helper_invitation(message: Message) -> Letter:
    """What to do, when and where, and one link: a code by mail opens the page, no password is needed."""
    found = EventHelper.objects.select_related("event__venue", "event__project", "assignment__user")
    helper = found.filter(pk=message.context["helper"], ended_at=None).first()
    if helper is None:
        raise NoLongerNeeded("the help has ended")
    door = reverse("admin:door", args=[helper.event_id])
    context = {
        "helper": helper,
        "event": helper.event,
        "project": helper.event.project,
        "door_url": f"{settings.SITE_URL}{reverse('account_request_login_code')}?{urlencode({'next': door})}",
    }
    return Letter(_("You help at the door: %(event)s") % {"event": helper.event}, context)
