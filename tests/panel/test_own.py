"""An animator's world ends at their own neighbourhoods: lists, choices, suggestions, history, typed addresses."""

import pytest
from django.urls import reverse

from events.models import Registration
from participants.models import Message
from tests.makers import (
    a_call,
    a_former_animator,
    a_person,
    a_promise,
    a_venue,
    an_animator,
    an_event,
    an_initiative,
    an_officer,
    signed_up,
)
from tests.panel.conftest import event_form, signed_in


@pytest.fixture
def theirs(azory):
    """Rows of Azory, by the name of their admin pages."""
    event = an_event(azory, title="Tajne Azory", venue=a_venue(name="Klub Azory", neighbourhood=azory))
    registration = signed_up(event, a_person(name="Zofia Azorska", phone="+48600100200"))
    call, initiative = a_call(registration), an_initiative(azory, title="Inicjatywa Azory")
    return {
        "events_event": event,
        "events_registration": registration,
        "participants_person": registration.person,
        "participants_message": Message.objects.get(person=registration.person),
        "projects_initiative": initiative,
        "projects_venue": event.venue,
        "projects_calltask": call,
        "projects_milestone": a_promise(initiative, owner="group"),
    }


NAMES = [
    "events_event", "events_registration", "participants_person", "participants_message", "projects_initiative", "projects_venue",
    "projects_calltask", "projects_milestone",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("view", ["change", "history", "delete"])
def test_typed_address_of_another_neighbourhood_is_not_found(panel, theirs, name, view):
    address = reverse(f"admin:{name}_{view}", args=[theirs[name].pk])

    assert panel.get(address).status_code == 404
    assert panel.post(address, {"title_pl": "x"}).status_code in (403, 404)


@pytest.mark.parametrize("name", NAMES)
def test_list_of_another_neighbourhood_is_empty(panel, theirs, azory, name):
    address = reverse(f"admin:{name}_changelist")
    change = reverse(f"admin:{name}_change", args=[theirs[name].pk])

    assert change not in panel.get(address).content.decode()
    assert change in signed_in(an_animator(azory)).get(address).content.decode()
    assert change in signed_in(an_officer()).get(address).content.decode()


@pytest.mark.parametrize("name", NAMES)
def test_own_rows_open(theirs, azory, name):
    client = signed_in(an_animator(azory))

    assert client.get(reverse(f"admin:{name}_change", args=[theirs[name].pk])).status_code == 200
    assert client.get(reverse(f"admin:{name}_history", args=[theirs[name].pk])).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_animator_whose_role_ended_reaches_nothing(theirs, azory, name):
    assert signed_in(a_former_animator(azory)).get(reverse(f"admin:{name}_change", args=[theirs[name].pk])).status_code == 404


STEPS = [
    ("events_event", view) for view in ("copy", "cancel", "change_places", "sign_ups", "enter_sign_up", "print_list")
] + [
    ("events_registration", "slip"), ("events_registration", "cancel"), ("projects_initiative", "move"), ("projects_calltask", "outcome"),
    ("participants_message", "send_again"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "view"), STEPS)
def test_steps_of_another_neighbourhood_are_not_found(panel, theirs, name, view):
    address = reverse(f"admin:{name}_{view}", args=[theirs[name].pk])

    assert panel.get(address).status_code == 404
    assert panel.post(address, {}).status_code == 404


@pytest.mark.parametrize(("model", "field", "text"), [("event", "venue", "Klub"), ("event", "initiative", "Inicjatywa")])
def test_suggestions_are_own(panel, theirs, azory, model, field, text):
    query = {"app_label": "events", "model_name": model, "field_name": field, "term": text}
    address = reverse("admin:autocomplete")

    assert panel.get(address, query).json()["results"] == []
    assert len(signed_in(an_animator(azory)).get(address, query).json()["results"]) == 1


def test_people_are_never_suggested(theirs):
    query = {"app_label": "events", "model_name": "registration", "field_name": "person", "term": "Zofia"}

    assert signed_in(an_officer()).get(reverse("admin:autocomplete"), query).status_code == 403


def test_form_offers_own_neighbourhoods_and_venues_only(panel, theirs, ugorek, azory):
    form = panel.get(reverse("admin:events_event_add")).context["adminform"].form

    assert list(form.fields["neighbourhoods"].queryset) == [ugorek]
    assert theirs["events_event"].venue not in form.fields["venue"].queryset
    assert theirs["projects_initiative"] not in form.fields["initiative"].queryset


def test_forged_neighbourhood_is_refused(panel, theirs, azory):
    answer = panel.post(reverse("admin:events_event_add"), event_form(azory))

    assert "neighbourhoods" in answer.context["adminform"].form.errors


def test_shared_event_keeps_the_neighbourhood_of_others(panel, ugorek, azory):
    event = an_event(ugorek, azory)

    panel.post(
        reverse("admin:events_event_change", args=[event.pk]),
        event_form(ugorek, venue=event.venue_id, project=event.project_id, title_pl="Wspólny spacer"),
    )

    event.refresh_from_db()
    assert event.title_pl == "Wspólny spacer"
    assert set(event.neighbourhoods.all()) == {ugorek, azory}


def test_mails_to_a_shared_person_show_only_own_sign_ups(panel, theirs, ugorek):
    person = theirs["participants_person"]
    own = signed_up(an_event(ugorek), person)
    shown = panel.get(reverse("admin:participants_message_changelist")).context["cl"].result_list

    assert [message.context["registration"] for message in shown] == [own.pk]


def test_search_finds_a_code_read_aloud(theirs, azory):
    registration: Registration = theirs["events_registration"]
    found = signed_in(an_animator(azory)).get(reverse("admin:events_registration_changelist"), {"q": registration.code_shown.lower()})

    assert list(found.context["cl"].result_list) == [registration]
