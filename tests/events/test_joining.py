"""Two records of one person become one: every case as a table, the undoing of it, and what nobody may lose by it."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events import links
from events.domain import access, guardians, own, places
from events.domain.parties import Head
from events.models import Event, Registration
from events.visibility import visible_people
from participants import privacy
from participants.domain import consents, merging
from participants.domain.people import person_of
from participants.links import consents_path, person_of_consents
from participants.models import AccessLog, Consent, Message, Person, PersonMerge, User
from projects.domain import calls, subscriptions
from projects.models import CallMatter, InitiativeMember, Membership, Question, Support
from tests.makers import (
    a_call,
    a_consent_text,
    a_neighbourhood,
    a_person,
    a_subscription,
    a_user,
    an_animator,
    an_event,
    an_initiative,
    an_officer,
    signed_up,
    statuses,
)

pytestmark = pytest.mark.django_db


@dataclass
class Two:
    """Two records of Anna Przykładna: one with an e-mail, one with a phone."""

    kept: Person
    gone: Person
    officer: User

    def join(self, **how: Any) -> PersonMerge:
        joined = merging.merge(self.kept, self.gone, **{"actor": self.officer, **how})
        self.fresh()
        return joined

    def undo(self, joined: PersonMerge, at: datetime | None = None) -> PersonMerge:
        joined = merging.undo(joined, actor=self.officer, at=at)
        self.fresh()
        return joined

    def fresh(self) -> None:
        for person in (self.kept, self.gone):
            if Person.objects.filter(pk=person.pk).exists():
                person.refresh_from_db()


@pytest.fixture
def two() -> Two:
    kept = a_person(name="Anna Przykładna", email="anna@example.org")
    return Two(kept, a_person(name="Anna Przykładna", email="", phone="+48600000001", preferred_channel="phone"), an_officer())


# --- Who may be joined to whom ----------------------------------------------------------------------------------------------


def with_accounts(two: Two, kept: bool, gone: bool) -> None:
    for person, has in ((two.kept, kept), (two.gone, gone)):
        if has:
            person.user = a_user()
            person.save()


def erase_gone(two: Two) -> None:
    Person.objects.filter(pk=two.gone.pk).delete()


def join_elsewhere(two: Two) -> None:
    merging.merge(a_person(), two.gone, actor=two.officer)


REFUSED = {
    "two accounts": (lambda two: with_accounts(two, True, True), "two_accounts"),
    "the account would go": (lambda two: with_accounts(two, False, True), "account_stays"),
    "one and the same": (lambda two: setattr(two, "gone", two.kept), "same_person"),
    "one was erased meanwhile": (erase_gone, "gone"),
    "joined to somebody already": (join_elsewhere, "merged_already"),
    "a guardian and the child": (lambda two: signed_up(an_event(open_to_minors=True), two.kept, guardian=two.gone), "guardian_and_child"),
}


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_what_cannot_be_joined_is_refused_and_nothing_is_written(two: Two, case: str) -> None:
    arrange, code = REFUSED[case]
    arrange(two)
    before = PersonMerge.objects.count()

    with pytest.raises(RuleBroken) as broken:
        two.join()

    assert broken.value.code == code
    assert PersonMerge.objects.count() == before


@pytest.mark.parametrize("case", [case for case in REFUSED if case not in ("one was erased meanwhile", "joined to somebody already")])
def test_the_preview_says_beforehand_why_it_is_refused(two: Two, case: str) -> None:
    arrange, code = REFUSED[case]
    arrange(two)

    refused = merging.preview(two.kept, two.gone, actor=two.officer).refused

    assert refused is not None
    assert refused.code == code


def test_an_account_may_stay(two: Two) -> None:
    with_accounts(two, True, False)
    two.join()
    assert two.gone.merged_into == two.kept


def test_joining_the_same_two_again_shows_the_first_joining(two: Two) -> None:
    assert two.join() == two.join()
    assert PersonMerge.objects.count() == 1


def test_a_couple_under_one_address_is_neither_refused_nor_joined_by_itself(two: Two) -> None:
    Person.objects.filter(pk=two.gone.pk).update(name="Jan Przykładny", email=two.kept.email)
    two.fresh()

    seen = merging.preview(two.kept, two.gone, actor=two.officer)

    assert seen.refused is None
    assert seen.warnings == ["To mogą być dwie osoby pod jednym adresem: mają różne imiona i nazwiska."]
    assert Person.objects.unmerged().filter(email=two.kept.email).count() == 2


def test_an_animator_joins_only_whom_all_sign_ups_are_theirs(two: Two) -> None:
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    signed_up(an_event(ugorek), two.kept)
    signed_up(an_event(ugorek), two.gone)
    elsewhere = signed_up(an_event(azory), two.gone)
    animator = an_animator(ugorek)
    with pytest.raises(RuleBroken) as broken:
        two.join(actor=animator)
    assert broken.value.code == "elsewhere"

    elsewhere.event.neighbourhoods.add(ugorek)
    assert two.join(actor=animator).actor == animator


def test_the_joining_and_its_undoing_are_logged_by_numbers_only(two: Two) -> None:
    two.undo(two.join())
    entries = AccessLog.objects.filter(action="change", subject="participants.person").order_by("pk")
    assert [(entry.subject_ids, entry.detail["undone"]) for entry in entries] == [
        (sorted([two.kept.pk, two.gone.pk]), False), (sorted([two.kept.pk, two.gone.pk]), True),
    ]  # fmt: skip


# --- Contact ------------------------------------------------------------------------------------------------------------------


def test_the_kept_record_takes_over_what_it_does_not_know_and_gives_it_back(two: Two) -> None:
    Person.objects.filter(pk=two.gone.pk).update(birth_year=1950, gender="woman", calendar_key="k" * 43)
    two.fresh()

    joined = two.join()

    assert (two.kept.email, two.kept.phone, two.kept.birth_year, two.kept.calendar_key) == (
        "anna@example.org", "+48600000001", 1950, "k" * 43,
    )  # fmt: skip
    two.undo(joined)
    assert (two.kept.phone, two.kept.birth_year, two.kept.calendar_key) == ("", None, None)
    assert (two.gone.phone, two.gone.calendar_key) == ("+48600000001", "k" * 43)


def test_another_mailbox_proves_nothing_about_the_one_that_stays(two: Two) -> None:
    Person.objects.filter(pk=two.kept.pk).update(verified_at=None)
    Person.objects.filter(pk=two.gone.pk).update(email="inna@example.org")
    two.fresh()
    two.join()
    assert two.kept.verified_at is None


def test_the_journal_holds_numbers_and_no_personal_data(two: Two) -> None:
    signed_up(an_event(), two.gone)
    said = str(two.join().moved)
    assert [word for word in ("Anna", "600000001", "example.org") if word in said] == []


# --- Consents -----------------------------------------------------------------------------------------------------------------

GIVEN, WITHDRAWN = Consent.Act.GIVEN, Consent.Act.WITHDRAWN
# What the kept record said, what the gone one said, what holds afterwards.
CONSENTS = [
    (None, None, False),
    (GIVEN, None, True),
    (None, GIVEN, True),
    (GIVEN, GIVEN, True),
    (WITHDRAWN, None, False),
    (None, WITHDRAWN, False),
    (GIVEN, WITHDRAWN, False),
    (WITHDRAWN, GIVEN, False),
    (WITHDRAWN, WITHDRAWN, False),
]


def say(person: Person, act: str | None) -> None:
    if act is not None:
        consents.give(person, "image")
    if act == WITHDRAWN:
        consents.withdraw(person, "image")


@pytest.mark.parametrize(("kept", "gone", "holds"), CONSENTS)
def test_the_stricter_consent_wins(two: Two, kept: str | None, gone: str | None, holds: bool) -> None:
    a_consent_text("image")
    say(two.kept, kept)
    say(two.gone, gone)
    before = Consent.objects.filter(person=two.gone).count()

    conflicts = merging.preview(two.kept, two.gone, actor=two.officer).conflicts
    joined = two.join()

    assert consents.holds(two.kept, "image") is holds
    assert any("wycofana" in line for line in conflicts) is (kept is not None and gone is not None and kept != gone)
    assert Consent.objects.filter(person=two.gone).count() >= before
    two.undo(joined)
    # Nobody but the person gives back what was withdrawn, and a copy does not outlive the joining.
    assert consents.holds(two.kept, "image") is (kept == GIVEN and gone != WITHDRAWN)


def test_a_copied_consent_keeps_its_text_its_day_and_its_channel(two: Two) -> None:
    a_consent_text("image")
    given = consents.give(two.gone, "image", channel="paper", at=timezone.now() - timedelta(days=90))
    a_consent_text("image", version=2)
    two.join()
    copy = Consent.objects.get(person=two.kept)
    assert (copy.text, copy.at, copy.channel) == (given.text, given.at, "paper")


@pytest.mark.parametrize("who", ["kept", "gone"])
def test_letters_end_whoever_of_the_two_withdrew(two: Two, who: str) -> None:
    Person.objects.filter(pk=two.gone.pk).update(email="anna2@example.org")
    two.fresh()
    place = a_neighbourhood("Ugorek")
    both = {"kept": a_subscription(place, person=two.kept), "gone": a_subscription(place, person=two.gone)}
    subscriptions.end(both[who])

    two.join()

    assert subscriptions.standing_for("anna@example.org") == subscriptions.standing_for("anna2@example.org") == []


def test_a_letter_of_the_gone_record_comes_over_and_can_be_ended_by_the_kept_one(two: Two) -> None:
    Person.objects.filter(pk=two.gone.pk).update(email="anna2@example.org")
    two.fresh()
    letter = a_subscription(a_neighbourhood("Ugorek"), person=two.gone)
    two.join()
    letter.refresh_from_db()
    assert (letter.person, letter.is_live) == (two.kept, True)
    consents.withdraw(two.kept, "newsletter", scope="ugorek")
    letter.refresh_from_db()
    assert letter.is_live is False


# --- The programme ------------------------------------------------------------------------------------------------------------


def test_homes_initiatives_teams_calls_and_mails_come_over_and_go_back(two: Two) -> None:
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    for person, places_ in ((two.kept, [ugorek]), (two.gone, [ugorek, azory])):
        Membership.objects.bulk_create(Membership(person=person, neighbourhood=place) for place in places_)
    idea, common = an_initiative(proposed_by=two.gone), an_initiative()
    InitiativeMember.objects.create(initiative=common, person=two.kept, role="volunteer")
    InitiativeMember.objects.create(initiative=common, person=two.gone, role="leader")
    InitiativeMember.objects.create(initiative=idea, person=two.gone, role="member")
    due = timezone.now()
    moved, off = {"registration": 1}, {"registration": 2}
    to_say = [(two.kept, "event_moved", moved), (two.gone, "event_moved", moved), (two.gone, "event_cancelled", off)]
    calls.put_on_list([calls.News(person, reason, about, due) for person, reason, about in to_say])
    mail = Message.objects.create(template="registration_link", person=two.gone, recipient="x@example.org")
    for person, liked in ((two.kept, common), (two.gone, common), (two.gone, idea)):
        Support.objects.create(initiative=liked, person=person, at=due)
    asked = Question.objects.create(initiative=common, person=two.gone, text="Kiedy?")

    def of(person: Person) -> dict[str, Any]:
        return {
            "homes": sorted(str(home) for home in person.memberships.all()),
            "ideas": list(person.initiatives.all()),
            "teams": sorted((team.initiative_id, team.role) for team in person.teams.all()),
            "calls": sorted(CallMatter.objects.open().filter(person=person).values_list("reason", flat=True)),
            "mails": list(person.messages.all()),
            "supports": sorted(person.supports.values_list("initiative_id", flat=True)),
            "questions": list(person.questions.all()),
        }

    before = of(two.kept), of(two.gone)
    joined = two.join()

    assert of(two.kept) == {
        "homes": ["Azory", "Ugorek"], "ideas": [idea], "teams": sorted([(idea.pk, "member"), (common.pk, "leader")]),
        "calls": ["event_cancelled", "event_moved"], "mails": [mail],
        "supports": sorted([idea.pk, common.pk]), "questions": [asked],
    }  # fmt: skip
    assert of(two.gone)["teams"] == of(two.gone)["calls"] == of(two.gone)["supports"] == []
    two.undo(joined)
    after = of(two.kept), of(two.gone)
    # The call that would have been made twice was dropped for good.
    assert after == (before[0], {**before[1], "calls": ["event_cancelled"]})


# --- Sign-ups -----------------------------------------------------------------------------------------------------------------


def test_sign_ups_come_over_under_the_kept_contact_and_go_back(two: Two) -> None:
    coming, past = signed_up(an_event(), two.gone), signed_up(an_event(), two.gone)
    Event.objects.filter(pk=past.event_id).update(starts_at=timezone.now() - timedelta(days=9), ends_at=timezone.now() - timedelta(days=8))

    joined = two.join()

    assert set(Registration.objects.filter(person=two.kept)) == {coming, past}
    coming.refresh_from_db()
    assert coming.contact == "anna@example.org"
    two.undo(joined)
    coming.refresh_from_db()
    assert (coming.person, coming.contact) == (two.gone, "+48600000001")


def test_both_signed_up_are_one_sign_up_with_one_place_and_the_queue_moves(two: Two) -> None:
    event = an_event(capacity=2)
    older, newer = signed_up(event, two.kept), signed_up(event, two.gone)
    next_one = signed_up(event)
    Message.objects.all().delete()

    joined = two.join()

    assert statuses(event) == ["confirmed", "cancelled", "confirmed"]
    newer.refresh_from_db()
    assert (newer.joined_to, newer.closed_at is not None) == (older, True)
    assert sorted(Message.objects.values_list("template", "person")) == [("registration_promoted", next_one.person_id)]

    two.undo(joined)
    newer.refresh_from_db()
    assert (newer.joined_to, newer.closed_at, newer.person) == (None, None, two.gone)
    # The place has gone to whoever was next: the old position of the queue is what is left.
    assert statuses(event) == ["confirmed", "waiting", "confirmed"]


def test_other_names_move_into_the_older_sign_up_as_a_group_and_back(two: Two) -> None:
    event = an_event(capacity=3)
    older = places.register(event, two.kept, [Head("Anna Przykładna"), Head("Ola Mała")])
    newer = places.register(event, two.gone, [Head("anna  przykładna"), Head("Jan Przykładny")], all_or_none=False)

    joined = two.join()

    seats = [(seat.name, seat.group, seat.status) for seat in older.seats.order_by("number")]
    # Anna had a place and a turn: the place stays, and Jan moves up the queue by it.
    assert seats == [("Anna Przykładna", 1, "confirmed"), ("Ola Mała", 1, "confirmed"), ("Jan Przykładny", 2, "confirmed")]
    assert [(seat.name, seat.status) for seat in newer.seats.all()] == [("anna  przykładna", "cancelled")]

    two.undo(joined)
    assert [(seat.name, seat.status) for seat in older.seats.order_by("number")] == [
        ("Anna Przykładna", "confirmed"), ("Ola Mała", "confirmed"),
    ]  # fmt: skip
    assert [(seat.number, seat.group, seat.status) for seat in newer.seats.order_by("number")] == [(1, 1, "waiting"), (2, 1, "confirmed")]


def test_of_two_places_of_one_name_the_better_stays(two: Two) -> None:
    event = an_event(capacity=1)
    other = signed_up(event)
    older = signed_up(event, two.kept)
    newer = signed_up(event, two.gone, beyond="prowadzi zapisy", actor=two.officer)
    two.join()
    assert [seat.status for seat in older.seats.order_by("number")] == ["cancelled", "confirmed"]
    assert newer.seats.count() == 0
    assert [seat.status for seat in other.seats.all()] == ["confirmed"]


def test_links_codes_and_letters_of_the_newer_sign_up_lead_to_the_older(two: Two) -> None:
    event = an_event()
    older, newer = signed_up(event, two.kept), signed_up(event, two.gone)
    two.join()
    assert links.registration_of(links.token(newer), timezone.now()) == older
    assert Registration.objects.standing_for(newer.pk) == older


def test_a_guardian_comes_along_and_answers_by_the_link_they_were_mailed(two: Two) -> None:
    event = an_event(open_to_minors=True)
    for person in (two.kept, two.gone):
        Person.objects.filter(pk=person.pk).update(age_band="16_17")
    two.fresh()
    guardian, again = a_person(name="Opiekunka"), a_person(name="Opiekunka")
    older = signed_up(event, two.kept, guardian=guardian)
    Registration.objects.filter(pk=older.pk).update(guardian=None)
    newer = places.register(event, two.gone, [Head("Inne Imię", "16_17")], guardian=again)
    link = links.guardian_url(newer).split("/")[-2]

    two.join()
    merging.merge(guardian, again, actor=two.officer)

    asked = links.guarded_by(link, timezone.now())
    assert (asked, asked.guardian) == (older, guardian)
    guardians.agree(asked)
    assert [seat.status for seat in older.seats.filter(name="Inne Imię")] == ["confirmed"]


def test_calls_about_the_newer_sign_up_are_about_the_older(two: Two) -> None:
    event = an_event()
    older, newer = signed_up(event, two.kept), signed_up(event, two.gone)
    call = a_call(newer, "event_moved").matters.get()
    joined = two.join()
    call.refresh_from_db()
    assert (call.person, call.context) == (two.kept, {"registration": older.pk})
    two.undo(joined)
    call.refresh_from_db()
    assert (call.person, call.context) == (two.gone, {"registration": newer.pk})


def test_a_request_for_access_follows_and_two_requests_keep_the_sign_ups_apart(two: Two) -> None:
    first, second = an_event(), an_event()
    older = signed_up(first, two.kept)
    asked = access.ask(signed_up(first, two.gone), ["loop"], "", "", False)
    apart = [signed_up(second, two.kept), signed_up(second, two.gone)]
    for registration in apart:
        access.ask(registration, ["loop"], "", "", False)

    two.join()

    asked.refresh_from_db()
    assert asked.registration == older
    assert list(Registration.objects.live().filter(event=second, person=two.kept).order_by("pk")) == apart


def test_a_contact_somebody_else_uses_for_the_event_says_whose_it_is(two: Two) -> None:
    event = an_event()
    signed_up(event, a_person(name="Jan Przykładny", email="anna@example.org"))
    own_one = signed_up(event, two.gone)
    two.join()
    own_one.refresh_from_db()
    assert (own_one.contact, own_one.sharer) == ("anna@example.org", "anna przykładna")


def test_what_is_past_stays_as_it_was(two: Two) -> None:
    event = an_event()
    for person in (two.kept, two.gone):
        signed_up(event, person)
    Event.objects.filter(pk=event.pk).update(starts_at=timezone.now() - timedelta(days=9), ends_at=timezone.now() - timedelta(days=8))
    two.join()
    assert statuses(event) == ["confirmed", "confirmed"]


@pytest.mark.django_db(transaction=True)
def test_two_who_press_the_button_at_once_join_once(two: Two) -> None:
    event = an_event(capacity=1)
    signed_up(event, two.kept)
    signed_up(event, two.gone)

    def press(_number: int) -> int:
        try:
            return merging.merge(two.kept, two.gone, actor=two.officer).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as crowd:
        made = set(crowd.map(press, range(4)))
    assert made == {PersonMerge.objects.get().pk}
    assert statuses(event) == ["confirmed", "cancelled"]


# --- The stub -----------------------------------------------------------------------------------------------------------------


def test_the_joined_record_stands_on_no_list(two: Two) -> None:
    signed_up(an_event(), two.gone)
    Person.objects.filter(pk=two.gone.pk).update(email="anna2@example.org")
    two.fresh()
    two.join()
    assert two.gone not in visible_people(two.officer)
    assert own.holders("anna2@example.org") == []
    assert person_of_consents(consents_path(two.gone).split("/")[-2]) == two.kept


def test_undoing_ends_after_thirty_days_and_then_no_name_is_left(two: Two) -> None:
    now = timezone.now()
    joined = two.join(at=now)
    assert merging.empty_due(now + timedelta(days=29)) == 0
    with pytest.raises(RuleBroken) as broken:
        two.undo(joined, now + timedelta(days=30))
    assert broken.value.code == "too_late"

    assert merging.empty_due(now + timedelta(days=30)) == 1
    assert merging.empty_due(now + timedelta(days=30)) == 0

    two.fresh()
    assert (two.gone.name, two.gone.email, two.gone.phone, two.gone.merged_into) == ("osoba połączona", "", "", two.kept)
    assert two.kept.name == "Anna Przykładna"


def test_what_came_to_the_joined_record_later_comes_over_before_it_is_emptied(two: Two) -> None:
    now = timezone.now()
    two.join(at=now)
    late = signed_up(an_event(in_days=60), two.gone)
    merging.empty_due(now + timedelta(days=31))
    late.refresh_from_db()
    assert late.person == two.kept


def test_a_record_joined_further_is_undone_in_the_order_of_joining(two: Two) -> None:
    first = two.join()
    third = a_person()
    second = merging.merge(third, two.kept, actor=two.officer)
    two.fresh()
    assert two.gone.standing_for() == third
    with pytest.raises(RuleBroken) as broken:
        two.undo(first)
    assert broken.value.code == "joined_further"
    merging.undo(second, actor=two.officer)
    assert two.undo(first).undone_at is not None


def test_undoing_twice_changes_nothing(two: Two) -> None:
    joined = two.undo(two.join())
    assert two.undo(joined).undone_at == joined.undone_at


def test_an_account_finds_what_was_joined_to_it(two: Two) -> None:
    user = a_user()
    two.kept = person_of(user)
    registration = signed_up(an_event(), two.gone)
    two.join()
    assert list(Registration.objects.filter(person__user=user)) == [registration]


# --- Nothing is forgotten -----------------------------------------------------------------------------------------------------


def test_events_are_locked_before_people_and_both_by_number(two: Two) -> None:
    late, soon = an_event(in_days=9), an_event(in_days=3)
    signed_up(soon, two.kept)
    signed_up(late, two.gone)
    with CaptureQueriesContext(connection) as asked:
        two.join()
    locks = [query["sql"] for query in asked if "FOR NO KEY UPDATE" in query["sql"]]
    first = [re.search(r'FROM "(\w+)"', sql)[1] for sql in locks][:3]
    assert first == ["events_event", "events_event", "participants_person"]
    assert [f'"events_event"."id" = {event.pk} ' in sql for event, sql in zip((late, soon), locks, strict=False)] == [True, True]


def test_every_key_to_a_person_is_moved_or_said_to_stay() -> None:
    keys = {f"{relation.related_model._meta.label}.{relation.field.name}" for relation in Person._meta.related_objects}
    assert keys - privacy.seen_to() == set(), "say in a mover of participants.privacy what becomes of it, or that it stays"
    assert privacy.seen_to() - keys == set(), "keys that are gone"


def test_the_movers_come_in_the_written_order() -> None:
    assert [mover.name for mover in privacy.movers()] == list(privacy.MOVERS)
