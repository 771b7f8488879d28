"""Closing an event: what was said and counted, what was agreed, and the one reminder of the second day."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from active_citizens.content.domain import photos
from active_citizens.content.models import News, Photo
from active_citizens.core.refusal import RuleBroken
from events.domain import closing
from events.domain.closing import Account, Arrangement
from events.emails.closing import event_to_close
from events.models import Agreement, Event, EventClosing, EventLeader, HeadCount
from participants.domain import messages
from participants.letters import NoLongerNeeded
from participants.models import Message
from tests import makers
from tests.makers import a_closing, a_neighbourhood, an_animator, an_event, signed_up, warsaw

pytestmark = pytest.mark.django_db

OVER = {"in_days": -2}


def code_of(verb, *args, **kwargs):
    with pytest.raises(RuleBroken) as caught:
        verb(*args, **kwargs)
    return caught.value.args[0]


def came(event, heads):
    signed_up(event, heads=heads, at=event.starts_at - timedelta(days=1)).seats.update(
        status="confirmed", held_until=None, held_for="", attendance="came"
    )


# --- The card -----------------------------------------------------------------------------------------------------------


def test_closing_again_corrects_what_was_said_and_photos_keep_their_order():
    event, actor = an_event(**OVER), makers.a_user()
    first, second, third = (makers.a_photo() for _number in range(3))
    a_closing(event, heads=12, what_happened=" Sadziliśmy krzewy. ", pictures=[first, second])
    at = timezone.now()
    said = closing.close(event, Account(heads=15, cost_grosze=4_050), pictures=[third, first], actor=actor, at=at)
    assert EventClosing.objects.get() == said
    assert (said.heads, said.cost_grosze, said.what_happened, said.closed_by, said.closed_at) == (15, 4_050, "", actor, at)
    assert closing.shown_photos(said) == [third, first]


def test_only_a_published_event_that_is_over_is_closed():
    now = timezone.now()
    assert code_of(closing.close, an_event(in_days=1), Account()) == "not_over"
    assert code_of(closing.close, an_event(status="draft", **OVER), Account()) == "not_published"
    called_off = an_event(status="cancelled", cancelled_at=now, cancel_reason="Ulewa", **OVER)
    assert code_of(closing.close, called_off, Account()) == "cancelled"
    event = an_event(**OVER)
    assert code_of(closing.close, event, Account(), at=event.ends_at) == "not_over"
    assert closing.close(event, Account(), at=event.ends_at + timedelta(seconds=1)).pk
    assert EventClosing.objects.count() == 1


def test_heads_are_those_counted_or_those_on_the_list_whichever_is_more_unless_the_card_says_otherwise():
    event = an_event(**OVER)
    came(event, 3)
    signed_up(event, heads=2, at=event.starts_at - timedelta(days=1)).seats.update(attendance="absent")
    for dimension, value, heads in (
        ("channel", "face_to_face", 10),
        ("channel", "festival", 5),
        ("channel", "print", 300),
        ("age", "65_plus", 8),
    ):
        HeadCount.objects.create(event=event, dimension=dimension, value=value, heads=heads)
    assert closing.heads_of(event) == 15
    a_closing(event)
    assert closing.heads_of(event) == 15
    a_closing(event, heads=40)
    assert (closing.heads_of(event), closing.counted_heads(event)) == (40, 15)
    a_closing(event, heads=0)
    assert closing.heads_of(event) == 0


# --- What was agreed ----------------------------------------------------------------------------------------------------


def agreed(**fields):
    words = {"agreed": "Stanie ławka.", **fields.pop("words", {})}
    return Arrangement(words, **{"owner_name": "Zarząd Dróg", "follow_up_on": date(2026, 12, 5), **fields})


def test_an_arrangement_is_whole_or_nothing_is_written():
    event, user = an_event(**OVER), makers.a_user()
    for broken, code in (
        (agreed(words={"agreed": " "}), "says_nothing"),
        (agreed(owner_name=" "), "no_owner"),
        (agreed(owner=user), "two_owners"),
        (agreed(follow_up_on=None), "no_day"),
    ):
        assert code_of(closing.close, event, Account(heads=3), arrangement=broken) == code
    assert not EventClosing.objects.exists()
    closing.close(event, Account(), arrangement=agreed(owner=user, owner_name=""))
    assert Agreement.objects.get().owner == user


def test_the_database_refuses_half_an_arrangement():
    row = {"event": an_event(**OVER), "agreed": "Stanie ławka.", "owner_name": "Zarząd Dróg", "follow_up_on": date(2026, 12, 5)}
    for wrong in ({"agreed": ""}, {"owner_name": ""}, {"owner": makers.a_user()}, {"follow_up_on": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Agreement.objects.create(**{**row, **wrong})
    Agreement.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.create(**row)


def test_what_was_followed_up_stays_and_the_next_arrangement_is_another():
    event, user = an_event(**OVER), makers.a_user()
    closing.close(event, Account(), arrangement=agreed())
    closing.close(event, Account(), arrangement=agreed(words={"still_open": "Kiedy?"}))
    first = Agreement.objects.get()
    assert first.still_open == "Kiedy?"
    at = timezone.now()
    closing.follow_up_done(first, actor=user, at=at)
    closing.follow_up_done(first, actor=makers.a_user(), at=at + timedelta(days=1))
    first.refresh_from_db()
    assert (first.done_at, first.done_by) == (at, user)
    closing.close(event, Account(), arrangement=agreed(words={"agreed": "I kosz."}))
    assert [row.agreed for row in Agreement.objects.open()] == ["I kosz."]


def test_closing_without_an_arrangement_leaves_the_one_there_is():
    event = an_event(**OVER)
    closing.close(event, Account(), arrangement=agreed())
    closing.close(event, Account(heads=5))
    assert Agreement.objects.get().agreed == "Stanie ławka."


def test_due_is_what_one_runs_or_owns_from_its_day_on():
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    animator, other = an_animator(ugorek), an_animator(azory)
    here, there = an_event(ugorek, **OVER), an_event(azory, **OVER)
    closing.close(here, Account(), arrangement=agreed())
    closing.close(there, Account(), arrangement=agreed(owner=animator, owner_name="", follow_up_on=date(2026, 12, 4)))
    before, day = warsaw("2026-12-03 23:59"), warsaw("2026-12-05 00:01")
    assert list(closing.agreements_due(animator, before)) == []
    assert [row.event for row in closing.agreements_due(animator, day)] == [there, here]
    assert [row.event for row in closing.agreements_due(other, day)] == [there]
    assert closing.agreements_due(makers.a_user(), day).count() == 0


# --- To do, and the reminder ----------------------------------------------------------------------------------------------


def test_to_close_is_what_one_runs_is_over_and_has_no_card():
    ugorek, now = a_neighbourhood("Ugorek"), timezone.now()
    animator = an_animator(ugorek)
    older, newer = an_event(ugorek, in_days=-9), an_event(ugorek, in_days=-2)
    a_closing(an_event(ugorek, in_days=-3))
    an_event(ugorek, in_days=1)
    an_event(ugorek, in_days=-100)
    an_event(a_neighbourhood("Azory"), in_days=-2)
    an_event(ugorek, status="draft", in_days=-2)
    assert list(closing.to_close(animator, now)) == [older, newer]
    assert closing.to_close(makers.a_coordinator(), now).count() == 3


def mailed():
    return sorted(Message.objects.filter(template="event_to_close").values_list("recipient", flat=True))


def working(place, **fields):
    """An animator of those days, whatever day the tests run on."""
    return an_animator(place, starts_on=date(2026, 1, 1), **fields)


def an_ended_event(*places, **fields):
    """Over on Tuesday, 1 December 2026, at 19:00."""
    return an_event(*places, starts_at=warsaw("2026-12-01 17:00"), **fields)


def test_the_reminder_comes_once_on_the_second_day_and_never_at_night():
    ugorek = a_neighbourhood("Ugorek")
    animator = working(ugorek)
    working(a_neighbourhood("Azory"))
    working(ugorek, ends_on=date(2026, 12, 2))
    event = an_ended_event(ugorek)
    for too_early in ("2026-12-01 20:00", "2026-12-02 20:59", "2026-12-03 07:59"):
        assert closing.nudge_due(warsaw(too_early)) == 0, too_early
    assert closing.nudge_due(warsaw("2026-12-03 08:00")) == 1
    assert mailed() == [animator.email]
    for later in ("2026-12-03 08:01", "2026-12-04 09:00"):
        assert closing.nudge_due(warsaw(later)) == 0
    Event.objects.filter(pk=event.pk).update(closing_nudged_at=None)
    closing.nudge_due(warsaw("2026-12-04 09:00"))
    assert mailed() == [animator.email], "the key keeps a second letter from being written"


def test_those_who_lead_are_reminded_first():
    ugorek = a_neighbourhood("Ugorek")
    working(ugorek)
    leader, event = working(ugorek), an_ended_event(ugorek)
    EventLeader.objects.create(event=event, user=leader)
    EventLeader.objects.create(event=event, name="Gość")
    closing.nudge_due(warsaw("2026-12-03 10:00"))
    assert mailed() == [leader.email]


def test_whoever_led_but_works_here_no_longer_is_not_reminded_in_place_of_those_who_do():
    ugorek = a_neighbourhood("Ugorek")
    animator, event = working(ugorek), an_ended_event(ugorek)
    EventLeader.objects.create(event=event, user=working(ugorek, ends_on=date(2026, 12, 2)))
    EventLeader.objects.create(event=event, user=working(a_neighbourhood("Azory")))
    closing.nudge_due(warsaw("2026-12-03 10:00"))
    assert mailed() == [animator.email]


def test_nobody_is_reminded_of_what_is_closed_called_off_or_long_past():
    ugorek = a_neighbourhood("Ugorek")
    working(ugorek)
    closing.close(an_ended_event(ugorek), Account(), at=warsaw("2026-12-02 12:00"))
    an_ended_event(ugorek, status="cancelled", cancelled_at=timezone.now(), cancel_reason="Ulewa")
    an_ended_event(ugorek, status="draft")
    assert closing.nudge_due(warsaw("2026-12-03 10:00")) == 0
    an_ended_event(ugorek)
    assert closing.nudge_due(warsaw("2026-12-11 10:00")) == 0
    assert mailed() == []


def test_the_letter_leads_to_the_card_and_is_dropped_once_it_is_filled_in(mailoutbox):
    ugorek = a_neighbourhood("Ugorek")
    working(ugorek)
    event = an_ended_event(ugorek, title="Sadzenie krzewów")
    closing.nudge_due(warsaw("2026-12-03 10:00"))
    message = Message.objects.get(template="event_to_close")
    letter = event_to_close(message)
    assert f"/events/event/{event.pk}/close/" in letter.context["action_url"]
    assert "Sadzenie krzewów" in letter.subject
    while messages.deliver_due(warsaw("2026-12-03 10:01")):
        pass
    [mail] = mailoutbox
    assert letter.context["action_url"] in mail.body
    assert letter.context["action_url"] in mail.alternatives[0].content
    closing.close(event, Account(), at=warsaw("2026-12-03 11:00"))
    with pytest.raises(NoLongerNeeded):
        event_to_close(message)


# --- What it feeds --------------------------------------------------------------------------------------------------------


def test_news_is_made_once_with_text_photos_places_and_a_metka():
    event, animator, photo = an_event(title="Sadzenie krzewów", **OVER), an_animator(a_neighbourhood("Ugorek")), makers.a_photo()
    said = a_closing(event, what_happened="Posadziliśmy 40 krzewów.", best="Nikt nie zmarzł.", differently="Mniej łopat.", pictures=[photo])
    draft = closing.make_news(said, actor=animator)
    assert closing.make_news(said, actor=animator) == draft
    news = News.objects.get()
    assert (news.title_pl, news.lead_pl, news.body_pl) == ("Sadzenie krzewów", "Posadziliśmy 40 krzewów.", "Nikt nie zmarzł.")
    assert (news.published_at, news.author, list(news.photos.all())) == (None, str(animator), [photo])
    assert list(news.neighbourhoods.all()) == list(event.neighbourhoods.all())
    news.delete()
    said.refresh_from_db()
    assert closing.make_news(said, actor=animator).pk


def test_there_is_no_news_of_what_nobody_told():
    said = a_closing(an_event(**OVER), differently="Mniej łopat.")
    assert code_of(closing.make_news, said, actor=makers.a_user()) == "nothing_to_tell"


def test_the_page_of_the_event_tells_the_story_only_when_it_is_public(client):
    event, photo = an_event(**OVER), makers.a_photo()
    address = f"/wydarzenia/{event.slug}/"
    a_closing(event, what_happened="Posadziliśmy krzewy.", differently="Mniej łopat.", pictures=[photo])
    assert "Posadziliśmy" not in client.get(address).content.decode()
    a_closing(event, what_happened="Posadziliśmy krzewy.", differently="Mniej łopat.", pictures=[photo], is_story_public=True)
    page = client.get(address).content.decode()
    assert "Posadziliśmy krzewy." in page
    assert "Mniej łopat." not in page
    assert photo.key in page
    photos.hide(photo)
    assert photo.key not in client.get(address).content.decode()


def test_the_list_of_what_was_marks_events_with_a_story(client):
    ugorek = a_neighbourhood("Ugorek")
    told, silent, kept, hidden = (an_event(ugorek, in_days=-days, title=f"Spacer {days}") for days in (2, 3, 4, 5))
    a_closing(told, what_happened="Sadziliśmy.", is_story_public=True)
    a_closing(silent, differently="Zaczniemy wcześniej.", is_story_public=True)
    a_closing(kept, what_happened="Sadziliśmy.")
    photo = makers.a_photo(ugorek)
    a_closing(hidden, pictures=[photo], is_story_public=True)

    def marked():
        return [event.title for event in closing.with_stories(Event.objects.order_by("-starts_at")) if event.is_told]

    assert marked() == ["Spacer 2", "Spacer 5"]
    assert client.get("/wydarzenia/?when=past").content.decode().count("Relacja") == 2
    photos.hide(photo)
    assert marked() == ["Spacer 2"]
    assert client.get("/wydarzenia/?when=past").content.decode().count("Relacja") == 1


def test_the_initiative_says_what_its_events_brought(client):
    initiative = makers.an_initiative()
    address = f"/inicjatywy/{initiative.slug}/"
    assert 'id="brought"' not in client.get(address).content.decode()
    first, second = (an_event(initiative=initiative, in_days=-day) for day in (5, 3))
    came(second, 4)
    a_closing(first, heads=20, volunteer_minutes=450, what_happened="Posadziliśmy krzewy.", is_story_public=True)
    a_closing(second, what_happened="Tajne.")
    page = client.get(address).content.decode()
    assert closing.brought(initiative)["heads"] == 24
    assert "Posadziliśmy krzewy." in page
    assert "Tajne." not in page

    def queries():
        with CaptureQueriesContext(connection) as caught:
            client.get(address)
        return len(caught)

    before = queries()
    for day in range(6, 16):
        a_closing(an_event(initiative=initiative, in_days=-day), heads=1)
    assert queries() == before


def test_a_photo_says_where_it_is_used():
    event, photo = an_event(**OVER), makers.a_photo()
    a_closing(event, pictures=[photo])
    [use] = photos.uses_of([photo.pk])[photo.pk]
    assert (use.label, use.url.endswith(f"/events/event/{event.pk}/close/")) == (f"wydarzenie: {event}", True)
    assert Photo.objects.get().pk == photo.pk
