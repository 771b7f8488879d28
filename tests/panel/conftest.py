import re
from typing import Any

import pytest
from django.test import Client

from events.models import Event
from participants.models import User
from projects.models import Neighbourhood
from tests.makers import a_neighbourhood, an_animator


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """Every test of the panel meets the database."""


@pytest.fixture
def ugorek() -> Neighbourhood:
    return a_neighbourhood("Ugorek")


@pytest.fixture
def azory() -> Neighbourhood:
    return a_neighbourhood("Azory")


@pytest.fixture
def animator(ugorek: Neighbourhood) -> User:
    return an_animator(ugorek)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def panel(animator: User) -> Client:
    """The browser of Ugorek's animator."""
    return signed_in(animator)


def fields_of(html: str) -> dict[str, Any]:
    """What a browser would send back from the page's last form, as it stands."""
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        checkable = found.get("type") in ("checkbox", "radio")
        if "name" in found and found.get("type") != "submit" and (not checkable or " checked" in tag):
            sent.setdefault(found["name"], found.get("value", ""))
    return sent


def event_form(*neighbourhoods: Neighbourhood, **fields: Any) -> dict[str, Any]:
    """The nine fields of an event as an animator fills them in, and the settings that come filled in."""
    return {
        "title_pl": "Spacer badawczy",
        "kind": Event.Kind.WALK,
        "neighbourhoods": [place.pk for place in neighbourhoods],
        "starts_at": "2090-11-29T17:00",
        "ends_at": "2090-11-29T19:00",
        "capacity": "20",
        "summary_pl": "Idziemy zobaczyć podwórka.",
        "access_contact": "12 616 55 55",
        "sign_up": Event.SignUp.OPEN,
        "leaders-TOTAL_FORMS": "0",
        "leaders-INITIAL_FORMS": "0",
        **fields,
    }
