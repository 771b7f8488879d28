"""What every letter about a sign-up shares: its row, its values, where answers go."""

from django.utils.translation import gettext as _

from events import calendars, links
from events.models import Registration
from participants.letters import Attachment, Letter, NoLongerNeeded
from participants.models import Message
from projects.models import Project


def registration_of(message: Message) -> Registration:
    registration = Registration.objects.with_places().standing_for(message.context["registration"])
    if registration is None:
        raise NoLongerNeeded("the sign-up is gone")
    return registration


def letter_about(registration: Registration, subject: str, *, with_calendar: bool = False) -> Letter:
    event = registration.event
    seats = [seat for seat in registration.seats.all() if seat.is_live]
    attachments = []
    if with_calendar:
        attachments = [Attachment("wydarzenie.ics", calendars.calendar([event], event.title), "text/calendar; charset=utf-8")]
    context = {
        "registration": registration,
        "event": event,
        "project": event.project,
        "seats": seats,
        "held_until": next((seat.held_until for seat in seats if seat.held_until), None),
        "url": links.registration_url(registration),
    }
    return Letter(subject % {"event": event.title}, context, attachments, reply_to(event.project))


def in_paragraphs(registration: Registration, subject: str, paragraphs: list[str], action: str, *, afterwards: list[str] | None = None,
                  url: str = "", with_calendar: bool = False) -> Letter:  # fmt: skip
    """A letter said in a few paragraphs around one link, in the templates ``emails/paragraphs``."""
    built = letter_about(registration, subject, with_calendar=with_calendar)
    built.context.update(
        {
            "paragraphs": paragraphs,
            "action_label": action,
            "action_url": url or built.context["url"],
            "afterwards": afterwards or [],
        }
    )
    return built


def code_sentence(registration: Registration) -> str:
    return _("If you would rather cancel by phone, give this code: %(code)s") % {"code": registration.code_shown}


def reply_to(project: Project) -> list[str]:
    """Answers go to the programme's mailbox, when it has one."""
    return [project.contact_email] if project.contact_email else []


def needs(registration: Registration, status: str) -> None:
    if not any(seat.status == status for seat in registration.seats.all()):
        raise NoLongerNeeded(f"no seat is {status} any more")
