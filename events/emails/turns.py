"""The letters of the queue, of the draw and of guardians: whose turn it is, and what is asked of them."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import links
from events.emails.frame import code_sentence, in_paragraphs, needs, registration_of
from events.models import Registration, Seat
from events.templatetags.events import moment, until
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message

Status = Seat.Status


@letter("registration_offered")
def offered(message: Message) -> Letter:
    """The question whether they come: with the time to answer, and a way to say no at once."""
    registration = registration_of(message)
    held = [seat.held_until for seat in registration.seats.all() if seat.held_for == Seat.HeldFor.OFFER and seat.held_until]
    if not held:
        raise NoLongerNeeded("the offer has been answered or has ended")
    count, moment = len(held), until(held[0])
    told = ngettext("%(count)d place has come free, and it is your turn.", "%(count)d places have come free, and it is your turn.", count)
    answer = _("Please answer by %(moment)s. After that we ask the next person.") % {"moment": moment}
    return in_paragraphs(
        registration,
        _("A place is waiting for your answer: %(event)s"),
        [told % {"count": count}, answer],
        _("Answer: I come or I cannot come"),
        afterwards=[_("Cannot come? Say so by the same link: somebody else will be glad of it."), code_sentence(registration)],
    )


@letter("registration_first_answer")
def first_answer(message: Message) -> Letter:
    registration = registration_of(message)
    needs(registration, Status.WAITING)
    return in_paragraphs(
        registration,
        _("A place is free, whoever answers first gets it: %(event)s"),
        [
            _("Shortly before the event a place has come free."),
            _("It goes to whoever answers first: there is no time to ask one after the other."),
        ],
        _("See whether it is still free"),
        afterwards=[_("If somebody is faster, you keep your place in the queue.")],
    )


@letter("registration_lapsed")
def lapsed(message: Message) -> Letter:
    registration = registration_of(message)
    needs(registration, Status.LAPSED)
    return in_paragraphs(
        registration,
        _("The time to answer is over: %(event)s"),
        [_("We held a place for you, but no answer came in time, so it went to the next person.")],
        _("Try once more"),
        afterwards=[_("If a place is free, it is yours; if not, you return to your position on the waiting list.")],
    )


@letter("registration_in_draw")
def in_draw(message: Message) -> Letter:
    registration = registration_of(message)
    needs(registration, Status.WAITING)
    event = registration.event
    if not event.waits_for_draw or event.draw_at is None:
        raise NoLongerNeeded("the places have been drawn")
    paragraphs = [_("You are signed up for the draw. Your ticket has the number %(ticket)d.") % {"ticket": registration.pk}]
    if _unverified(registration):
        paragraphs.append(_("Please confirm your address by the link: a drawn place is then yours at once."))
    paragraphs.append(_("The draw: %(moment)s. Then we write to you how it went.") % {"moment": moment(event.draw_at)})
    action = _("Confirm the address") if _unverified(registration) else _("See my sign-up")
    return in_paragraphs(registration, _("You are in the draw: %(event)s"), paragraphs, action, afterwards=[code_sentence(registration)])


@letter("registration_not_drawn")
def not_drawn(message: Message) -> Letter:
    registration = registration_of(message)
    needs(registration, Status.WAITING)
    told = _("Your ticket, number %(ticket)d, drew place %(rank)d.")
    return in_paragraphs(
        registration,
        _("You are on the waiting list after the draw: %(event)s"),
        [
            told % {"ticket": registration.pk, "rank": registration.draw_rank or 0},
            _("Not everybody can have a place, so you are on the waiting list in that order."),
        ],
        _("See my sign-up"),
        afterwards=[_("How the draw went, and how to recompute it, stands on the event’s page."), code_sentence(registration)],
    )


@letter("registration_changed")
def changed(message: Message) -> Letter:
    registration = registration_of(message)
    if registration.closed_at is not None:
        raise NoLongerNeeded("the sign-up has been cancelled since")
    lines = [f"{seat.name}: {seat.get_status_display()}" for seat in registration.seats.all() if seat.is_live]
    return in_paragraphs(
        registration,
        _("Your sign-up has changed: %(event)s"),
        [_("This is how your sign-up stands now:"), *lines],
        _("See my sign-up"),
        afterwards=[code_sentence(registration)],
        with_calendar=True,
    )


@letter("registration_guardian")
def guardian_is_asked(message: Message) -> Letter:
    """To the young person: the guardian has been asked."""
    registration = registration_of(message)
    held_until = next((seat.held_until for seat in registration.seats.all() if seat.held_for == Seat.HeldFor.GUARDIAN), None)
    if not registration.awaits_guardian or held_until is None:
        raise NoLongerNeeded("the guardian has answered")
    paragraphs = [
        _("We are holding a place for you until %(moment)s and have asked your guardian to agree.") % {"moment": until(held_until)}
    ]
    if _unverified(registration):
        paragraphs.append(_("Please confirm your own address, too: open the link and press the button."))
    return in_paragraphs(
        registration,
        _("We have asked your guardian: %(event)s"),
        paragraphs,
        _("See my sign-up"),
        afterwards=[code_sentence(registration)],
    )


@letter("guardian_asked")
def guardian_asked(message: Message) -> Letter:
    """To the guardian of somebody of 16 or 17: who signed up for what, and a link that agrees or refuses."""
    registration = registration_of(message)
    if not registration.awaits_guardian or registration.closed_at is not None:
        raise NoLongerNeeded("the guardian has answered, or the sign-up is gone")
    told = _("%(name)s, 16 or 17 years old, has signed up for our event and named you as parent or guardian.")
    return in_paragraphs(
        registration,
        _("Your agreement is needed: %(event)s"),
        [
            told % {"name": registration.person.name},
            _("Please say whether you agree. Without your agreement the place goes to somebody else."),
        ],
        _("Answer: I agree or I do not agree"),
        url=links.guardian_url(registration),
        afterwards=[_("If you do not know this person, choose “I do not agree”, and we will not write to you about this sign-up again.")],
    )


def _unverified(registration: Registration) -> bool:
    return registration.person.verified_at is None and bool(registration.person.email)
