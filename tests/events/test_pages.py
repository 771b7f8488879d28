"""The public pages of events: first what is, then what can be done. Sentences are asked for by their source text."""

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from active_citizens.core.templatetags import components
from events import links
from events.domain import places, plans, sign_up
from events.models import Event, Registration, Seat, StudyTrip
from events.templatetags import events as words
from tests import makers

pytestmark = pytest.mark.django_db


def flat(text):
    """Words as a reader hears them: no tags, no entities, single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def read(response):
    return flat(response.content.decode())


def say(text, **values):
    return flat(gettext(text) % values if values else gettext(text))


def sign_up_url(event):
    return reverse("event_sign_up", args=[event.slug])


def path_of(registration):
    return reverse("registration", args=[links.token(registration)])


def filled_in(client, event, **typed):
    """Open the form and send it, as a browser does."""
    key = client.get(sign_up_url(event)).context["form"]["key"].value()
    return client.post(sign_up_url(event), {"name": "Wanda Łoś", "key": key, "website": "", **typed}, follow=True)


def newcomer(event, at=None, **contact):
    fields = {"name": "Wanda Łoś", "language": "pl", **contact}
    return sign_up.sign_up_newcomer(event, sign_up.Newcomer(**fields), key=uuid.uuid4(), notice=None, at=at)


def full_event(**fields):
    event = makers.an_event(capacity=1, **fields)
    makers.signed_up(event)
    return event


def cancelled_event(reason="Zalało salę."):
    event = makers.an_event()
    return plans.cancel_event(event, reason)


# --- The words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "taken", "queue", "expected"),
    [
        ({"capacity": 5}, 1, 0, lambda: ngettext("%(count)d free place", "%(count)d free places", 4) % {"count": 4}),
        ({"capacity": 5}, 4, 0, lambda: gettext("the last place")),
        ({"capacity": 5}, 5, 0, lambda: gettext("no free places, the waiting list is open")),
        ({"capacity": 5}, 9, 0, lambda: gettext("no free places, the waiting list is open")),
        ({"capacity": 5}, 5, 3, lambda: ngettext("waiting list: %(count)d person", "waiting list: %(count)d people", 3) % {"count": 3}),
        ({"capacity": 5}, 4, 1, lambda: ngettext("waiting list: %(count)d person", "waiting list: %(count)d people", 1) % {"count": 1}),
        ({"capacity": None}, 3, 0, lambda: gettext("no limit of places")),
        ({"sign_up": Event.SignUp.NONE}, 0, 0, lambda: gettext("no sign-up needed")),
        ({"sign_up": Event.SignUp.INVITED, "capacity": 5}, 0, 0, lambda: gettext("by invitation")),
    ],
)
def test_places_are_said_in_words(fields, taken, queue, expected):
    event = Event(**fields)
    event.taken, event.queue = taken, queue

    assert words.places(event) == expected()


def test_hold_is_no_longer_than_until_the_start():
    now = timezone.now()
    soon, far = Event(starts_at=now + timedelta(hours=3)), Event(starts_at=now + timedelta(days=9))

    assert words.hold_until(soon, 48, now) == soon.starts_at
    assert words.hold_until(far, 48, now) == now + timedelta(hours=48)


# --- The list -----------------------------------------------------------------------------------------------------------


def test_list_row_says_what_where_when_and_how(client):
    olsza = makers.a_neighbourhood("Olsza II")
    event = makers.an_event(olsza, title="Spacer z mapą", kind=Event.Kind.WALK, capacity=4)

    response = client.get(reverse("event_list"))

    text = read(response)
    for part in ("Spacer z mapą", "Olsza II", event.venue.name, words.hours(event), words.places(_counted(event))):
        assert flat(part) in text
    assert say("free of charge") in text
    assert say("step-free entrance") in text
    assert f'href="{sign_up_url(event)}"' in response.content.decode()


def _counted(event):
    return Event.objects.with_places().get(pk=event.pk)


def test_list_marks_a_cancelled_event_in_words(client):
    event = cancelled_event("Zalało salę.")

    response = client.get(reverse("event_list"))

    assert f"{say('Cancelled:')} Zalało salę." in read(response)
    assert sign_up_url(event) not in response.content.decode()


def test_past_events_stand_under_their_own_tab(client):
    makers.an_event(title="Jutro", in_days=1)
    makers.an_event(title="Dawno", in_days=-9)

    upcoming, past = client.get(reverse("event_list")), client.get(reverse("event_list"), {"when": "past"})

    assert "Jutro" in read(upcoming)
    assert "Dawno" not in read(upcoming)
    assert "Dawno" in read(past)
    assert say("It is over") in read(past)
    assert '<input type="hidden" name="when" value="past"' in past.content.decode()


def test_empty_list_says_so(client):
    assert say("Nothing is planned at the moment") in read(client.get(reverse("event_list")))
    assert say("No event has taken place yet") in read(client.get(reverse("event_list"), {"when": "past"}))


@pytest.mark.parametrize("when", ["", "past"])
def test_filters_that_fit_nothing_can_be_cleared(client, when):
    makers.an_event(kind=Event.Kind.WALK)

    response = client.get(reverse("event_list"), {"kind": "picnic", **({"when": when} if when else {})})

    assert say("No event matches these filters") in read(response)
    cleared = "?when=past" if when else reverse("event_list")
    assert f'href="{cleared}">{gettext("Clear the filters")}' in response.content.decode()


def test_pages_of_the_list_keep_the_filters(client):
    for _number in range(21):
        makers.an_event(kind=Event.Kind.WALK)

    response = client.get(reverse("event_list"), {"kind": "walk"})

    assert "?kind=walk&amp;page=2" in response.content.decode()


# --- One event ----------------------------------------------------------------------------------------------------------


def test_event_page_says_everything_one_needs_before_coming(client):
    venue = makers.a_venue(step_free="help", accessible_toilet=True, hearing_loop=None, directions="Tramwaj 4, potem prosto.")
    stage = makers.a_stage()
    event = makers.an_event(
        venue=venue,
        stage=stage,
        capacity=12,
        description="# Plan\n\nNajpierw *herbata*.",
        access_contact="Ewa, ewa@example.org, 12 616 55 55",
    )
    event.organisations.add(makers.an_organisation(name="Klub Seniora"))

    response = client.get(event.get_absolute_url())

    html, text = response.content.decode(), read(response)
    for part in (words.day(event.starts_at), words.hours(event), venue.name, venue.address, "Tramwaj 4, potem prosto.", "Klub Seniora"):
        assert flat(part) in text
    assert f"{say('Entrance')} {say('step-free with help')}" in text
    assert f"{say('Accessible toilet')} {gettext('yes,no').split(',')[0]}" in text
    assert f"{say('Hearing loop')} {say('not checked')}" in text
    assert say("free of charge") in text
    assert say("Sign-up is open until %(moment)s.", moment=words.until(event.starts_at)) in text
    assert "<h3>Plan</h3>" in html
    assert "<em>herbata</em>" in html
    assert 'href="mailto:ewa@example.org"' in html
    assert 'href="tel:+48126165555"' in html
    assert event.project.phone_hours in text
    assert reverse("event_calendar", args=[event.slug]) in html


def test_cancelled_event_says_so_before_its_title(client):
    event = cancelled_event("Zalało salę.")

    response = client.get(event.get_absolute_url())

    html = response.content.decode()
    assert html.index("Zalało salę.") < html.index("<h1")
    assert f"<title>{gettext('Cancelled')}: {event.title}" in html
    assert sign_up_url(event) not in html


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"in_days": -3}, "This event is over"),
        ({"sign_up": Event.SignUp.NONE}, "Just come: nobody needs to sign up."),
        ({"sign_up": Event.SignUp.INVITED}, "We invite people to this event ourselves. If you would like to take part, call us."),
    ],
)
def test_event_without_sign_up_says_why(client, fields, sentence):
    event = makers.an_event(**fields)

    response = client.get(event.get_absolute_url())

    assert say(sentence) in read(response)
    assert sign_up_url(event) not in response.content.decode()


def test_sign_up_window_is_told(client):
    now = timezone.now()
    early = makers.an_event(opens_at=now + timedelta(days=1))
    late = makers.an_event(closes_at=now - timedelta(days=1))

    assert say("Sign-up from %(moment)s.", moment=words.until(early.opens_at)) in read(client.get(early.get_absolute_url()))
    assert say("Sign-up was open until %(moment)s.", moment=words.until(late.closes_at)) in read(client.get(late.get_absolute_url()))


def test_full_event_leads_to_the_waiting_list(client):
    text = read(client.get(full_event().get_absolute_url()))

    assert say("no free places, the waiting list is open") in text
    assert say("Join the waiting list") in text


@pytest.mark.parametrize(("capacity", "sentence"), [(5, "You have a place"), (0, "You are on the waiting list")])
def test_own_sign_up_comes_first_for_the_signed_in(client, capacity, sentence):
    event = makers.an_event(capacity=5) if capacity else full_event()
    user = makers.a_user()
    sign_up.sign_up_account(event, user, sign_up.Newcomer(user.name), key=uuid.uuid4(), notice=None)
    client.force_login(user)

    response = client.get(event.get_absolute_url())

    assert say(sentence) in read(response)
    assert reverse("my_page") in response.content.decode()
    assert sign_up_url(event) not in response.content.decode()


def test_text_of_the_team_is_no_html(client):
    event = makers.an_event(title="<b>Tak</b>", description="<script>x</script> [y](javascript:z)", summary="<i>Nie</i>")

    html = client.get(event.get_absolute_url()).content.decode()

    assert "<script>x" not in html
    assert "javascript:z" not in re.findall(r'href="([^"]*)"', html)
    assert "<b>Tak" not in html
    assert "<i>Nie" not in html


# --- The form -----------------------------------------------------------------------------------------------------------


def form_fields(html, kind):
    """The inputs of a kind by name, and whether they are ticked or required."""
    inputs = re.findall(rf'<input[^>]*type="{kind}"[^>]*>', html)
    return {re.search(r'name="([^"]+)"', one)[1]: " checked" in one or " required" in one for one in inputs}


def test_form_says_what_will_happen(client):
    event = makers.an_event(capacity=20)

    response = client.get(sign_up_url(event))

    html, text = response.content.decode(), read(response)
    assert event.title in text
    assert flat(words.day(event.starts_at)) in text
    until = words.hold_until(event, response.context["hold_hours"], response.context["now"])
    sentence = "With an e-mail: we hold the place until %(moment)s and send a link. Confirm by it, and the place is yours."
    assert say(sentence, moment=words.until(until)) in text
    assert reverse("privacy") in html
    assert event.project.phone_line in text
    assert event.project.phone_hours in text
    # Taking part needs no consent; what is optional is never ticked beforehand (GDPR-02).
    ticked = {name for name in form_fields(html, "checkbox") if form_fields(html, "checkbox")[name]}
    assert ticked == {"coming"}
    assert '<div class="trap" aria-hidden="true">' in html


def test_form_shows_the_notice_in_short(client):
    notice = makers.a_notice(summary="Dane służą zapisom.")

    text = read(client.get(sign_up_url(makers.an_event())))

    assert notice.title in text
    assert "Dane służą zapisom." in text


def test_form_of_a_full_event_says_the_position(client):
    event = full_event()
    makers.signed_up(event)

    text = read(client.get(sign_up_url(event)))

    assert say("All places are taken") in text
    assert say("If you sign up now, you will be number %(position)s on the waiting list.", position=2) in text


def test_form_names_every_mistake_at_the_top_and_at_the_field(client):
    event = makers.an_event()

    response = filled_in(client, event, name="", phone="12")

    html = response.content.decode()
    assert html.count('href="#id_name"') == html.count('href="#id_phone"') == 1
    assert 'aria-invalid="true"' in html
    assert 'value="12"' in html
    assert f"<title>{gettext('Error')}:" in html


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"in_days": -3}, "This event is over"),
        ({"sign_up": Event.SignUp.NONE}, "No sign-up is needed"),
        ({"sign_up": Event.SignUp.INVITED}, "This event is by invitation"),
        ({"opens_at": timezone.now() + timedelta(days=1)}, "Sign-up has not opened yet"),
        ({"closes_at": timezone.now() - timedelta(days=1)}, "Sign-up has closed"),
    ],
)
def test_there_is_a_sentence_where_there_is_no_form(client, fields, sentence):
    response = client.get(sign_up_url(makers.an_event(**fields)))

    assert say(sentence) in read(response)
    assert '<form class="form-sheet"' not in response.content.decode()


def test_cancelled_event_has_no_form(client):
    response = client.get(sign_up_url(cancelled_event("Zalało salę.")))

    assert "Zalało salę." in read(response)
    assert '<form class="form-sheet"' not in response.content.decode()


def test_account_that_signs_up_again_is_led_to_its_sign_up(client):
    event = makers.an_event()
    client.force_login(makers.a_user())
    filled_in(client, event)

    response = filled_in(client, event)

    assert say("You are already signed up for this event") in read(response)
    assert '<form class="form-sheet"' not in response.content.decode()
    assert Registration.objects.filter(event=event).count() == 1


# --- The receipt --------------------------------------------------------------------------------------------------------


def test_receipt_of_a_held_place_says_until_when(client):
    event = makers.an_event()

    response = filled_in(client, event, email="wanda@example.org")

    seat = Seat.objects.get(event=event)
    text = read(response)
    assert say("We are holding a place for you") in text
    assert "wanda@example.org" in text
    assert flat(words.until(seat.held_until)) in text
    assert links.token(seat.registration) not in response.content.decode()


def test_receipt_of_a_phone_shows_the_code(client):
    response = filled_in(client, makers.an_event(), phone="600 700 800")

    text, code = read(response), Registration.objects.get().code
    assert say("You have a place") in text
    assert words.grouped(code) in text
    assert "+48 600 700 800" in text


@pytest.mark.parametrize("contact", [{"email": "wanda@example.org"}, {"phone": "600700800"}])
def test_receipt_of_the_queue_says_the_position(client, contact):
    event = full_event()
    makers.signed_up(event)

    text = read(filled_in(client, event, **contact))

    assert say("You are on the waiting list") in text
    assert words.position_sentence(2) in text


def test_receipt_of_a_doubtful_phone_promises_a_call(client):
    event = makers.an_event(capacity=10)
    makers.signed_up(event, heads=9, actor=makers.an_officer())

    text = read(filled_in(client, event, phone="600 700 800"))

    assert say("We will call you back") in text
    assert say("Your code") not in text


def test_receipt_of_a_known_contact_shows_no_more_than_a_fresh_one(client):
    event = makers.an_event()
    first = filled_in(client, event, email="wanda@example.org")
    second = filled_in(client, event, email="wanda@example.org")

    def words_alone(response):
        return re.sub(r"/zapis/\S+|\d\d:\d\d", "", read(response))

    assert words_alone(first) == words_alone(second)


# --- One sign-up behind its link ------------------------------------------------------------------------------------------


def test_held_place_is_confirmed_by_the_button_alone(client):
    event = makers.an_event()
    newcomer(event, email="wanda@example.org")
    registration = Registration.objects.get()

    shown = client.get(path_of(registration))
    client.get(path_of(registration))
    seat = registration.seats.get()

    assert seat.status == Seat.Status.HELD
    assert say("We are holding a place for you") in read(shown)
    assert flat(words.until(seat.held_until)) in read(shown)
    assert 'name="act" value="confirm"' in shown.content.decode()

    done = client.post(path_of(registration), {"act": "confirm"}, follow=True)

    assert say("You have a place") in read(done)
    assert 'name="act" value="confirm"' not in done.content.decode()
    assert 'name="act" value="cancel"' in done.content.decode()
    assert reverse("event_calendar", args=[event.slug]) in done.content.decode()


def test_cancelled_sign_up_offers_another(client):
    registration = makers.signed_up(makers.an_event())

    text = read(client.post(path_of(registration), {"act": "cancel"}, follow=True))

    assert say("Your sign-up has been cancelled") in text
    assert say("You can sign up again") in text


def test_who_waits_sees_the_position_and_may_confirm_the_address(client):
    event = full_event()
    newcomer(event, email="wanda@example.org")
    registration = Registration.objects.latest("pk")

    response = client.get(path_of(registration))

    assert words.position_sentence(1) in read(response)
    assert say("Confirm the address") in read(response)

    done = client.post(path_of(registration), {"act": "confirm"}, follow=True)

    assert words.position_sentence(1) in read(done)
    assert say("Confirm the address") not in read(done)
    assert say("Your address is confirmed.") in read(done)


def test_who_waits_for_a_question_is_not_promised_the_place_at_once(client):
    event = full_event(promotion=Event.Promotion.OFFER)
    newcomer(event, email="wanda@example.org")

    response = client.get(path_of(Registration.objects.latest("pk")))

    assert say("Confirm the address") in read(response)
    assert say("Confirm your address now: when a place comes free, it will be yours at once.") not in read(response)


def test_title_of_a_sign_up_says_how_it_stands_and_for_what(client):
    event = full_event()
    newcomer(event, email="wanda@example.org")

    html = client.get(path_of(Registration.objects.latest("pk"))).content.decode()

    assert f"<title>{say('You are on the waiting list')}: {event.title}" in unescape(html)


def test_lapsed_hold_may_be_tried_once_more(client):
    event = makers.an_event()
    newcomer(event, email="wanda@example.org", at=timezone.now() - timedelta(hours=60))
    registration = Registration.objects.get()

    response = client.get(path_of(registration))

    assert say("The time to answer has passed") in read(response)
    assert say("You have a place") in read(client.post(path_of(registration), {"act": "confirm"}, follow=True))


def test_party_sees_each_name(client):
    registration = makers.signed_up(makers.an_event(), heads=3)

    text = read(client.get(path_of(registration)))

    assert all(seat.name in text for seat in registration.seats.all())
    assert flat(words.having(list(registration.seats.all()))) in text


def test_sign_up_of_a_cancelled_event_says_why(client):
    event = makers.an_event()
    registration = makers.signed_up(event)
    plans.cancel_event(event, "Zalało salę.")

    response = client.get(path_of(registration))

    assert say("This event has been cancelled") in read(response)
    assert "Zalało salę." in read(response)
    assert 'name="act"' not in response.content.decode()


def test_sign_up_of_a_past_event_has_no_buttons(client):
    registration = makers.signed_up(makers.an_event(in_days=1))
    Event.objects.update(starts_at=timezone.now() - timedelta(days=2), ends_at=timezone.now() - timedelta(days=1))

    response = client.get(path_of(registration))

    assert say("This event is over") in read(response)
    assert 'name="act"' not in response.content.decode()


def test_refusal_is_announced(client):
    registration = makers.signed_up(makers.an_event())
    places.cancel(registration)

    response = client.post(path_of(registration), {"act": "confirm"})

    assert response.status_code == 409
    assert 'role="alert"' in response.content.decode()
    assert say("This sign-up was cancelled. You can sign up again.") in read(response)


def test_dead_link_leads_to_a_fresh_one(client):
    response = client.get(reverse("registration", args=["1:zmyslony"]))

    assert response.status_code == 404
    assert reverse("registrations_link") in response.content.decode()


def test_link_and_code_are_two_forms(client):
    registration = makers.signed_up(makers.an_event())
    url = reverse("registrations_link")
    page = client.get(url)
    keys = {name: page.context[f"{name}_form"]["key"].value() for name in ("link", "code")}

    assert page.content.decode().count('name="act" value="') == 2
    wrong = client.post(url, {"act": "code", "code-code": "AB", "code-contact": "", "code-key": keys["code"], "code-website": ""})
    assert 'href="#id_code-code"' in wrong.content.decode()
    assert "#id_link-email" not in wrong.content.decode()
    right = {"act": "code", "code-code": registration.code_shown.lower(), "code-contact": registration.person.email}
    opened = client.post(url, {**right, "code-key": keys["code"], "code-website": ""}, follow=True)
    assert say("You have a place") in read(opened)
    sent = client.post(url, {"act": "link", "link-email": "nikt@example.org", "link-key": keys["link"], "link-website": ""}, follow=True)
    assert say("Look into your mailbox") in read(sent)


# --- Trips ----------------------------------------------------------------------------------------------------------------


def a_trip(**fields):
    values = {"project": makers.the_project(), "slug": "gdansk", "title": "Wyjazd do Gdańska", "destination": "Gdańsk"}
    return StudyTrip.objects.create(**{**values, "is_published": True, **fields})


def test_trip_says_what_the_sources_do_not(client):
    trip = a_trip(known="- raz\n- dwa", unknown="Źródło nie podaje dat.", source_label="Biuletyn", source_url="https://example.org/x")

    response = client.get(trip.get_absolute_url())

    text = read(response)
    assert f"{say('When')} {say('the source does not say')}" in text
    assert "Źródło nie podaje dat." in text
    assert "<li>raz</li>" in response.content.decode()
    assert 'href="https://example.org/x"' in response.content.decode()


def test_trip_list_names_them_or_says_there_is_none(client):
    assert say("No trip has been announced") in read(client.get(reverse("trip_list")))
    trip = a_trip()
    assert trip.get_absolute_url() in client.get(reverse("trip_list")).content.decode()


# --- Promises -------------------------------------------------------------------------------------------------------------


def test_anonymous_pages_set_no_cookie(client):
    event, past = makers.an_event(), makers.an_event(in_days=-9)
    trip = a_trip()
    lists = [reverse("event_list"), f"{reverse('event_list')}?when=past&kind=walk", reverse("trip_list")]

    for url in [*lists, event.get_absolute_url(), past.get_absolute_url(), cancelled_event().get_absolute_url(), trip.get_absolute_url()]:
        response = client.get(url)
        assert response.status_code == 200
        assert not response.cookies, url
        assert "csrfmiddlewaretoken" not in response.content.decode(), url


def queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("when", ["", "?when=past"])
def test_list_asks_as_much_for_thirty_events_as_for_one(client, when):
    url, days = reverse("event_list") + when, -9 if when else 9
    azory = makers.a_neighbourhood("Azory")
    makers.signed_up(makers.an_event(azory, capacity=5)) if not when else makers.an_event(azory, in_days=days)
    one = queries(client, url)
    for number in range(29):
        makers.an_event(azory, makers.a_neighbourhood(f"Osiedle {number % 3}"), in_days=days, capacity=5)

    assert queries(client, url) == one <= 8


def test_event_page_asks_little(client):
    event = makers.an_event(capacity=3, stage=makers.a_stage())
    first = queries(client, event.get_absolute_url())
    event.organisations.add(*[makers.an_organisation() for _number in range(5)])
    event.neighbourhoods.add(*[makers.a_neighbourhood() for _number in range(5)])
    for _number in range(5):
        makers.signed_up(event)

    assert queries(client, event.get_absolute_url()) == first <= 8


def test_trip_list_asks_little(client):
    a_trip()
    one = queries(client, reverse("trip_list"))
    for number in range(29):
        a_trip(slug=f"wyjazd-{number}")

    assert queries(client, reverse("trip_list")) == one <= 8


def test_every_sign_up_button_of_a_list_has_the_phone_and_its_hours_beside_it(client):
    project = makers.the_project()
    project.phone_hours_pl = "pn.–pt. 9–15"
    project.save()
    makers.an_event(project=project)
    for prefix in ("", "/en"):
        html = client.get(f"{prefix}/wydarzenia/").content.decode()
        assert html.split("event-call", 1)[1].split("</p>", 1)[0].count("12 000 00 00") == 1
        assert "9–15" in html.split("event-call", 1)[1].split("</p>", 1)[0]


@pytest.mark.parametrize("path", ["/", "/wydarzenia/"])
def test_the_hours_beside_an_event_are_in_the_visitors_language(client, path):
    project = makers.the_project()
    project.phone_hours_pl, project.phone_hours_en, project.phone_hours_uk = "pn.–pt. 9–15", "Mon–Fri 9–15", ""
    project.save()
    makers.an_event(project=project)
    for prefix, own, other in (
        ("", "pn.–pt. 9–15", "Mon–Fri 9–15"),
        ("/en", "Mon–Fri 9–15", "pn.–pt. 9–15"),
        ("/uk", "pn.–pt. 9–15", "Mon–Fri 9–15"),
    ):
        page = client.get(f"{prefix}{path}").content.decode()
        assert own in page
        assert other not in page, prefix


@pytest.mark.parametrize("path", ["/", "/wydarzenia/"])
def test_the_menu_is_made_once_and_shown_twice(client, path, monkeypatch):
    made = []
    monkeypatch.setattr(components, "reverse", lambda name: made.append(name) or reverse(name))
    page = client.get(path).content.decode()
    assert page.count('class="site-menu"') == page.count('class="languages"') == page.count('class="site-account"') == 2
    assert made.count("event_list") == 1
