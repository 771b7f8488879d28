"""Two under one e-mail or phone: each has a sign-up of their own once the team says so, and neither has two."""

import uuid
from datetime import timedelta

import pytest

from active_citizens.core.refusal import RuleBroken
from events.domain import desk, overlaps, own, places, sign_up
from events.domain.parties import Head
from events.models import Registration
from participants.models import Person
from tests.makers import a_neighbourhood, a_person, a_stranger, a_user, an_event, signed_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def ugorek():
    return a_neighbourhood("Ugorek")


@pytest.fixture
def event(ugorek):
    return an_event(ugorek, capacity=20)


@pytest.fixture
def couple(event):
    """Two who share a mailbox, both signed up."""
    first = signed_up(event, a_person(name="Ala Para", email="para@example.org"))
    person = a_person(name="Jan Para", email="para@example.org")
    second = places.register(event, person, [Head("Jan Para")], shares_contact=True)
    return first, second


def test_neither_of_a_couple_is_signed_up_twice(event, couple):
    for name in ("Ala Para", "Jan Para"):
        with pytest.raises(RuleBroken) as broken:
            places.register(event, a_stranger(name=name, email="para@example.org"), [Head(name)], shares_contact=True)
        assert broken.value.context["registration"].person.name == name
        with pytest.raises(RuleBroken) as broken:
            places.register(event, a_stranger(name=name, email="para@example.org"), [Head(name)])
        assert broken.value.context["registration"].person.name == name


def test_a_shared_mailbox_shows_both(couple):
    assert [holder.name for holder in own.holders("para@example.org")] == ["Ala Para", "Jan Para"]


def test_a_stranger_from_a_shared_mailbox_is_answered_as_ever(event, couple):
    newcomer = sign_up.Newcomer("Ktoś Inny", email="para@example.org")
    receipt = sign_up.sign_up_newcomer(event, newcomer, key=uuid.uuid4(), notice=None)

    assert (receipt.state, receipt.code) == ("held", "")
    assert event.registrations.count() == 2


def test_late_answer_of_one_does_not_meet_the_other(event):
    ala = a_stranger(name="Ala Para", email="para@example.org")
    event.capacity = 1
    event.save()
    held = signed_up(event, ala)
    places.cancel(held)
    held.seats.update(status="lapsed")
    other = places.register(event, a_person(name="Jan Para", email="para@example.org"), [Head("Jan Para")], shares_contact=True)
    assert other.sharer == ""
    # The first of the contact comes back only once nobody else is the first.
    with pytest.raises(RuleBroken) as refused:
        places.confirm(held)
    assert refused.value.code == "already_registered"
    Registration.objects.filter(pk=other.pk).update(sharer="jan para")
    assert places.confirm(held).closed_at is None


def test_a_name_put_right_leaves_a_shared_contact_as_it_is(couple):
    person = couple[1].person
    desk.change_contact(person, name="Janusz Para", email="para@example.org", phone="", channel="email")
    couple[1].refresh_from_db()

    assert (Person.objects.get(pk=person.pk).name, couple[1].sharer) == ("Janusz Para", "jan para")


def test_of_a_shared_contact_only_ones_own_sign_ups_overlap(event, ugorek, couple):
    other = an_event(ugorek, starts_at=event.starts_at + timedelta(minutes=30))
    ala = signed_up(other, a_person(name="Ala Para", email="para@example.org"))
    rows = list(Registration.objects.select_related("event", "person"))

    assert list(overlaps.overlapping(ala)) == [couple[0]]
    assert list(overlaps.overlapping(couple[1])) == []
    assert overlaps.among(rows)[ala.pk] == [couple[0]]
    assert overlaps.among(rows)[couple[1].pk] == []


def test_both_are_claimed_and_the_account_has_one_of_them_under_its_own_contact(couple):
    user = a_user("para@example.org")
    claimed = own.claim(user, [registration.person_id for registration in couple])

    assert {registration.pk for registration in claimed} == {registration.pk for registration in couple}
    assert {registration.contact for registration in Registration.objects.all()} == {"para@example.org"}


def test_whoever_was_the_second_stays_when_the_first_cancels_and_is_not_doubled(event, couple):
    places.cancel(couple[0])
    with pytest.raises(RuleBroken) as broken:
        places.register(event, a_stranger(name="Jan Para", email="para@example.org"), [Head("Jan Para")], shares_contact=True)
    assert broken.value.context["registration"] == couple[1]
    again = places.register(event, a_stranger(name="Ala Para", email="para@example.org"), [Head("Ala Para")], shares_contact=True)
    assert again.sharer == "ala para"
