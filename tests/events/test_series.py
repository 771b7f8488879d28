"""Series: dates made at once, signed up for at once, answered at once."""

import uuid
from datetime import UTC, date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events import links
from events.domain import places, publication, rhythm, series
from events.domain.parties import Head
from events.domain.series import Planned, make_series, sign_up_for_all
from events.models import Event, EventLeader, Registration, Series
from participants.domain import messages
from participants.models import Message, Person
from projects.models import CallMatter, CallTask, Module
from tests.makers import a_neighbourhood, a_person, a_stranger, a_venue, an_animator, an_event, signed_up, the_project, warsaw

pytestmark = pytest.mark.django_db

NOW = warsaw("2026-10-01 10:00")
FIRST = warsaw("2026-10-11 17:00")


def an_event_of_october(**fields):
    return an_event(starts_at=FIRST, **fields)


def of_weeks(count, event=None, *, whole=True, publish=True, **fields):
    """A weekly series of so many dates, the event included."""
    event = event or an_event_of_october(**fields)
    dates = [Planned(start) for start in rhythm.after(event.starts_at, "week", count=count - 1)]
    return make_series(event, dates, title="Ścieżka", whole=whole, publish=publish, at=NOW)


def dates_of(made):
    return list(made.events.order_by("starts_at"))


def refused(code, verb, *args, **kwargs):
    with pytest.raises(RuleBroken) as refusal:
        verb(*args, **kwargs)
    assert refusal.value.code == code
    return refusal.value


# --- Rhythm ---------------------------------------------------------------------------------------------------------------


def test_weekly_dates_keep_the_hour_on_the_wall_across_the_change_of_clocks():
    dates = rhythm.after(FIRST, "week", count=3)

    assert [timezone.localtime(moment).strftime("%m-%d %H:%M") for moment in dates] == ["10-18 17:00", "10-25 17:00", "11-01 17:00"]
    assert [moment.astimezone(UTC).hour for moment in dates] == [15, 16, 16]


@pytest.mark.parametrize(
    ("start", "every", "days"),
    [
        ("2026-03-22", "week", ["03-29", "04-05", "04-12"]),
        ("2026-03-22", "fortnight", ["04-05", "04-19", "05-03"]),
        ("2026-09-15", "month", ["10-20", "11-17", "12-15"]),
        ("2026-11-30", "month", ["12-28", "01-25", "02-22"]),
        ("2026-12-01", "month", ["01-05", "02-02", "03-02"]),
    ],
)
def test_rhythms(start, every, days):
    found = [timezone.localtime(moment) for moment in rhythm.after(warsaw(f"{start} 17:00"), every, count=3)]

    assert [moment.strftime("%m-%d") for moment in found] == days
    assert {moment.strftime("%H:%M") for moment in found} == {"17:00"}


def test_rhythm_ends_with_the_day_it_is_given():
    assert len(rhythm.after(FIRST, "week", until=date(2026, 11, 1))) == 3
    assert len(rhythm.after(FIRST, "week")) == rhythm.MOST_DATES


def test_clash_is_another_event_at_the_same_venue_and_time():
    venue = a_venue()
    standing = an_event(starts_at=FIRST, venue=venue)
    an_event(starts_at=FIRST, venue=venue, status="cancelled", cancelled_at=NOW, cancel_reason="Deszcz")
    hour = timedelta(hours=1)
    asked = [(FIRST + hour, FIRST + 3 * hour, venue.pk), (FIRST + 2 * hour, FIRST + 3 * hour, venue.pk), (FIRST, FIRST + hour, None)]

    assert rhythm.clashes(asked) == [[standing], [], []]


# --- Making ---------------------------------------------------------------------------------------------------------------


def test_ten_dates_are_copies_in_one_series():
    event = an_event_of_october(capacity=12)
    EventLeader.objects.create(event=event, name="Gość")
    made = of_weeks(10, event)
    dates = dates_of(made)

    assert (len(dates), len({each.slug for each in dates}), {each.capacity for each in dates}) == (10, 10, {12})
    assert {each.status for each in dates} == {"published"}
    assert [timezone.localtime(each.starts_at).hour for each in dates] == [17] * 10
    assert EventLeader.objects.filter(name="Gość").count() == 10


def test_dates_may_differ_from_the_event():
    event, venue = an_event_of_october(), a_venue()
    module = Module.objects.create(project=the_project(), number=2, title="Ja i Ty", planned_minutes=480)
    planned = Planned(FIRST + timedelta(days=7), title="Ja i Ty", venue=venue, module=module, capacity=None)
    made = make_series(event, [planned], title="", whole=False, at=NOW)
    twin = made.events.exclude(pk=event.pk).get()

    assert (twin.title_pl, twin.title, twin.venue, twin.module, twin.capacity) == ("Ja i Ty", "Ja i Ty", venue, module, None)
    assert (made.title, twin.status) == (event.title, "draft")


def test_copy_leaves_dates_and_state_behind():
    event = an_event_of_october(
        promotion="lottery", draw_at=warsaw("2026-10-09 12:00"), fallback_starts_at=FIRST + timedelta(days=1), moved_at=NOW, capacity=5,
        drawn_at=NOW, series=Series.objects.create(project=the_project(), title="Cykl"), sequence=3,
    )  # fmt: skip
    twin = publication.copy(event, starts_at=warsaw("2026-11-08 17:00"), at=NOW)

    assert (twin.drawn_at, twin.fallback_starts_at, twin.moved_at, twin.series, twin.sequence) == (None, None, None, None, 0)
    # A lottery stays one: drawn as many days ahead, at the same hour.
    assert twin.draw_at == warsaw("2026-11-06 12:00")


def test_copy_sent_twice_makes_one():
    event = an_event_of_october()
    start = timezone.now() + timedelta(days=9)

    assert publication.copy_once(event, starts_at=start) == publication.copy_once(event, starts_at=start)
    assert Event.objects.count() == 2


def test_published_all_or_none_naming_the_date():
    event = an_event_of_october()
    dates = [Planned(FIRST + timedelta(days=7)), Planned(FIRST + timedelta(days=14), venue=a_venue(directions=""))]
    Event.objects.filter(pk=event.pk).update(status="draft", published_at=None)
    broken = refused("incomplete", make_series, event, dates, title="Cykl", whole=False, publish=True, at=NOW)

    assert broken.context["date"] == dates[1].starts_at
    assert (Event.objects.count(), Series.objects.count(), Event.objects.get().status) == (1, 0, "draft")


@pytest.mark.parametrize(
    ("code", "days"),
    [("too_few", []), ("too_many", range(1, 61)), ("date_twice", [7, 7]), ("date_twice", [0]), ("in_the_past", [-60])],
)
def test_dates_no_series_can_have(code, days):
    event = an_event_of_october()
    dates = [Planned(FIRST + timedelta(days=day)) for day in days]
    refused(code, make_series, event, dates, title="Cykl", whole=False, at=NOW)

    assert (Event.objects.count(), Series.objects.count()) == (1, 0)


def test_same_dates_sent_again_change_nothing():
    event = an_event_of_october()
    first = of_weeks(4, event)

    assert of_weeks(4, event) == first
    assert (Series.objects.count(), Event.objects.count()) == (1, 4)


def test_more_dates_join_the_series_from_any_of_its_events():
    first = of_weeks(3)
    last = dates_of(first)[-1]
    again = make_series(last, [Planned(last.starts_at + timedelta(days=7))], title="Dłuższa ścieżka", whole=False, at=NOW)

    assert (again, again.events.count(), again.title, again.whole) == (first, 4, "Dłuższa ścieżka", False)
    refused("date_twice", make_series, last, [Planned(FIRST), Planned(FIRST + timedelta(days=70))], title="", whole=False, at=NOW)


# --- Signing up -----------------------------------------------------------------------------------------------------------


def sign_up(made, person=None, key=None, heads=1, at=NOW, **how):
    person = person or a_stranger()
    return sign_up_for_all(made, person, [Head(f"{person.name} {n}") for n in range(heads)], key=key or uuid.uuid4(), at=at, **how)


def states(registrations):
    return [registration.seats.order_by("pk").values_list("status", flat=True)[0] for registration in registrations]


def test_whole_series_with_one_full_date_waits_for_that_one_only():
    made = of_weeks(3, capacity=1)
    full = dates_of(made)[1]
    signed_up(full, at=NOW)
    registrations = sign_up(made, a_person())

    assert states(registrations) == ["confirmed", "waiting", "confirmed"]
    assert len({registration.series_key for registration in registrations}) == 1
    assert [message.template for message in Message.objects.filter(person=registrations[0].person)] == ["series_registered"]


def test_same_key_twice_shows_the_first_result():
    made, person, key = of_weeks(3), a_person(), uuid.uuid4()
    first = sign_up(made, person, key)

    assert sign_up(made, person, key) == first
    assert (Registration.objects.count(), Message.objects.count()) == (3, 1)
    refused("key_used", sign_up, made, a_person(), key)


def test_date_signed_up_for_already_stays_as_it_is():
    made, person = of_weeks(3), a_person()
    before = signed_up(dates_of(made)[0], person, at=NOW)
    registrations = sign_up(made, person)

    assert [registration.event for registration in registrations] == dates_of(made)[1:]
    assert Registration.objects.get(pk=before.pk).series_key is None


def test_contact_signed_up_for_every_date_is_told_so_and_nobody_is_written():
    made, person = of_weeks(2), a_person()
    first = sign_up(made, person)
    stranger = a_stranger(email=person.email)
    broken = refused("already_registered", sign_up, made, stranger)

    assert broken.context["registration"] in first
    assert Person.objects.count() == 1


@pytest.mark.parametrize(("whole", "at", "code"), [(False, NOW, "not_whole"), (True, warsaw("2027-10-01 10:00"), "nothing_open")])
def test_series_that_takes_no_sign_up_as_a_whole(whole, at, code):
    refused(code, sign_up, of_weeks(2, whole=whole), at=at)


def test_dates_past_cancelled_or_drafts_are_left_out():
    made = of_weeks(5)
    dates = dates_of(made)
    Event.objects.filter(pk=dates[1].pk).update(status="draft")
    Event.objects.filter(pk=dates[2].pk).update(status="cancelled", cancelled_at=NOW, cancel_reason="Remont")
    registrations = sign_up(made, at=dates[0].starts_at + timedelta(hours=1))

    assert [registration.event for registration in registrations] == dates[3:]


def test_one_wrong_date_writes_nothing():
    made = of_weeks(2)
    refused("nobody", sign_up, made, heads=0)

    assert (Registration.objects.count(), Person.objects.count()) == (0, 0)


def test_one_click_confirms_every_date_and_one_letter_says_so():
    made = of_weeks(3)
    registrations = sign_up(made)
    assert states(registrations) == ["held"] * 3
    Message.objects.update(status="sent", sent_at=NOW)
    answered = series.confirm_all(registrations[1], at=NOW + timedelta(hours=1))

    assert (len(answered), states(registrations)) == (3, ["confirmed"] * 3)
    assert [message.template for message in Message.objects.filter(status="queued")] == ["series_registered"]
    series.confirm_all(registrations[0], at=NOW + timedelta(hours=2))
    assert Message.objects.filter(status="queued").count() == 1


def test_late_click_brings_every_lapsed_date_back():
    made = of_weeks(2, capacity=1)
    registrations = sign_up(made)
    late = NOW + timedelta(days=4)
    for registration in registrations:
        places.change_capacity(registration.event, 1, at=late)
    signed_up(registrations[1].event, at=late)

    series.confirm_all(registrations[0], at=late)
    assert states(registrations) == ["confirmed", "waiting"]


def test_confirming_skips_the_date_given_back_before():
    registrations = sign_up(of_weeks(3))
    places.cancel(registrations[2], at=NOW)

    assert len(series.confirm_all(registrations[0], at=NOW)) == 2
    refused("registration_cancelled", series.confirm_all, registrations[2], at=NOW)


def test_rest_is_cancelled_and_what_began_stays():
    registrations = sign_up(of_weeks(3), a_person())
    Message.objects.all().delete()
    at = registrations[0].event.starts_at + timedelta(days=1)

    assert len(series.cancel_rest(registrations[0], at=at)) == 2
    assert states(registrations) == ["confirmed", "cancelled", "cancelled"]
    assert series.cancel_rest(registrations[0], at=at) == []
    assert [message.template for message in Message.objects.exclude(status="dropped")] == ["series_cancelled"]


def test_sign_up_for_one_date_is_answered_as_ever():
    registration = signed_up(an_event_of_october(), a_stranger(), at=NOW)
    series.confirm_all(registration, at=NOW)
    series.cancel_rest(registration, at=NOW)

    assert states([registration]) == ["cancelled"]


def test_contact_by_phone_is_called_for_each_place_that_waits_for_the_call():
    made = of_weeks(2, capacity=10)
    for event in dates_of(made):
        signed_up(event, heads=9, actor=an_animator(a_neighbourhood("Azory")), at=NOW)
    animator = an_animator(a_neighbourhood("Ugorek"))
    registrations = sign_up(made, a_stranger(email="", phone="+48126165555"))
    assert CallMatter.objects.open().filter(reason="registration_held").count() == states(registrations).count("held") == 2

    series.confirm_all(registrations[0], actor=animator, at=NOW)
    assert (states(registrations), CallTask.objects.open().count()) == (["confirmed"] * 2, 0)


def test_letters_list_every_date_with_its_own_link(mailoutbox):
    made = of_weeks(3)
    registrations = sign_up(made)
    Message.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    messages.deliver_due()
    text = mailoutbox[0].body

    assert [links.registration_url(registration) in text for registration in registrations] == [True] * 3
    assert text.count(registrations[0].event.title) == 3


def test_letter_about_what_was_given_back(mailoutbox):
    registrations = sign_up(of_weeks(2), a_person())
    Message.objects.all().delete()
    series.cancel_rest(registrations[0], at=NOW)
    Message.objects.filter(status="queued").update(due_at=timezone.now() - timedelta(minutes=1))
    messages.deliver_due()

    assert (len(mailoutbox), mailoutbox[0].body.count(registrations[0].event.title)) == (1, 2)


# --- The page -------------------------------------------------------------------------------------------------------------


def test_page_of_a_date_shows_the_others_and_the_module():
    module = Module.objects.create(project=the_project(), number=2, title="Dialog", planned_minutes=480)
    event = an_event(in_days=3, module=module)
    made = make_series(event, [Planned(event.starts_at + timedelta(days=7))], title="Ścieżka", whole=True, publish=True)
    page = Client().get(event.get_absolute_url()).content.decode()

    assert dates_of(made)[1].get_absolute_url() in page
    assert "Dialog" in page
    assert "Ścieżka" in page


def test_page_of_a_series_asks_the_same_number_of_queries_however_long():
    def queries(event):
        with CaptureQueriesContext(connection) as captured:
            assert Client().get(event.get_absolute_url()).status_code == 200
        return len(captured)

    alone, event = an_event(in_days=3), an_event(in_days=3)
    single = queries(alone)
    make_series(event, [Planned(event.starts_at + timedelta(days=7))], title="S", whole=True, publish=True)
    two = queries(event)
    make_series(event, [Planned(event.starts_at + timedelta(days=7 * n)) for n in range(2, 30)], title="S", whole=True, publish=True)

    assert queries(event) == two <= single + 2


def test_names_of_those_who_lead_are_not_shown():
    event = an_event(in_days=3)
    EventLeader.objects.create(event=event, name="Jawna Osoba")

    assert "Jawna Osoba" not in Client().get(event.get_absolute_url()).content.decode()
