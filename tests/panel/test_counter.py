"""The counter: one screen, whom we know already, a shared contact, the notice read aloud."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from events.models import Registration
from participants.models import AccessLog
from tests.makers import a_notice, a_person, a_user, an_event, signed_up

COUNTER = reverse("admin:counter")


@pytest.fixture
def event(ugorek):
    return an_event(ugorek, capacity=20)


@pytest.fixture
def maria(event):
    """Known from another event of the neighbourhood."""
    person = a_person(name="Maria Żółć", phone="+48600100200", email="")
    signed_up(an_event(*event.neighbourhoods.all(), in_days=3, title="Spacer"), person)
    return person


def typed(event, **fields):
    return {"event": event.pk, "name": "Maria Zolc", "phone": "", "email": "", "channel": "counter", "home": "", "age_band": "",
            "others": "", "notice": "", "key": str(uuid.uuid4()), **fields}  # fmt: skip


def registered(event):
    return Registration.objects.filter(event=event)


# --- The screen ---------------------------------------------------------------------------------------------------------------


def test_nearest_event_of_ones_own_is_chosen_and_others_can_be(panel, ugorek, azory):
    later, nearest, foreign = an_event(ugorek, in_days=5), an_event(ugorek, in_days=1), an_event(azory, in_days=1)
    an_event(ugorek, in_days=2, sign_up="none")
    an_event(ugorek, in_days=2, status="draft")
    page = panel.get(COUNTER)

    assert [number for number, _label in page.context["form"].fields["event"].choices] == [nearest.pk, later.pk]
    assert page.context["event"] == nearest
    assert panel.get(COUNTER, {"event": later.pk}).context["event"] == later
    assert panel.get(COUNTER, {"event": foreign.pk}).context["event"] == nearest
    assert panel.post(COUNTER, typed(foreign)).context["form"].errors["event"]


def test_without_events_the_counter_says_so(panel):
    assert "panel-empty" in panel.get(COUNTER).content.decode()


@pytest.mark.parametrize("how", ["one", "many"])
def test_the_screen_and_the_suggestions_cost_the_same_for_few_and_for_many(panel, ugorek, how, django_assert_max_num_queries):
    for _turn in range(1 if how == "one" else 30):
        signed_up(an_event(ugorek), a_person(name="Anna Kowalska", email="", phone="+48600100200"))
    with django_assert_max_num_queries(22):
        panel.get(COUNTER)
    with django_assert_max_num_queries(22):
        panel.post(reverse("admin:counter_suggestions"), {"name": "Kowalska", "phone": "600100200"})


# --- Whom we know already -----------------------------------------------------------------------------------------------------


def test_nobody_alike_is_signed_up_at_once_and_the_next_one_follows(panel, event):
    slip = panel.post(COUNTER, typed(event), follow=True)

    assert registered(event).get().channel == "counter"
    assert f'href="{COUNTER}?event={event.pk}" autofocus' in slip.content.decode()
    assert "/moje-zapisy/" in slip.content.decode()


def test_without_scripts_the_first_sending_writes_nothing_and_asks_who_it_is(panel, event, maria):
    form = typed(event, others="Jan Zolc", email="ktos@example.org")
    page = panel.post(COUNTER, form)
    html = page.content.decode()

    assert registered(event).count() == 0
    assert 'value="Maria Zolc"' in html
    assert "Jan Zolc" in html
    assert "…200" in html
    assert "600 100 200" not in html.replace("\N{NO-BREAK SPACE}", " ")
    assert "Spacer" in html
    panel.post(COUNTER, form | {"who": maria.pk})
    made = registered(event).get()
    assert made.person == maria
    assert made.seats.filter(name="Maria Żółć").exists()


def test_new_person_of_a_like_name_gets_a_record_of_their_own(panel, event, maria):
    panel.post(COUNTER, typed(event, who="new", phone="600 100 999"))

    assert registered(event).get().person != maria


def test_suggestion_seen_and_passed_over_is_no_answer_only_when_the_number_is_the_same(panel, event, maria):
    assert panel.post(COUNTER, typed(event, shown=[maria.pk], phone="600100200")).status_code == 200
    assert registered(event).count() == 0
    assert panel.post(COUNTER, typed(event, shown=[maria.pk])).status_code == 302


def test_somebody_with_an_account_is_signed_up_as_themselves(panel, event):
    known = a_person(user=a_user(), name="Anna Próbna")
    signed_up(an_event(*event.neighbourhoods.all()), known)
    panel.post(COUNTER, typed(event, name="Anna Próbna", who=known.pk))

    assert registered(event).get().person == known


def test_nobody_is_chosen_whom_one_may_not_see(panel, event, azory):
    stranger = signed_up(an_event(azory), a_person(name="Maria Żółć")).person
    page = panel.post(reverse("admin:counter_suggestions"), {"name": "Maria Zolc"}).content.decode()

    assert "Żółć" not in page
    assert panel.post(COUNTER, typed(event, who=stranger.pk)).context["form"].non_field_errors()
    assert registered(event).count() == 0


@pytest.mark.parametrize("odd", ["²", "-1", "9" * 40, "x\0"])
def test_odd_numbers_are_nobody_and_no_event(panel, event, odd):
    assert panel.post(reverse("admin:counter_suggestions"), {"name": "Maria Zolc", "event": odd}).status_code == 200
    assert panel.post(COUNTER, typed(event, who=odd)).context["form"].errors
    assert registered(event).count() == 0


def test_a_suggestion_tells_no_whole_contact(panel, event):
    signed_up(event, a_person(name="Maria Żółć", email="maria@zolc.example.org"))
    page = panel.post(reverse("admin:counter_suggestions"), {"name": "Maria Zolc"}).content.decode()
    assert "m…@…" in page
    assert "zolc.example.org" not in page


def test_whoever_came_without_signing_up_is_not_noted_at_the_counter(panel, event):
    assert "walk_in" not in dict(panel.get(COUNTER).context["form"].fields["channel"].choices)


def test_suggestions_that_show_somebody_leave_a_line_and_empty_ones_none(panel, animator, event, maria):
    lines = AccessLog.objects.filter(action="read")
    panel.post(reverse("admin:counter_suggestions"), {"name": "Zbigniew", "event": event.pk})
    assert lines.count() == 0
    panel.post(reverse("admin:counter_suggestions"), {"phone": "0200", "event": event.pk})
    assert [(line.actor, line.subject_ids) for line in lines] == [(animator, [maria.pk])]


# --- Signed up already; under one contact -------------------------------------------------------------------------------------


def test_whoever_is_signed_up_already_is_shown_with_the_code(panel, event, maria):
    twin = signed_up(event, maria)
    page = panel.post(COUNTER, typed(event, name="maria żółć", phone="600 100 200")).content.decode()

    assert twin.code_shown in page
    assert reverse("admin:events_registration_change", args=[twin.pk]) in page
    page = panel.post(COUNTER, typed(event, who=maria.pk)).content.decode()
    assert twin.code_shown in page
    assert registered(event).count() == 1


def test_another_person_under_the_same_contact_is_signed_up_once_one_says_so(panel, event, maria):
    signed_up(event, maria)
    form = typed(event, name="Jan Żółć", phone="600 100 200")
    page = panel.post(COUNTER, form)

    assert 'value="other"' in page.content.decode()
    assert panel.post(COUNTER, form | {"who": "new"}).status_code == 200
    assert registered(event).count() == 1
    panel.post(COUNTER, form | {"who": "other"})
    assert list(registered(event).order_by("pk").values_list("contact", "sharer")) == [("+48600100200", ""), ("+48600100200", "jan żółć")]


# --- The notice read aloud --------------------------------------------------------------------------------------


def test_notice_must_be_read_aloud_but_not_off_a_sheet_of_paper(panel, animator, event):
    notice = a_notice("phone", version=2)
    assert list(panel.post(COUNTER, typed(event, notice=notice.pk)).context["form"].errors) == ["notice_read"]
    panel.post(COUNTER, typed(event, name="Jan Papierowy", notice=notice.pk, channel="paper"))
    assert registered(event).get().notice_read_at is None
    panel.post(COUNTER, typed(event, name="Ewa Telefoniczna", notice=notice.pk, notice_read="on"))
    made = registered(event).latest("pk")

    assert (made.notice, made.entered_by) == (notice, animator)
    page = panel.get(reverse("admin:events_registration_change", args=[made.pk])).content.decode()
    moment = date_format(timezone.localtime(made.notice_read_at), "j.m.Y, H:i")
    assert f"Informacja w wersji 2 odczytana {moment} – {animator}" in page


def test_the_name_alone_sent_twice_is_one_sign_up(panel, event):
    form = typed(event)
    assert panel.post(COUNTER, form).headers["Location"] == panel.post(COUNTER, form).headers["Location"]
    assert registered(event).count() == 1
