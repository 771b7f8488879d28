"""The leaders' network in the panel: own neighbourhoods, hiding with a reason, what comes on paper."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from participants.models import AccessLog, Message, User
from projects.domain import network
from projects.domain.network_letters import send_letter
from projects.models import LeaderProfile, Neighbourhood
from tests.makers import a_consent_text, a_coordinator, a_leader, a_person, an_event, signed_up
from tests.panel.conftest import signed_in

LIST = reverse("admin:projects_leaderprofile_changelist")


def at(view: str, pk: int) -> str:
    return reverse(f"admin:projects_leaderprofile_{view}", args=[pk])


def paper(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Krysia", "neighbourhoods": ["ugorek"], "offer": "Znam wszystkich w bloku.", "is_adult": "on", "reference": "segregator 3",
        **fields,
    }  # fmt: skip


def test_animators_see_those_of_their_own_neighbourhoods_and_the_look_is_logged(panel, ugorek, azory):
    mine, other = a_leader(ugorek, name_shown="Ala"), a_leader(azory, name_shown="Ola")
    html = panel.get(LIST).content.decode()

    assert "Ala" in html
    assert "Ola" not in html
    assert AccessLog.objects.filter(action="read", subject="projects.leaderprofile", subject_ids=[mine.pk]).exists()
    for view in ("change", "hide", "show_again", "renew", "take_off"):
        assert panel.get(at(view, other.pk)).status_code == 404
        assert panel.get(at(view, mine.pk)).status_code == 200


@pytest.mark.parametrize("state", ["shown", "hidden", "lapsed", "left"])
def test_the_list_is_of_one_state_when_it_is_chosen(panel, animator, ugorek, state):
    leaders = {name: a_leader(ugorek, name_shown=f"Pani {name}") for name in ("shown", "hidden", "lapsed")}
    network.hide(leaders["hidden"], "bo tak", actor=animator)
    LeaderProfile.objects.filter(pk=leaders["lapsed"].pk).update(confirmed_on=date(2020, 1, 1), valid_until=date(2021, 1, 1))

    html = panel.get(f"{LIST}?state={state}").content.decode()

    assert [name for name in leaders if f"Pani {name}" in html] == ([state] if state in leaders else [])


def test_hiding_needs_a_reason_and_showing_again_is_one_button(panel, animator, ugorek):
    leader = a_leader(ugorek)
    assert panel.post(at("hide", leader.pk), {"reason": " "}).status_code == 200
    assert LeaderProfile.objects.public().exists()

    assert panel.post(at("hide", leader.pk), {"reason": "Reklama usług."}).status_code == 302
    leader.refresh_from_db()
    assert (leader.hidden_by, leader.hidden_reason) == (animator, "Reklama usług.")
    assert Message.objects.filter(template="leader_hidden", person=leader.person).count() == 1
    assert "Reklama usług." in panel.get(at("change", leader.pk)).content.decode()

    assert panel.post(at("show_again", leader.pk)).status_code == 302
    assert LeaderProfile.objects.public().get() == leader


def test_a_paper_is_typed_in_from_the_persons_card(panel, animator, ugorek, azory):
    a_consent_text("leaders")
    person = a_person(name="Krystyna Wzorcowa", email="", phone="+48600100200")
    signed_up(an_event(ugorek), person, actor=animator, channel="phone")
    card = panel.get(reverse("admin:participants_person_change", args=[person.pk])).content.decode()
    assert at("enter", person.pk) in card
    form = panel.get(at("enter", person.pk)).content.decode()
    assert 'value="Krystyna"' in form
    assert "azory" not in form

    for wrong in ({"reference": ""}, {"is_adult": ""}, {"offer": "tel. 600 100 200"}, {"neighbourhoods": ["azory"]}):
        assert panel.post(at("enter", person.pk), paper(**wrong)).status_code == 200
    assert not LeaderProfile.objects.exists()

    assert panel.post(at("enter", person.pk), paper()).status_code == 302
    leader = LeaderProfile.objects.get(person=person)
    assert (leader.channel, leader.reference, leader.entered_by) == ("paper", "segregator 3", animator)
    assert panel.get(at("enter", person.pk))["Location"] == at("change", leader.pk)
    assert panel.post(at("enter", person.pk), paper()).status_code == 200
    assert AccessLog.objects.filter(action="change", subject="participants.person", subject_ids=[person.pk]).count() == 1


def test_people_one_does_not_see_cannot_be_entered(panel):
    a_consent_text("leaders")
    person = a_person()
    assert panel.get(at("enter", person.pk)).status_code == 404
    assert panel.post(at("enter", person.pk), paper()).status_code == 404


def test_another_year_comes_from_paper_and_leaving_by_phone(panel, animator, ugorek):
    leader = a_leader(ugorek)
    panel.post(at("renew", leader.pk), {"reference": "segregator 4"})
    leader.refresh_from_db()
    assert (leader.channel, leader.reference) == ("paper", "segregator 4")

    assert panel.post(at("take_off", leader.pk)).status_code == 302

    assert not LeaderProfile.objects.exists()
    last = leader.person.consents.latest("pk")
    assert (last.act, last.channel, last.actor) == ("withdrawn", "phone", animator)


def test_who_left_hidden_has_no_buttons_and_stays_the_offices_to_see(ugorek, coordinator_panel):
    leader = a_leader(ugorek)
    network.hide(leader, "bo tak", actor=User.objects.get())
    network.leave(leader.person)

    html = coordinator_panel.get(at("change", leader.pk)).content.decode()

    assert at("take_off", leader.pk) not in html
    assert at("renew", leader.pk) not in html


@pytest.fixture
def coordinator_panel() -> Client:
    return signed_in(a_coordinator())


def test_the_text_of_a_letter_is_not_read_in_the_panel(coordinator_panel, ugorek: Neighbourhood):
    message = send_letter(a_leader(ugorek).key, "Jan", "jan@example.org", "Tajna prośba.")

    html = coordinator_panel.get(reverse("admin:participants_message_change", args=[message.pk])).content.decode()

    assert "Tajna prośba" not in html
    assert "jan@example.org" not in html
