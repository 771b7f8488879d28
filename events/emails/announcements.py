"""What the team writes to an event's people, in its own words."""

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy

from events.emails.frame import letter_about, registration_of
from events.models import Announcement
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message


@letter("announcement", name=gettext_lazy("message of the team"))
def announcement(message: Message) -> Letter:
    """The team's text as it was typed, in a frame of the recipient's language; nothing to those who have cancelled since."""
    written = Announcement.objects.filter(pk=message.context["announcement"]).first()
    if written is None:
        raise NoLongerNeeded("the message is gone")
    registration = registration_of(message)
    if registration.closed_at is not None:
        raise NoLongerNeeded("the sign-up is cancelled")
    # The subject is no pattern: whatever is typed there, nothing is put into it.
    made = letter_about(registration, written.subject.replace("%", "%%"))
    made.context["announcement"] = written
    return made


def preview(written: Announcement) -> str:
    """The text of one mail, before there is any to send."""
    project = written.event.project
    context = {"announcement": written, "event": written.event, "project": project, "url": "[…]"}
    with translation.override("pl"):
        text = render_to_string("emails/announcement.txt", context)
    return f"{written.subject}\n\n{text.strip()}"
