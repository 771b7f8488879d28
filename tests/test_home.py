"""The home page and my page: first what is, then what can be done. Sentences are asked for by their source text."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from events import links
from events.domain import queue
from events.models import Event, Registration
from projects.models import Initiative
from tests import makers

pytestmark = pytest.mark.django_db


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def words(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html(response))).split())


def queries(client, url):
    with CaptureQueriesContext(connection) as caught:
        client.get(url)
    return len(caught)


# --- Home ---------------------------------------------------------------------------------------------------------------


def test_home_of_an_empty_portal_says_so(client):
    response = client.get("/")
    assert html(response).count('class="empty-state"') == 4
    assert not response.cookies


def test_home_shows_estates_the_next_event_ideas_and_the_programme(client):
    place = makers.a_neighbourhood("Ugorek", district="Dzielnica III")
    stage = makers.a_stage()
    event = makers.an_event(place, capacity=4, title="Mapa podwórek")
    idea = makers.an_initiative(place)
    page = html(client.get("/"))
    for address in (place.get_absolute_url(), event.get_absolute_url(), idea.get_absolute_url(), stage.get_absolute_url()):
        assert f'href="{address}"' in page
    assert reverse("event_sign_up", args=[event.slug]) in page
    assert 'href="tel:+48120000000"' in page
    text = words(client.get("/"))
    for said in ("Dzielnica III", "pn.–pt. 9–15", event.venue.address, event.venue.get_step_free_display(), gettext("free of charge")):
        assert said in text


def test_home_names_four_events_soonest_first_and_none_that_is_off(client):
    events = [makers.an_event(in_days=days, title=f"Za {days} dni") for days in (9, 3, 5, 7, 11)]
    off = makers.an_event(in_days=2)
    off.status, off.cancelled_at, off.cancel_reason = Event.Status.CANCELLED, timezone.now(), "choroba"
    off.save()
    page = html(client.get("/"))
    found = [page.index(f'href="{events[number].get_absolute_url()}"') for number in (1, 2, 3, 0)]
    assert found == sorted(found)
    assert events[4].get_absolute_url() not in page
    assert off.get_absolute_url() not in page


def test_home_shows_a_full_event_with_its_waiting_list(client):
    event = makers.an_event(capacity=1)
    makers.signed_up(event)
    makers.signed_up(event)
    assert gettext("Join the waiting list") in words(client.get("/"))


def test_home_tells_of_what_goes_on_before_what_only_sources_tell_of(client):
    going = makers.an_initiative()
    told = makers.an_initiative(status=Initiative.Status.HISTORICAL, source_label="Gazeta")
    unseen = makers.an_initiative(status=Initiative.Status.IDEA)
    page = html(client.get("/"))
    assert page.index(going.get_absolute_url()) < page.index(told.get_absolute_url())
    assert unseen.get_absolute_url() not in page


@pytest.mark.parametrize("prefix", ["", "/en", "/uk"])
def test_home_sets_no_cookie_in_any_language(client, prefix):
    makers.an_event()
    response = client.get(f"{prefix}/")
    assert response.status_code == 200
    assert not response.cookies


def test_home_asks_as_often_with_thirty_rows_as_with_one(client):
    makers.a_stage()
    makers.an_event()
    makers.an_initiative()
    one = queries(client, "/")
    for number in range(2, 31):
        makers.a_stage(number=number)
        makers.an_event(makers.a_neighbourhood(f"Osiedle {number}"))
        makers.an_initiative(makers.a_neighbourhood(f"Osiedle {number}"))
    assert queries(client, "/") == one <= 10


# --- My page ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def resident():
    return makers.a_user()


@pytest.fixture
def own(resident):
    return makers.a_person(user=resident, email=resident.email)


@pytest.fixture
def at_home(client, resident):
    client.force_login(resident, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_my_page_is_for_those_who_signed_in(client):
    response = client.get(reverse("my_page"))
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_my_page_without_sign_ups_leads_to_events_and_account(at_home):
    page = html(at_home.get(reverse("my_page")))
    assert 'class="empty-state"' in page
    for name in ("event_list", "account_email", "account_change_password", "mfa_index", "account_logout"):
        assert reverse(name) in page


def test_my_page_says_who_has_a_place_and_who_waits_where(at_home, own):
    seated = makers.signed_up(makers.an_event(in_days=3), own)
    full = makers.an_event(in_days=5, capacity=1)
    makers.signed_up(full)
    makers.signed_up(full)
    waiting = makers.signed_up(full, own)
    text = words(at_home.get(reverse("my_page")))
    page = html(at_home.get(reverse("my_page")))
    assert gettext("You have a place") in text
    assert gettext("You are waiting, number %(number)s in the queue") % {"number": 2} in text
    assert text.index(seated.event.title) < text.index(waiting.event.title)
    for registration in (seated, waiting):
        assert f'action="{reverse("cancel_own", args=[registration.pk])}"' in page
    assert page.count("csrfmiddlewaretoken") >= 3


def test_my_page_says_till_when_a_place_is_held_and_leads_to_confirming_it(at_home, own):
    event = makers.an_event()
    own.verified_at = None
    held = makers.signed_up(event, own)
    assert [seat.status for seat in held.seats.all()] == ["held"]
    page = html(at_home.get(reverse("my_page")))
    assert f'<a class="btn btn-primary" href="{links.registration_url(held).removeprefix(settings.SITE_URL)}">' in page
    held.seats.update(held_until=timezone.now() - timedelta(minutes=1))
    assert gettext("The time to confirm has passed, the place is no longer held") in words(at_home.get(reverse("my_page")))


def test_my_page_counts_the_queue_as_the_places_do(at_home, own):
    full = makers.an_event(capacity=1)
    for _number in range(3):
        makers.signed_up(full, heads=2)
    mine = makers.signed_up(full, own)
    makers.signed_up(full)
    response = at_home.get(reverse("my_page"))
    assert [row["position"] for row in response.context["coming"]] == [queue.position(mine)]


def test_my_page_cancels_by_a_button(at_home, own):
    mine = makers.signed_up(makers.an_event(), own)
    response = at_home.post(reverse("cancel_own", args=[mine.pk]), follow=True)
    assert mine.event.title not in words(response)
    assert not Registration.objects.live().filter(pk=mine.pk).exists()


def test_my_page_shows_nobody_elses_sign_ups(at_home, own):
    other = makers.signed_up(makers.an_event(title="Cudze spotkanie"))
    assert "Cudze spotkanie" not in words(at_home.get(reverse("my_page")))
    assert at_home.post(reverse("cancel_own", args=[other.pk])).status_code == 404


def test_my_page_keeps_what_was(at_home, own):
    mine = makers.signed_up(makers.an_event(title="Dawny warsztat"), own)
    past = timezone.now() - timedelta(days=30)
    Event.objects.filter(pk=mine.event_id).update(starts_at=past, ends_at=past + timedelta(hours=2))
    page = html(at_home.get(reverse("my_page")))
    assert "Dawny warsztat" in page
    assert reverse("cancel_own", args=[mine.pk]) not in page


def test_my_page_asks_as_often_with_thirty_rows_as_with_one(at_home, own):
    def sign_up_twice():
        makers.signed_up(makers.an_event(), own)
        full = makers.an_event(capacity=1)
        makers.signed_up(full)
        makers.signed_up(full, own)

    sign_up_twice()
    at_home.get(reverse("my_page"))
    one = queries(at_home, reverse("my_page"))
    for _number in range(15):
        sign_up_twice()
    assert queries(at_home, reverse("my_page")) == one <= 12


# --- A form that waited too long ----------------------------------------------------------------------------------------


def test_an_expired_form_leads_back_to_itself():
    strict = Client(enforce_csrf_checks=True)
    url = reverse("event_sign_up", args=[makers.an_event().slug])
    response = strict.post(url, {"name": "Zofia"})
    assert response.status_code == 403
    assert f'href="{url}"' in response.content.decode()


@pytest.mark.parametrize("address", ["/", "/wydarzenia/", "/osiedla/", "/moje-zapisy/", "/healthz"])
def test_link_checkers_may_ask_for_the_head_alone(client, address):
    answer = client.head(address)

    assert (answer.status_code, answer.content) == (200, b"")
