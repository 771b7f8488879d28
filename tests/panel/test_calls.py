"""The call list in the panel: one row for each person, and the page of a call that works with a thumb and without JavaScript."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.domain import announcements, desk, plans
from events.models import Registration
from participants.models import AccessLog
from projects.models import CallMatter, CallTask, CallTry
from tests.makers import a_call, a_person, an_animator, an_event, signed_up
from tests.panel.conftest import fields_of, signed_in

NUMBER = "+48600100200"
LIST = reverse("admin:projects_calltask_changelist")
DAY = timedelta(days=1)


def phoner(*neighbourhoods, person=None, **fields) -> Registration:
    return signed_up(an_event(*neighbourhoods, **fields), person or a_person(name="Anna Próbna", email="", phone=NUMBER))


def page(call: CallTask) -> str:
    return reverse("admin:projects_calltask_change", args=[call.pk])


def outcome(call: CallTask) -> str:
    return reverse("admin:projects_calltask_outcome", args=[call.pk])


def typed(call: CallTask, how: str, answer: str = "", **more: str) -> dict[str, str]:
    matters = call.matters.open()
    said = {f"answer_{matter.pk}": answer for matter in matters} if answer else {}
    return {"seen": ",".join(str(matter.pk) for matter in matters), "outcome": how, **said, **more}


def read(client, address: str) -> str:
    """The page as it is read: without tags, blanks joined."""
    html = client.get(address).content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", html.replace("\N{NO-BREAK SPACE}", " ")).split())


# --- The list ---------------------------------------------------------------------------------------------------------------


def test_a_person_with_three_things_to_hear_is_one_row(panel, ugorek) -> None:
    person = a_person(name="Anna Próbna", email="", phone=NUMBER)
    registrations = [phoner(ugorek, person=person, title=f"Spacer {number}") for number in range(3)]
    for registration in registrations:
        plans.cancel_event(registration.event, "Zalało salę.")
    listed = panel.get(LIST)
    html = listed.content.decode()

    assert [call.person for call in listed.context["cl"].result_list] == [person]
    assert [html.count(f"Spacer {number}") for number in range(3)] == [1, 1, 1]
    assert f'href="tel:{NUMBER}"' in html


def test_the_list_is_in_the_order_of_the_events(panel, ugorek) -> None:
    for number, days in enumerate((9, 3, 6)):
        person = a_person(name=f"Za dni {days}", email="", phone=f"+4860010020{number}")
        a_call(phoner(ugorek, person=person, in_days=days), "event_moved", due_at=timezone.now() + (10 - days) * DAY)

    assert [str(call) for call in panel.get(LIST).context["cl"].result_list] == ["Za dni 3", "Za dni 6", "Za dni 9"]


def test_what_is_done_shows_when_asked_for_with_the_last_first(panel, animator, ugorek) -> None:
    for number in range(2):
        person = a_person(name=f"Osoba {number}", email="", phone=f"+4860010020{number}")
        call = a_call(phoner(ugorek, person=person), "event_cancelled")
        desk.answer_call(call, "reached", actor=animator)

    assert list(panel.get(LIST).context["cl"].result_list) == []
    assert [str(call) for call in panel.get(LIST, {"done": "yes"}).context["cl"].result_list] == ["Osoba 1", "Osoba 0"]


def test_own_neighbourhoods_can_be_chosen(ugorek, azory) -> None:
    animator = an_animator(ugorek)
    animator.assignments.create(role="animator", neighbourhood=azory, authorisation="T/2", starts_on=timezone.localdate())
    a_call(phoner(ugorek), "event_moved")
    other = a_call(phoner(azory, person=a_person(name="Ewa", email="", phone="+48600100201")), "event_moved")
    found = signed_in(animator).get(LIST, {"neighbourhood__id__exact": azory.pk})

    assert list(found.context["cl"].result_list) == [other]


def test_a_matter_of_another_neighbourhood_is_said_in_the_same_call(panel, ugorek, azory) -> None:
    person = a_person(name="Anna Próbna", email="", phone=NUMBER)
    own, theirs = phoner(ugorek, person=person), phoner(azory, person=person, title="Kawa na Azorach")
    call = a_call(own, "event_moved")
    assert a_call(theirs, "event_moved") == call
    html = panel.get(page(call)).content.decode()

    assert "Kawa na Azorach" in html
    assert reverse("admin:events_registration_change", args=[own.pk]) in html
    assert reverse("admin:events_registration_change", args=[theirs.pk]) not in html
    assert signed_in(an_animator(azory)).get(page(call)).status_code == 404


@pytest.mark.parametrize("where", ["list", "call"])
def test_the_same_number_of_queries_whatever_there_is_to_say(panel, ugorek, where) -> None:
    person = a_person(name="Anna Próbna", email="", phone=NUMBER)
    call = a_call(phoner(ugorek, person=person), "event_moved")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert panel.get(LIST if where == "list" else page(call)).status_code == 200
        return len([query for query in captured if "SAVEPOINT" not in query["sql"]])

    queries()
    one = queries()
    for number in range(10):
        a_call(phoner(ugorek, person=person), "event_moved")
        a_call(phoner(ugorek, person=a_person(name=f"Osoba {number}", email="", phone=f"+4860010030{number}")), "event_moved")
    assert queries() == one <= 20


# --- The call ---------------------------------------------------------------------------------------------------------------


def test_the_page_says_everything_there_is_to_say(panel, animator, ugorek) -> None:
    registration = phoner(ugorek, title="Spacer badawczy")
    old = registration.event.starts_at
    plans.reschedule_event(registration.event, starts_at=old + 3 * DAY, reason="Ulewa.")
    said = {"subject": "Wygodne buty", "body": "Idziemy po trawie.", "audience": "all", "call_others": True}
    announcements.announce(registration.event, key=uuid.uuid4(), actor=animator, **said)
    call = CallTask.objects.get()
    desk.answer_call(call, "household", actor=animator)
    html, text = panel.get(page(call)).content.decode(), read(panel, page(call))

    for words in ("Spacer badawczy", "Ulewa.", "Wygodne buty", "Idziemy po trawie.", str(animator)):
        assert words in text
    for moment in (old, old + 3 * DAY):
        assert f"{timezone.localtime(moment):%H:%M}" in text
    assert (html.count(f'href="tel:{NUMBER}"'), "Ktoś z zespołu dzwonił" in text) == (1, True)


def test_what_is_said_to_the_household_names_no_event(panel, ugorek) -> None:
    call = a_call(phoner(ugorek, title="Grupa wsparcia"), "event_moved")
    html = panel.get(page(call)).content.decode()
    sentence = re.search(r'<p class="panel-aloud">(.*?)</p>', html, re.DOTALL).group(1)

    assert "Anna Próbna" in sentence
    assert ("Grupa wsparcia" in sentence, "Ugorek" in sentence, str(call.matters.get().reason) in sentence) == (False, False, False)


@pytest.mark.parametrize(
    ("how", "answer", "field"),
    [("reached", "", "answer"), ("", "", "outcome"), ("no_answer", "yes", "outcome"), ("household", "no", "outcome"),
     ("new_number", "", "phone"), ("mars", "", "outcome"), ("reached", "mars", "answer")],
)  # fmt: skip
def test_what_is_missing_is_asked_for_at_its_field_and_what_was_typed_stays(panel, ugorek, how, answer, field) -> None:
    call = a_call(phoner(ugorek), "event_moved")
    matter = call.matters.get()
    answered = panel.post(outcome(call), typed(call, how, answer))

    assert list(answered.context["form"].errors) == [f"answer_{matter.pk}" if field == "answer" else field]
    sent = fields_of(answered.content.decode())
    assert (sent.get("outcome"), sent["seen"]) == (how if how != "mars" and how else None, str(matter.pk))
    assert not CallTry.objects.exists()


def test_a_call_that_comes_too_soon_says_from_when_and_keeps_what_was_typed(panel, ugorek) -> None:
    call = a_call(phoner(ugorek), "event_moved")
    panel.post(outcome(call), typed(call, "no_answer"))
    again = panel.post(outcome(call), typed(call, "household"))

    assert list(again.context["form"].errors) == ["outcome"]
    assert fields_of(again.content.decode())["outcome"] == "household"
    assert CallTry.objects.count() == 1


def test_the_second_of_two_at_the_same_call_is_told(panel, ugorek) -> None:
    registration = phoner(ugorek)
    call = a_call(registration, "event_moved")
    both = typed(call, "reached", "yes"), typed(call, "reached", "no")
    assert panel.post(outcome(call), both[0]).status_code == 302
    late = panel.post(outcome(call), both[1])

    assert "Ktoś już wykonał ten telefon" in " ".join(late.context["form"].non_field_errors())
    assert (registration.seats.get().status, CallMatter.objects.get().answer) == ("confirmed", "yes")


def test_what_came_to_the_list_meanwhile_stays_and_the_page_opens_again(panel, ugorek) -> None:
    registration = phoner(ugorek)
    call = a_call(registration, "event_moved")
    sent = typed(call, "reached", "yes")
    a_call(registration, "access_answer")
    answered = panel.post(outcome(call), sent)

    assert answered.headers["Location"] == page(call)
    assert sorted(CallMatter.objects.values_list("reason", "answer")) == [("access_answer", ""), ("event_moved", "yes")]


def test_a_corrected_number_is_rung_from_the_same_page_and_leaves_a_trace(panel, animator, ugorek) -> None:
    registration = phoner(ugorek)
    call = a_call(registration, "event_moved")
    answered = panel.post(outcome(call), typed(call, "new_number", phone="600 100 999"))

    assert answered.headers["Location"] == page(call)
    assert 'href="tel:+48600100999"' in panel.get(page(call)).content.decode()
    assert Registration.objects.get().contact == "+48600100999"
    line = AccessLog.objects.get(action="change", subject="participants.person")
    assert (line.actor, line.subject_ids) == (animator, [registration.person_id])


def test_declined_is_a_no_to_every_question_and_news_is_told(panel, ugorek) -> None:
    person = a_person(name="Anna Próbna", email="", phone=NUMBER)
    moved, cancelled = phoner(ugorek, person=person), phoner(ugorek, person=person)
    call = a_call(moved, "event_moved")
    a_call(cancelled, "event_cancelled")
    panel.post(outcome(call), typed(call, "declined"))

    assert dict(CallMatter.objects.values_list("reason", "answer")) == {"event_moved": "no", "event_cancelled": "told"}
    assert (moved.seats.get().status, CallTask.objects.get().outcome) == ("cancelled", "declined")


def test_the_page_of_a_call_that_was_made_shows_how_it_went(panel, animator, ugorek) -> None:
    call = a_call(phoner(ugorek), "event_moved")
    panel.post(outcome(call), typed(call, "reached", "yes"))
    html = panel.get(page(call)).content.decode()

    assert 'name="outcome"' not in html
    assert str(animator) in read(panel, page(call))


def test_looking_at_a_call_is_noted(panel, animator, ugorek) -> None:
    call = a_call(phoner(ugorek), "event_moved")
    for address in (page(call), outcome(call), LIST):
        panel.get(address)

    lines = AccessLog.objects.filter(action="read", subject="projects.calltask", actor=animator)
    assert [line.subject_ids for line in lines] == [[call.pk]] * 3


def test_numbers_past_a_thousand_are_sent_back_as_they_are(panel, ugorek) -> None:
    registration = phoner(ugorek)
    call = a_call(registration, "event_moved")
    CallMatter.objects.update(id=1234)
    answered = panel.post(outcome(call), fields_of(panel.get(page(call)).content.decode()) | {"outcome": "declined"})

    assert answered.status_code == 302
    assert CallMatter.objects.get().answer == "no"
