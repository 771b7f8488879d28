"""Promises: given while an initiative runs, kept or put off with a reason; who may, who is told, and what the public reads."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events.reasons import sayings
from participants.domain import messages
from participants.models import Message, User
from projects import rules
from projects.domain import promises
from projects.models import CallTask, Initiative, InitiativeMember, Milestone, MilestoneDelay
from tests.makers import (
    a_coordinator,
    a_former_animator,
    a_neighbourhood,
    a_person,
    a_promise,
    a_user,
    an_animator,
    an_initiative,
    an_officer,
)

pytestmark = pytest.mark.django_db
Status, Owner = Initiative.Status, Milestone.Owner


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def refused(verb: Callable[..., Any], *given: Any, **named: Any) -> str:
    with pytest.raises(RuleBroken) as broken:
        verb(*given, **named)
    return broken.value.code


# --- The verbs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(Status))
def test_promises_are_given_from_the_outcome_to_the_report(status: str) -> None:
    initiative = an_initiative(status=status)
    if status in (Status.ACCEPTED, Status.AGREEMENT, Status.RUNNING, Status.REPORTING):
        assert promises.promise(initiative, " Ławka stanie. ", Owner.OFFICE, day(0)).what == "Ławka stanie."
    else:
        assert refused(promises.promise, initiative, "Ławka stanie.", Owner.OFFICE, day(5)) == "not_running"
        assert not initiative.milestones.exists()


KEPT = {"done_on": day(-1)}


@pytest.mark.parametrize(
    ("verb", "fields", "given", "code"),
    [
        (promises.promise, {}, ("Ławka", Owner.OFFICE, day(-1)), "past_day"),
        (promises.promise, {}, ("  ", Owner.OFFICE, day(1)), "says_nothing"),
        (promises.keep, KEPT, (), "already_kept"),
        (promises.keep, {}, (day(1),), "future_day"),
        (promises.put_off, KEPT, (day(30), "Deszcz"), "already_kept"),
        (promises.put_off, {}, (day(10), "Deszcz"), "not_later"),
        (promises.put_off, {"due_on": day(-9)}, (day(-1), "Deszcz"), "not_later"),
        (promises.put_off, {}, (day(11), " "), "needs_reason"),
        (promises.reword, KEPT, ("Inaczej",), "already_kept"),
        (promises.reword, {}, (" ",), "says_nothing"),
    ],
)
def test_what_the_verbs_refuse(verb: Any, fields: dict[str, Any], given: tuple[Any, ...], code: str) -> None:
    promised = a_promise()
    Milestone.objects.filter(pk=promised.pk).update(**fields)
    before = Milestone.objects.values().get(pk=promised.pk)
    assert refused(verb, promised.initiative if verb is promises.promise else promised, *given) == code
    assert Milestone.objects.values().get() == before
    assert not MilestoneDelay.objects.exists()
    assert not Message.objects.filter(template="promise_put_off").exists()


@pytest.mark.parametrize(("given", "kept_on"), [(None, day(0)), (day(0), day(0)), (day(-3), day(-3))])
def test_a_kept_promise_has_its_day_and_is_late_no_more(given: date | None, kept_on: date) -> None:
    promised = a_promise(in_days=-5)
    assert promises.keep(promised, given).done_on == kept_on
    assert not Milestone.objects.late().exists()


def test_put_off_keeps_both_days_and_the_reason_and_tells_everybody_behind_it_once(mailoutbox: list[Any]) -> None:
    author, leader, called = a_person(), a_person(), a_person(email="", phone="+48600100200")
    initiative = an_initiative(proposed_by=author)
    for person in (author, leader, called):
        InitiativeMember.objects.create(initiative=initiative, person=person, role="leader")
    InitiativeMember.objects.create(initiative=initiative, person=a_person(), role="member")
    promised, officer = a_promise(initiative, in_days=-4, what="Ławka przy bloku 5"), an_officer()

    delay = promises.put_off(promised, day(20), " Czekamy na dostawę. ", actor=officer)
    assert refused(promises.put_off, promised, day(20), "Czekamy na dostawę.") == "not_later"

    assert (delay.due_before, delay.due_after, delay.reason, delay.actor) == (day(-4), day(20), "Czekamy na dostawę.", officer)
    promised.refresh_from_db()
    assert promised.due_on == day(20)
    assert not promised.is_late()
    told = Message.objects.filter(template="promise_put_off").order_by("pk")
    assert [message.recipient for message in told] == [author.email, leader.email]
    while messages.deliver_due():
        pass
    assert len(mailoutbox) == 2
    assert "Czekamy na dostawę." in mailoutbox[0].body
    assert "Ławka przy bloku 5" in mailoutbox[0].body
    call = CallTask.objects.open().get()
    assert (call.person, [matter.reason for matter in call.matters.all()]) == (called, ["promise_put_off"])
    (saying,) = sayings(call, officer)
    assert list(saying.lines[:3]) == [initiative.title, "Ławka przy bloku 5", "Czekamy na dostawę."]


def test_the_group_that_puts_off_itself_is_not_rung() -> None:
    initiative = an_initiative(proposed_by=a_person(email="", phone="+48600100200"))
    promises.put_off(a_promise(initiative, owner=Owner.GROUP), day(30), "Deszcz", rings=False)
    assert not CallTask.objects.exists()


# --- Who may -----------------------------------------------------------------------------------------------------------------

MAY = {
    "resident": (),
    "author": (),
    "animator": (Owner.GROUP, Owner.CO_OPERATIVE),
    "elsewhere": (),
    "former": (),
    "officer": tuple(Owner),
    "coordinator": tuple(Owner),
}


@pytest.fixture
def roles() -> dict[str, User]:
    ugorek = a_neighbourhood("Ugorek")
    return {
        "resident": a_user(),
        "author": a_user(),
        "animator": an_animator(ugorek),
        "elsewhere": an_animator(a_neighbourhood("Azory")),
        "former": a_former_animator(ugorek),
        "officer": an_officer(),
        "coordinator": a_coordinator(),
    }


def test_every_role_speaks_for_whom_it_may(roles: dict[str, User]) -> None:
    initiative = an_initiative(proposed_by=a_person(user=roles["author"]))
    found = {role: tuple(Owner(owner) for owner in rules.promise_owners(user, initiative)) for role, user in roles.items()}
    assert found == MAY


@pytest.mark.parametrize("owner", list(Owner))
@pytest.mark.parametrize("role", ["animator", "elsewhere", "officer"])
def test_the_panel_opens_its_steps_to_those_alone(roles: dict[str, User], role: str, owner: str) -> None:
    promised = a_promise(owner=owner)
    client = Client()
    client.force_login(roles[role])
    wanted = 404 if role == "elsewhere" else 200 if owner in MAY[role] else 403
    for step in ("keep", "put_off"):
        assert client.get(reverse(f"admin:projects_milestone_{step}", args=[promised.pk])).status_code == wanted
    page = client.get(reverse("admin:projects_initiative_change", args=[promised.initiative.pk]))
    assert page.status_code == (404 if role == "elsewhere" else 200)
    offered = reverse("admin:projects_milestone_put_off", args=[promised.pk]) in page.content.decode()
    assert offered == (wanted == 200)


def test_an_animator_cannot_promise_for_the_office_by_a_typed_value(roles: dict[str, User]) -> None:
    initiative, client = an_initiative(), Client()
    client.force_login(roles["animator"])
    address = reverse("admin:projects_milestone_give", args=[initiative.pk])
    typed = {"what": "Ławka stanie.", "due_on": day(9).isoformat()}
    assert client.post(address, typed | {"owner": "office"}).status_code == 200
    assert not Milestone.objects.exists()
    assert client.post(address, typed | {"owner": "co_operative"}).status_code == 302
    assert Milestone.objects.get().owner == Owner.CO_OPERATIVE


def test_one_click_gives_a_reason_and_a_new_day(roles: dict[str, User]) -> None:
    promised, client = a_promise(in_days=-2), Client()
    client.force_login(roles["officer"])
    address = reverse("admin:projects_milestone_put_off", args=[promised.pk])
    page = client.post(address, {"until": day(-2).isoformat(), "reason": "Czekamy na zgodę."})
    assert (page.status_code, "Czekamy na zgodę." in page.content.decode()) == (200, True)
    client.post(address, {"until": day(9).isoformat(), "reason": "Czekamy na zgodę."})
    assert MilestoneDelay.objects.get().actor == roles["officer"]
    client.post(reverse("admin:projects_milestone_keep", args=[promised.pk]), {"done_on": day(0).isoformat()})
    assert Milestone.objects.get().done_on == day(0)


def test_only_the_words_are_mended_in_the_form(roles: dict[str, User]) -> None:
    promised, client = a_promise(), Client()
    client.force_login(roles["officer"])
    address = reverse("admin:projects_milestone_change", args=[promised.pk])
    client.post(address, {"what": "Dwie ławki", "due_on": day(90).isoformat(), "owner": "group", "done_on": day(0).isoformat()})
    changed = Milestone.objects.get()
    assert (changed.what, changed.due_on, changed.owner, changed.done_on) == ("Dwie ławki", promised.due_on, Owner.OFFICE, None)


@pytest.mark.parametrize(("state", "found"), [("late", {"late"}), ("open", {"late", "ahead"}), ("kept", {"kept"})])
def test_the_list_of_promises_by_their_state(roles: dict[str, User], state: str, found: set[str]) -> None:
    for what, fields in (("late", {"in_days": -1}), ("ahead", {}), ("kept", {"done_on": day(0)})):
        a_promise(what=f"słowo-{what}", **fields)
    a_promise(an_initiative(status=Status.WITHDRAWN), in_days=-1, what="słowo-withdrawn")
    client = Client()
    client.force_login(roles["officer"])
    page = client.get(reverse("admin:projects_milestone_changelist"), {"state": state}).content.decode()
    assert {word for word in ("late", "ahead", "kept", "withdrawn") if f"słowo-{word}" in page} == found


# --- What the public and the authors see -------------------------------------------------------------------------------------


def text_of(page: Any) -> str:
    return " ".join(page.content.decode().split())


def test_the_public_reads_who_by_when_and_why_but_no_name() -> None:
    author = a_person(name="Zofia Przykładna")
    initiative = an_initiative(proposed_by=author)
    late = a_promise(initiative, in_days=-3, what="Zgoda na grunt", owner=Owner.CO_OPERATIVE)
    moved = a_promise(initiative, in_days=-2, what="Ławka")
    a_promise(initiative, in_days=-9, done_on=day(-10), what="Farby", owner=Owner.GROUP)
    promises.put_off(moved, day(12), "Czekamy na dostawę.", actor=an_officer())
    page = text_of(Client().get(initiative.get_absolute_url()))
    for words in (
        "Obietnice",
        late.what,
        "Spółdzielnia mieszkaniowa",
        "Farby",
        "Czekamy na dostawę.",
        "Termin minął, czekamy na wyjaśnienie.",
    ):
        assert words in page
    assert page.count("Termin minął") == 1
    assert "Zofia" not in page
    assert "danger" not in page[page.index("Obietnice") :]


def test_without_promises_there_is_no_section() -> None:
    assert "Obietnice" not in text_of(Client().get(an_initiative().get_absolute_url()))


def test_the_public_page_asks_the_same_number_of_questions() -> None:
    initiative = an_initiative()

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            Client().get(initiative.get_absolute_url(), {"n": Milestone.objects.count()})
        return len(caught)

    promises.put_off(a_promise(initiative), day(20), "Raz")
    queries()
    few = queries()
    for _each in range(5):
        promises.put_off(a_promise(initiative), day(20), "Dwa")
    assert queries() == few
    # A page composed of several matters of an initiative.
    assert few <= 12


def test_the_group_keeps_and_puts_off_its_own_promise_by_key() -> None:
    initiative, client = an_initiative(), Client()
    promised = a_promise(initiative, in_days=-1, owner=Owner.GROUP)
    address = reverse("own_promise", args=[initiative.own_key, promised.pk])
    assert address in text_of(client.get(reverse("own_initiative", args=[initiative.own_key])))
    assert client.get(address).status_code == 200
    assert Milestone.objects.get().done_on is None

    page = client.post(address, {"act": "put_off", "until": day(-1).isoformat(), "reason": "Deszcz zalał plac."})
    assert "Deszcz zalał plac." in text_of(page)
    assert "is-invalid" in text_of(page)
    assert client.post(address, {"act": "put_off", "until": day(4).isoformat(), "reason": "Deszcz zalał plac."}).status_code == 302
    assert MilestoneDelay.objects.get().actor is None
    assert client.post(address, {"act": "keep", "done_on": day(0).isoformat()}).status_code == 302
    assert Milestone.objects.get().done_on == day(0)
    assert client.post(address, {"act": "keep", "done_on": day(0).isoformat()}).status_code == 409


@pytest.mark.parametrize("typed", [{"act": "put_off", "until": "9999-12-31", "reason": "Deszcz"}, {"act": "keep", "done_on": "0001-01-01"}])
def test_days_nobody_means_are_refused(typed: dict[str, str]) -> None:
    promised = a_promise(an_initiative(), in_days=1, owner=Owner.GROUP)
    page = Client().post(reverse("own_promise", args=[promised.initiative.own_key, promised.pk]), typed)
    assert "is-invalid" in text_of(page)
    assert (Milestone.objects.get().done_on, Milestone.objects.get().due_on) == (None, promised.due_on)


@pytest.mark.parametrize("owner", [Owner.OFFICE, Owner.CO_OPERATIVE])
def test_the_key_speaks_for_the_group_alone(owner: str) -> None:
    initiative = an_initiative()
    promised = a_promise(initiative, owner=owner)
    address = reverse("own_promise", args=[initiative.own_key, promised.pk])
    assert address not in text_of(Client().get(reverse("own_initiative", args=[initiative.own_key])))
    assert Client().post(address, {"act": "keep", "done_on": day(0).isoformat()}).status_code == 404


def test_the_key_of_another_initiative_opens_nothing() -> None:
    promised = a_promise(owner=Owner.GROUP)
    assert Client().get(reverse("own_promise", args=[an_initiative().own_key, promised.pk])).status_code == 404
