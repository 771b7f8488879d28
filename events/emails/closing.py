"""What the team is told about events that are over."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.emails.frame import reply_to
from events.models import Event, EventClosing
from participants.domain import messages
from participants.domain.people import addressee
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message, User


def tell_to_close(event: Event, user: User, at: datetime) -> None:
    """Book the reminder to one account; a second one for the same event is never written."""
    messages.book("event_to_close", addressee(user), {"event": event.pk}, key=f"event_to_close:{event.pk}:{user.pk}", at=at)


@letter("event_to_close", name=gettext_lazy("the event is not closed yet"))
def event_to_close(message: Message) -> Letter:
    event = Event.objects.select_related("project", "venue").filter(pk=message.context["event"]).first()
    if event is None or not event.is_published or EventClosing.objects.filter(event=event).exists():
        raise NoLongerNeeded("there is nothing to close any more")
    context = {
        "event": event,
        "project": event.project,
        "paragraphs": [
            _("This event is over, and what became of it is not written down yet: how many people came, what it cost, what was agreed."),
            _("It takes three minutes, also on a phone. What you do not know you can leave empty."),
        ],
        "action_label": _("Close the event"),
        "action_url": settings.SITE_URL + reverse("admin:events_event_close", args=[event.pk]),
        "afterwards": [],
    }
    return Letter(_("Three minutes for the event: %(event)s") % {"event": event.title}, context, reply_to=reply_to(event.project))
