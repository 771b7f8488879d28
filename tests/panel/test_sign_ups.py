"""Signing people up by phone, on paper and at the counter; the list to sign; traces of having looked."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Registration, Seat
from participants.models import AccessLog, Notice, Person
from projects.models import CallTask, Membership
from tests.makers import a_person, an_event, signed_up


@pytest.fixture
def event(ugorek):
    return an_event(ugorek, capacity=2)


@pytest.fixture
def notice():
    return Notice.objects.create(
        purpose="phone",
        language="pl",
        version=1,
        title="Krótko",
        summary="Informacja dla dzwoniących.",
        body="Administratorem jest gmina.",
        published_at=timezone.now(),
    )


def enter(event):
    return reverse("admin:events_event_enter_sign_up", args=[event.pk])


def typed(**fields):
    return {"name": "Maria Żółć", "phone": "600 100 200", "email": "", "channel": "phone", "home": "", "age_band": "", "others": "",
            "notice": "", "key": str(uuid.uuid4()), **fields}  # fmt: skip


def test_phone_sign_up_gets_a_place_at_once_and_shows_its_code(panel, animator, event, notice, ugorek):
    assert "Administratorem jest gmina." in panel.get(enter(event)).content.decode()

    answer = panel.post(enter(event), typed(notice=notice.pk, notice_read="on", home=ugorek.pk), follow=True)

    made = Registration.objects.get()
    assert (made.channel, made.entered_by, made.notice, made.person.phone) == ("phone", animator, notice, "+48600100200")
    assert made.seats.get().status == Seat.Status.CONFIRMED
    assert made.code_shown in answer.content.decode()
    assert Membership.objects.get().neighbourhood == ugorek


def test_name_alone_is_enough_and_the_family_comes_along(panel, event):
    panel.post(enter(event), typed(phone="", channel="counter", others="Jan Żółć\n\n"))

    assert list(Seat.objects.order_by("number").values_list("name", flat=True)) == ["Maria Żółć", "Jan Żółć"]
    assert Person.objects.get().preferred_channel == "none"


def test_same_form_sent_twice_makes_one_sign_up(panel, event):
    form = typed()
    first = panel.post(enter(event), form)
    second = panel.post(enter(event), form)

    assert first.headers["Location"] == second.headers["Location"]
    assert (Registration.objects.count(), Person.objects.count()) == (1, 1)


def test_somebody_signed_up_already_is_shown_not_doubled(panel, event):
    twin = signed_up(event, a_person(email="", phone="+48600100200", name="Maria Żółć"))
    answer = panel.post(enter(event), typed())

    assert reverse("admin:events_registration_change", args=[twin.pk]) in answer.content.decode()
    assert "600 100 200" in answer.content.decode()
    assert Registration.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", {"name": ""}), ("name", {"name": "x" * 151}), ("name", {"name": "…"}), ("phone", {"phone": "12"}),
        ("email", {"email": "maria@"}), ("channel", {"channel": "web"}), ("home", {"home": "mars"}), ("key", {"key": "x"}),
        ("others", {"others": "a\n" * 40}),
    ],
)  # fmt: skip
def test_wrong_input_is_answered_at_its_field_and_kept(panel, event, field, wrong):
    answer = panel.post(enter(event), typed(**wrong))

    assert list(answer.context["form"].errors) == [field]
    assert Registration.objects.count() == 0


def test_draft_takes_nobody(panel, ugorek):
    answer = panel.post(enter(an_event(ugorek, status="draft")), typed())

    assert answer.context["form"].non_field_errors()
    assert (Registration.objects.count(), Person.objects.count()) == (0, 0)


def test_cancelling_asks_first_and_gives_the_place_to_the_next(panel, ugorek):
    event = an_event(ugorek, capacity=1)
    first, second = signed_up(event), signed_up(event)
    address = reverse("admin:events_registration_cancel", args=[first.pk])

    assert panel.get(address).status_code == 200
    assert first.seats.get().status == Seat.Status.CONFIRMED
    assert panel.post(address).status_code == 302
    assert [first.seats.get().status, second.seats.get().status] == ["cancelled", "confirmed"]


def test_list_shows_the_queue_in_its_order_and_filters_by_state(panel, event):
    signed_up(event, heads=2)
    waiting = [signed_up(event), signed_up(event)]
    page = panel.get(reverse("admin:events_event_sign_ups", args=[event.pk]), {"status": "waiting"}).context["page"]

    assert {seat.registration_id: seat.position for seat in page} == {waiting[0].pk: 1, waiting[1].pk: 2}


def test_attendance_list_has_names_and_blank_rows_and_no_contacts(panel, event):
    signed_up(event, a_person(name="Łucja Ćwik", phone="+48600100200", email="lucja@example.org"))
    html = panel.get(reverse("admin:events_event_print_list", args=[event.pk])).content.decode()

    assert "Łucja Ćwik" in html
    assert "lucja@" not in html
    assert html.count("<tr>") == 2 + 1 + 10


def test_looking_at_people_leaves_one_line_per_page(panel, animator, event):
    people = {signed_up(event).person_id, signed_up(event).person_id}
    panel.get(reverse("admin:events_event_sign_ups", args=[event.pk]))
    panel.get(reverse("admin:participants_person_changelist"))
    lines = list(AccessLog.objects.filter(action="read").order_by("pk"))

    assert [(line.action, line.actor, set(line.subject_ids)) for line in lines] == [("read", animator, people)] * 2


def test_corrected_phone_follows_into_the_sign_up(panel, event):
    registration = signed_up(event, a_person(email="", phone="+48600100200"))
    person = registration.person
    address = reverse("admin:participants_person_change", args=[person.pk])
    panel.post(address, {"name": "Nowe Imię", "phone": "600 100 999", "email": "", "preferred_channel": "phone"})

    registration.refresh_from_db()
    assert registration.contact == "+48600100999"
    assert Person.objects.get(pk=person.pk).name == "Nowe Imię"


def test_contact_of_somebody_else_at_the_event_is_refused(panel, event):
    signed_up(event, a_person(email="", phone="+48600100999"))
    person = signed_up(event, a_person(email="", phone="+48600100200")).person
    address = reverse("admin:participants_person_change", args=[person.pk])
    answer = panel.post(address, {"name": person.name, "phone": "600 100 999", "email": "", "preferred_channel": "phone"})

    assert "phone" in answer.context["adminform"].form.errors
    assert Person.objects.get(pk=person.pk).phone == "+48600100200"


def test_details_of_an_account_are_its_owners(panel, animator, event):
    person = signed_up(event, a_person(user=animator)).person
    address = reverse("admin:participants_person_change", args=[person.pk])

    assert panel.post(address, {"name": "Ktoś", "phone": "", "email": "", "preferred_channel": "none"}).status_code == 403


def test_history_of_a_person_holds_no_name(panel, event):
    from django.contrib.admin.models import LogEntry

    person = signed_up(event, a_person(name="Tajna Osoba", email="", phone="+48600100200")).person
    panel.post(
        reverse("admin:participants_person_change", args=[person.pk]),
        {"name": "Tajna Osoba", "phone": "600 100 201", "email": "", "preferred_channel": "phone"},
    )

    assert "Tajna" not in LogEntry.objects.get().object_repr + LogEntry.objects.get().change_message


@pytest.mark.parametrize(("outcome", "status"), [("reached", "confirmed"), ("declined", "cancelled"), ("no_answer", "held")])
def test_call_about_a_held_place_does_what_the_person_said(panel, ugorek, outcome, status, settings):
    settings.SEATS_PER_CONTACT = 9
    event = an_event(ugorek, capacity=10)
    signed_up(event, heads=9)
    registration = signed_up(event, Person(name="Jan", phone="+48600100200", preferred_channel="phone"))
    assert registration.seats.get().status == "held"
    call = CallTask.objects.open().get()
    (matter,) = call.matters.all()
    said = {"outcome": outcome, "seen": str(matter.pk)} | ({f"answer_{matter.pk}": "yes"} if outcome == "reached" else {})
    panel.post(reverse("admin:projects_calltask_outcome", args=[call.pk]), said)

    assert registration.seats.get().status == status
    assert CallTask.objects.open().count() == (1 if outcome == "no_answer" else 0)


@pytest.mark.parametrize("named", ["guardian_name", "guardian_phone"])
def test_a_guardian_is_entered_with_a_name_and_a_phone(panel, ugorek, named):
    event = an_event(ugorek, open_to_minors=True)
    guardian = {"guardian_name": "Renata Próbna", "guardian_phone": "600 100 300"}
    answer = panel.post(enter(event), typed(age_band="16_17") | {named: guardian[named]})

    assert set(answer.context["form"].errors) == set(guardian) - {named}
    assert Registration.objects.count() == 0
