"""Mails in the panel: deciding about the unknown, noting what came back, writing to participants, what a person was sent."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Announcement
from participants.domain import bounces, messages
from participants.models import AccessLog, Bounce, Message
from projects.models import CallTask
from tests.makers import a_coordinator, a_person, an_animator, an_event, an_officer, signed_up
from tests.panel.conftest import signed_in

CHECK = "admin:mails_to_check"
NOW = timezone.now()


@pytest.fixture
def coordinator():
    return a_coordinator()


@pytest.fixture
def desk(coordinator):
    return signed_in(coordinator)


@pytest.fixture
def event(ugorek):
    return an_event(ugorek)


@pytest.fixture
def message(event):
    """A mail about a sign-up on Ugorek that was sent."""
    signed_up(event)
    Message.objects.update(status="sent", sent_at=NOW)
    return Message.objects.get()


def stuck(event, count, status="check"):
    for _number in range(count):
        signed_up(event)
    Message.objects.update(status=status)
    return list(Message.objects.order_by("pk"))


def button(view, row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{view}", args=[row.pk])


# --- To check --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["check", "failed"])
def test_list_of_the_stuck_leads_to_the_page_that_explains(desk, event, status):
    stuck(event, 1, status)
    answer = desk.get(reverse("admin:participants_message_changelist"), {"status__exact": status}, follow=True)

    assert answer.redirect_chain[0][0] == f"{reverse(CHECK)}?state={status}"
    assert f"X-Portal-Message: {Message.objects.get().pk}" in answer.content.decode()


@pytest.mark.parametrize(("verb", "after"), [("mark_sent", "sent"), ("send_again", "queued")])
def test_coordinator_decides_about_those_chosen(desk, coordinator, event, verb, after):
    first, _second, third = stuck(event, 3)
    desk.post(reverse(CHECK), {"pk": [first.pk, third.pk, "x"], "verb": verb})

    assert list(Message.objects.order_by("pk").values_list("status", flat=True)) == [after, "check", after]
    line = AccessLog.objects.get(action="change")
    assert (line.actor, line.subject_ids, line.detail) == (coordinator, [first.pk, third.pk], {"verb": verb})


def test_everything_means_what_was_shown(desk, event):
    _first, second, _later = stuck(event, 3)
    desk.post(reverse(CHECK), {"everything": "1", "newest": second.pk, "verb": "mark_sent"})

    assert list(Message.objects.order_by("pk").values_list("status", flat=True)) == ["sent", "sent", "check"]


def test_whole_failed_batch_goes_out_again(desk, event):
    batch = stuck(event, 3, "failed")
    answer = desk.post(f"{reverse(CHECK)}?state=failed", {"everything": "1", "newest": batch[-1].pk, "verb": "send_again"}, follow=True)

    assert set(Message.objects.values_list("status", flat=True)) == {"queued"}
    assert [str(said) for said in answer.context["messages"]] != []


def test_nothing_chosen_changes_nothing(desk, event):
    stuck(event, 1)
    desk.post(reverse(CHECK), {"verb": "mark_sent"})

    assert Message.objects.get().status == "check"


def test_others_see_and_do_not_decide(panel, event, azory):
    (message,) = stuck(event, 1)
    html = panel.get(reverse(CHECK)).content.decode()

    assert message.recipient in html
    assert "<button" not in html.split('id="content"')[1]
    assert panel.post(reverse(CHECK), {"pk": message.pk, "verb": "mark_sent"}).status_code == 403
    assert signed_in(an_officer()).post(reverse(CHECK), {"pk": message.pk}).status_code == 403
    assert message.recipient not in signed_in(an_animator(azory)).get(reverse(CHECK)).content.decode()


def test_page_asks_as_much_for_one_as_for_thirty(desk, event, django_assert_max_num_queries):
    stuck(event, 1)
    desk.get(reverse(CHECK))
    with django_assert_max_num_queries(40) as one:
        desk.get(reverse(CHECK))
    stuck(event, 29)
    with django_assert_max_num_queries(40) as thirty:
        desk.get(reverse(CHECK))

    assert len(one) == len(thirty)


def test_looking_at_the_page_is_noted(desk, event):
    (message,) = stuck(event, 1)
    desk.get(reverse(CHECK))

    assert AccessLog.objects.get(action="read").subject_ids == [message.pk]


@pytest.mark.parametrize(("view", "after"), [("mark_sent", "sent"), ("send_again", "queued")])
def test_buttons_of_one_mail_are_the_coordinators(desk, panel, event, view, after):
    (message,) = stuck(event, 1)
    page = desk.get(button("change", message)).content.decode()

    assert button(view, message) in page
    assert button(view, message) not in panel.get(button("change", message)).content.decode()
    assert [panel.post(button(view, message)).status_code, desk.get(button(view, message)).status_code] == [403, 405]
    desk.post(button(view, message))
    assert Message.objects.get().status == after


def test_number_for_the_log_has_no_spaces_in_it(desk, event):
    stuck(event, 1)
    Message.objects.update(id=1234567)

    assert "X-Portal-Message: 1234567<" in desk.get(reverse(CHECK)).content.decode()
    assert 'value="1234567"' in desk.get(reverse(CHECK)).content.decode()
    assert "X-Portal-Message: 1234567<" in desk.get(button("change", Message.objects.get())).content.decode()


# --- What came back --------------------------------------------------------------------------------------------------------


def test_mail_that_came_back_is_noted_once_and_forgiven(panel, animator, message):
    for _time in range(2):
        panel.post(button("came_back", message))
    bounce = Bounce.objects.get()

    assert (bounce.message, bounce.source, bounce.weight, bounce.actor) == (message, "hand", "lasting", animator)
    panel.post(button("write_again", message))
    bounce.refresh_from_db()
    assert bounce.forgiven_at is not None


def test_mail_that_never_left_cannot_come_back(panel, event):
    (message,) = stuck(event, 1, "queued")
    panel.post(button("came_back", message))

    assert not Bounce.objects.exists()


def test_from_the_persons_page_the_last_mail_is_the_one_that_came_back(panel, message):
    person = message.person
    earlier = Message.objects.create(template="x", person=person, recipient=person.email, status="sent", sent_at=NOW)
    for _time in range(3):
        panel.post(button("came_back", person))

    assert set(Bounce.objects.values_list("message", flat=True)) == {message.pk, earlier.pk}
    for _number in range(2):
        bounces.note(person.email, source="hand")
    assert button("write_again", person) in panel.get(button("change", person)).content.decode()
    panel.post(button("write_again", person))
    assert not bounces.is_stopped(person.email)


@pytest.mark.parametrize("view", ["came_back", "write_again"])
def test_people_and_mails_of_others_are_not_found(message, azory, view):
    stranger = signed_in(an_animator(azory))

    assert [stranger.post(button(view, row)).status_code for row in (message, message.person)] == [404, 404]
    assert [signed_in(a_coordinator()).get(button(view, row)).status_code for row in (message, message.person)] == [405, 405]


# --- What a person was sent ------------------------------------------------------------------------------------------------


def test_persons_page_says_what_was_sent_and_how_it_went(panel, message):
    person = message.person
    for _number in range(3):
        bounces.note(person.email, source="hand")
    messages.book("registration_cancelled", person, {"registration": person.registrations.get().pk})
    page = panel.get(button("change", person))
    shown = page.context["card"].mails

    assert [mail.pk for mail in shown] == [Message.objects.latest("pk").pk, message.pk]
    assert [mail.state == mail.get_status_display() for mail in shown] == [False, True]
    assert button("change", message) in page.content.decode()


def test_persons_page_shows_no_mail_about_another_neighbourhood(panel, message, azory):
    signed_up(an_event(azory), message.person)

    assert [mail.pk for mail in panel.get(button("change", message.person)).context["card"].mails] == [message.pk]


def test_list_filters_by_kind_without_reading_the_table(desk, message):
    answer = desk.get(reverse("admin:participants_message_changelist"), {"template": "registration_held"})

    assert list(answer.context["cl"].result_list) == []
    assert answer.status_code == 200


# --- Writing to participants -----------------------------------------------------------------------------------------------


def typed(**fields):
    return {"key": str(uuid.uuid4()), "audience": "confirmed", "subject": "Buty", "body": "Wygodne.", **fields}


def test_text_is_looked_at_before_it_goes_out(panel, animator, event):
    signed_up(event)
    signed_up(event, a_person(email="", phone="+48600100200"))
    Message.objects.all().delete()
    form = typed(call_others="on")
    address = button("announce", event)
    preview = panel.post(address, form)

    assert "Wygodne." in preview.context["shown"]["text"]
    assert not Announcement.objects.exists()
    assert panel.post(address, form | {"_edit": "1"}).context["shown"] is None
    for _time in range(2):
        assert panel.post(address, form | {"_send": "1"}).status_code == 302
    written = Announcement.objects.get()
    assert (written.sent_by, written.by_mail, written.by_phone) == (animator, 1, 1)
    assert (Message.objects.count(), CallTask.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("field", "wrong"), [("subject", ""), ("subject", "x" * 161), ("body", "  "), ("body", "x" * 5001), ("audience", "mars"), ("key", "x")]
)
def test_wrong_input_is_answered_at_its_field(panel, event, field, wrong):
    answer = panel.post(button("announce", event), typed(**{field: wrong, "_send": "1"}))

    assert list(answer.context["form"].errors) == [field]


def test_writing_to_nobody_is_refused_at_its_field(panel, event):
    answer = panel.post(button("announce", event), typed(_send="1"))

    assert list(answer.context["form"].errors) == ["audience"]


def test_second_message_within_the_hour_comes_with_a_warning(panel, event):
    signed_up(event)
    panel.post(button("announce", event), typed(_send="1"))

    assert panel.get(button("announce", event)).context["lately"] == Announcement.objects.get()


def test_each_message_has_its_states_and_its_recipients(panel, animator, event):
    people = {signed_up(event).person_id for _number in range(3)}
    Message.objects.all().delete()
    panel.post(button("announce", event), typed(_send="1"))
    Message.objects.filter(person=min(people)).update(status="check")
    written = Announcement.objects.get()
    address = button("announcements", event)
    states = dict(panel.get(address).context["written"][0].states)
    AccessLog.objects.filter(action="read").delete()
    page = panel.get(address, {"of": written.pk})

    assert sorted(states.values()) == [1, 2]
    assert {mail.person_id for mail in page.context["page"]} == people
    line = AccessLog.objects.get(action="read")
    assert (line.actor, set(line.subject_ids)) == (animator, people)


@pytest.mark.parametrize("of", ["0", "x", "99999999"])
def test_message_of_another_event_is_not_found(panel, event, of):
    assert panel.get(button("announcements", event), {"of": of}).status_code == 404


@pytest.mark.parametrize("view", ["announce", "announcements"])
def test_events_of_others_are_not_written_to(event, azory, view):
    client = signed_in(an_animator(azory))

    assert [client.get(button(view, event)).status_code, client.post(button(view, event), typed(_send="1")).status_code] == [404, 404]


def test_pages_of_messages_ask_the_same_number_of_queries(panel, event, django_assert_max_num_queries):
    asked = []
    for size in (3, 30):
        for _number in range(size):
            signed_up(event)
        panel.post(button("announce", event), typed(_send="1"))
        written = Announcement.objects.first()
        for query in ({}, {"of": written.pk}):
            panel.get(button("announcements", event), query)
            with django_assert_max_num_queries(60) as queries:
                panel.get(button("announcements", event), query)
            asked.append(len(queries))

    assert asked[:2] == asked[2:]
