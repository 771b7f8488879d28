"""What people find in their mailbox: every kind of letter about sign-ups, as plain text and as HTML."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from events import links
from events.domain import own, parties, places, plans
from events.models import Registration, Seat
from events.templatetags.events import day, hours, until
from participants.domain import messages
from participants.models import Message, Person
from tests import makers

pytestmark = pytest.mark.django_db
WITH_CALENDAR = {"registration_confirmed", "registration_promoted", "event_cancelled", "event_moved"}


def held():
    return places.register(makers.an_event(), makers.a_stranger(), [parties.Head("Wanda Łoś")])


def confirmed():
    return makers.signed_up(makers.an_event())


def waiting():
    event = makers.an_event(capacity=1)
    makers.signed_up(event)
    return makers.signed_up(event)


def promoted():
    registration = waiting()
    places.cancel(Registration.objects.filter(event=registration.event).earliest("pk"))
    return registration


def cancelled():
    return places.cancel(confirmed())


def of_cancelled_event():
    registration = confirmed()
    plans.cancel_event(registration.event, "Zalało salę & korytarz.")
    return registration


def of_moved_event():
    registration = confirmed()
    event = registration.event
    plans.reschedule_event(event, starts_at=event.starts_at + timedelta(days=3), reason="Zalało salę & korytarz.")
    return Registration.objects.get(pk=registration.pk)


def asked_for_links():
    registration = confirmed()
    own.send_links(registration.contact)
    return registration


def signed_up_twice():
    registration = held()
    messages.book("registration_again", registration.person, {"registration": registration.pk})
    return registration


KINDS = {
    "registration_held": held,
    "registration_waiting": waiting,
    "registration_confirmed": confirmed,
    "registration_promoted": promoted,
    "registration_cancelled": cancelled,
    "registration_again": signed_up_twice,
    "registration_link": asked_for_links,
    "event_cancelled": of_cancelled_event,
    "event_moved": of_moved_event,
}


def sent(kind, registration):
    """The letter of this kind, as the worker sends it; the others stay booked."""
    Message.objects.exclude(template=kind, recipient=registration.person.email).update(status=Message.Status.DROPPED)
    assert messages.deliver_due() == 1
    assert Message.objects.get(template=kind, recipient=registration.person.email).status == Message.Status.SENT
    return mail.outbox[-1]


def html_of(letter):
    return next(content for content, mime_type in letter.alternatives if mime_type == "text/html")


def words(text):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize("kind", KINDS)
def test_letter_is_whole_in_text_and_in_html(kind):
    registration = KINDS[kind]()

    letter = sent(kind, registration)

    event = registration.event
    for content in (letter.body, html_of(letter)):
        assert event.title in content
        assert words(f"{day(event.starts_at)}, {hours(event)}") in words(content)
        assert event.venue.address in words(content)
        assert event.project.phone_line in content
        assert "http" in content
        for brace in ("{{", "{%", "}}", "%}", "None"):
            assert brace not in content
    assert "<" not in letter.body
    assert "&quot;" not in letter.body
    assert "\n" not in letter.subject


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"registration_cancelled", "event_cancelled"}))
def test_letter_carries_the_link_to_the_sign_up(kind):
    registration = KINDS[kind]()

    letter = sent(kind, registration)

    url = links.registration_url(registration)
    assert url in letter.body
    assert f'href="{url}"' in html_of(letter)


@pytest.mark.parametrize("kind", KINDS)
def test_calendar_is_attached_where_the_date_matters(kind):
    registration = KINDS[kind]()

    letter = sent(kind, registration)

    files = {name: content for name, content, _mime_type in letter.attachments}
    if kind not in WITH_CALENDAR:
        assert files == {}
        return
    calendar = files["wydarzenie.ics"]
    calendar = calendar.decode() if isinstance(calendar, bytes) else calendar
    assert "BEGIN:VEVENT" in calendar
    assert ("STATUS:CANCELLED" in calendar) == (kind == "event_cancelled")


def test_held_letter_says_until_when():
    registration = held()

    letter = sent("registration_held", registration)

    moment = until(Seat.objects.get(registration=registration).held_until)
    assert words(moment) in words(letter.body)
    assert words(moment) in words(html_of(letter))


def test_promoted_stranger_is_asked_to_confirm_and_a_known_person_is_not():
    event = makers.an_event(capacity=2)
    first = [makers.signed_up(event), makers.signed_up(event)]
    stranger = places.register(event, makers.a_stranger(), [parties.Head("Nowa Osoba")])
    known = makers.signed_up(event)
    for registration in first:
        places.cancel(registration)

    asked = sent_to("registration_promoted", stranger)
    told = sent_to("registration_promoted", known)

    assert gettext("Confirm the place") in asked.body
    assert gettext("Confirm the place") not in told.body
    assert gettext("The place is yours; you need not do anything else.") in told.body


def sent_to(kind, registration):
    message = Message.objects.get(template=kind, recipient=registration.person.email)
    with translation.override(message.language):
        return messages._render(message)


def test_cancelled_event_says_why_without_entities_in_plain_text():
    letter = sent("event_cancelled", of_cancelled_event())

    assert "Zalało salę & korytarz." in words(letter.body)
    assert "Zalało salę &amp; korytarz." in html_of(letter).replace("\N{NO-BREAK SPACE}", " ")
    assert reverse("event_list") in letter.body


def test_name_typed_by_a_stranger_is_in_no_letter_to_an_unknown_address():
    event = makers.an_event(capacity=1)
    for kind in ("registration_held", "registration_waiting"):
        person = makers.a_stranger(name="KUP TERAZ https://zle.example")
        registration = places.register(event, person, [parties.Head(person.name)])
        letter = sent_to(kind, registration)
        assert "zle.example" not in letter.body + html_of(letter) + letter.subject


def test_link_letter_lists_every_sign_up():
    person = makers.a_person()
    registrations = [makers.signed_up(makers.an_event(), person) for _number in range(3)]
    own.send_links(person.email)

    letter = sent("registration_link", registrations[0])

    assert all(links.registration_url(registration) in letter.body for registration in registrations)
    assert html_of(letter).count(gettext("See my sign-up")) == 3


@pytest.mark.parametrize(("language", "path"), [("en", "/en/moje-zapisy/"), ("uk", "/uk/moje-zapisy/")])
def test_letter_leads_to_pages_in_its_own_language(language, path):
    person = Person.objects.create(name="Oleh", email="oleh@example.org", language=language, verified_at=timezone.now())

    letter = sent("registration_confirmed", makers.signed_up(makers.an_event(), person))

    assert path in letter.body
    assert f'<html lang="{language}">' in html_of(letter)
