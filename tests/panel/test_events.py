"""An event from the form to its end."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events.domain import queue
from events.models import Event, Seat
from tests.makers import a_stranger, a_venue, an_event, an_officer, signed_up, the_project
from tests.panel.conftest import event_form, signed_in

ADD = reverse("admin:events_event_add")


def change(event):
    return reverse("admin:events_event_change", args=[event.pk])


def step(view, event):
    return reverse(f"admin:events_event_{view}", args=[event.pk])


def test_at_most_nine_fields_are_in_sight(panel):
    fieldsets = list(panel.get(ADD).context["adminform"])
    in_sight = [name for fieldset in fieldsets if "collapse" not in fieldset.classes for name in fieldset.fields]

    assert len(in_sight) == 9
    assert "status" not in [name for fieldset in fieldsets for name in fieldset.fields]


def test_new_event_is_a_draft_of_the_current_project_with_its_date_in_the_address(panel, ugorek):
    project = the_project()
    form = panel.get(ADD).context["adminform"].form
    panel.post(ADD, event_form(ugorek, project=form.initial["project"].pk))

    event = Event.objects.get()
    assert (event.status, event.project, event.slug) == ("draft", project, "spacer-badawczy-2090-11-29")
    assert form.initial["neighbourhoods"] == [ugorek]


def test_refused_publication_keeps_what_was_typed_and_writes_nothing(panel, ugorek):
    answer = panel.post(ADD, event_form(ugorek, project=the_project().pk, access_contact="", _publish="1"))

    form = answer.context["adminform"].form
    assert set(form.errors) == {"venue", "access_contact"}
    assert "Idziemy zobaczyć podwórka." in answer.content.decode()
    assert Event.objects.count() == 0


def test_publishing_from_the_form(panel, ugorek):
    panel.post(ADD, event_form(ugorek, project=the_project().pk, venue=a_venue(neighbourhood=ugorek).pk, _publish="1"))

    assert Event.objects.get().status == "published"


def test_refused_publication_of_a_draft_undoes_the_change(panel, ugorek):
    event = an_event(ugorek, status="draft", venue=None, title="Stary tytuł")
    answer = panel.post(change(event), event_form(ugorek, project=event.project_id, _publish="1"))

    event.refresh_from_db()
    assert event.title == "Stary tytuł"
    assert "Spacer badawczy" in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("ends_at", {"ends_at": "2090-11-29T16:00"}),
        ("starts_at", {"starts_at": "0001-01-01T00:00"}),
        ("starts_at", {"starts_at": "30 lutego"}),
        ("capacity", {"capacity": "0"}),
        ("capacity", {"capacity": "99999999999"}),
        ("title_pl", {"title_pl": "x" * 161}),
        ("title_pl", {"title_pl": "a\x00b"}),
        ("closes_at", {"opens_at": "2090-11-02T10:00", "closes_at": "2090-11-01T10:00"}),
    ],
)
def test_wrong_input_is_answered_at_its_field(panel, ugorek, field, wrong):
    answer = panel.post(ADD, event_form(ugorek, project=the_project().pk) | wrong)

    assert list(answer.context["adminform"].form.errors) == [field]
    assert Event.objects.count() == 0


def test_published_event_keeps_what_it_needs(panel, ugorek):
    event = an_event(ugorek)
    answer = panel.post(change(event), event_form(ugorek, project=event.project_id, venue="", access_contact="", summary_pl=""))

    assert set(answer.context["adminform"].form.errors) == {"venue", "access_contact", "summary_pl"}


def test_dates_of_an_event_with_sign_ups_cannot_be_changed(panel, ugorek):
    event = an_event(ugorek)
    signed_up(event)
    panel.post(change(event), event_form(ugorek, project=event.project_id, venue=event.venue_id))

    changed = Event.objects.get()
    assert (changed.starts_at, changed.title_pl) == (event.starts_at, "Spacer badawczy")


def test_the_venue_of_an_event_with_sign_ups_changes_only_together_with_telling_people(panel, ugorek):
    event = an_event(ugorek)
    signed_up(event)
    panel.post(change(event), event_form(ugorek, project=event.project_id, venue=a_venue(name="Hala", neighbourhood=ugorek).pk))

    assert Event.objects.get().venue == event.venue
    assert "venue" in panel.get(change(event)).context["adminform"].readonly_fields


def test_a_sign_up_that_comes_while_the_form_is_saved_keeps_the_date(panel, ugorek, monkeypatch):
    event = an_event(ugorek)

    def lock_after_a_sign_up(locked):
        monkeypatch.undo()
        signed_up(event)
        return queue.lock(locked)

    monkeypatch.setattr(queue, "lock", lock_after_a_sign_up)
    answer = panel.post(change(event), event_form(ugorek, project=event.project_id, venue=event.venue_id))

    assert answer.context["adminform"].form.broken.code == "dates_fixed"
    assert Event.objects.get().starts_at == event.starts_at


def test_more_places_in_the_form_go_to_those_waiting(panel, ugorek):
    event = an_event(ugorek, capacity=1)
    signed_up(event)
    waiting = signed_up(event)
    panel.post(change(event), event_form(ugorek, project=event.project_id, venue=event.venue_id, capacity="2"))

    assert waiting.seats.get().status == Seat.Status.CONFIRMED


def test_form_saved_after_a_cancellation_leaves_the_event_cancelled(panel, ugorek):
    event = an_event(ugorek)
    panel.post(step("cancel", event), {"reason": "Burza"})
    panel.post(change(event), event_form(ugorek, project=event.project_id, venue=event.venue_id))

    assert Event.objects.get().status == "cancelled"


def test_cancelling_needs_a_reason(panel, ugorek):
    event = an_event(ugorek)
    answer = panel.post(step("cancel", event), {"reason": "  "})

    assert "reason" in answer.context["form"].errors
    assert Event.objects.get().status == "published"


def test_cancelling_what_is_over_is_refused_with_the_sentence(panel, ugorek):
    event = an_event(ugorek, in_days=-3)
    answer = panel.post(step("cancel", event), {"reason": "Deszcz"})

    assert answer.context["form"].non_field_errors() == ["To wydarzenie już się odbyło."] or answer.context["form"].non_field_errors()
    assert "Deszcz" in answer.content.decode()


def test_copy_is_a_draft_with_a_new_date(panel, ugorek):
    event = an_event(ugorek)
    panel.post(step("copy", event), {"starts_at": "2090-12-06T17:00"})

    twin = Event.objects.exclude(pk=event.pk).get()
    assert (twin.status, twin.title, twin.starts_at.year) == ("draft", event.title, 2090)


def test_get_of_a_step_changes_nothing(panel, ugorek):
    event = an_event(ugorek)
    for view in ("cancel", "copy", "change_places"):
        assert panel.get(step(view, event)).status_code == 200

    assert list(Event.objects.values_list("status", flat=True)) == ["published"]


def test_only_drafts_are_deleted(panel, ugorek):
    draft, shown = an_event(ugorek, status="draft"), an_event(ugorek)

    assert panel.post(reverse("admin:events_event_delete", args=[draft.pk]), {"post": "yes"}).status_code == 302
    assert panel.post(reverse("admin:events_event_delete", args=[shown.pk]), {"post": "yes"}).status_code == 403
    assert list(Event.objects.all()) == [shown]


def test_changing_the_number_of_places_never_evicts(panel, ugorek):
    event = an_event(ugorek, capacity=2)
    signed_up(event, heads=2)
    panel.post(step("change_places", event), {"capacity": "1"})

    assert [seat.status for seat in event.seats.all()] == ["confirmed", "confirmed"]


def queries_of(client, address, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


@pytest.mark.parametrize("name", ["admin:index", "admin:events_event_changelist", "admin:projects_initiative_changelist"])
def test_same_number_of_queries_with_one_row_and_with_thirty(animator, ugorek, name, django_assert_num_queries):
    from tests.makers import a_call, an_initiative

    def more(count):
        for _number in range(count):
            event = an_event(ugorek, in_days=2, capacity=1)
            signed_up(event)
            signed_up(event)
            an_initiative(ugorek, status="idea")
            a_call(signed_up(event), "event_cancelled")

    client = signed_in(animator)
    more(1)
    client.get(reverse(name))
    one = queries_of(client, reverse(name), django_assert_num_queries)
    more(29)
    thirty = queries_of(client, reverse(name), django_assert_num_queries)

    assert one == thirty
    assert one <= 12


@pytest.mark.parametrize("view", ["sign_ups", "print_list"])
def test_pages_of_people_ask_the_same_number_of_queries(animator, ugorek, view, django_assert_num_queries):
    event = an_event(ugorek, capacity=2)
    signed_up(event)
    client = signed_in(animator)
    client.get(step(view, event))
    one = queries_of(client, step(view, event), django_assert_num_queries)
    for _number in range(29):
        signed_up(event)

    assert queries_of(client, step(view, event), django_assert_num_queries) == one
    assert one <= 12


def test_officer_makes_events_everywhere(ugorek, azory):
    form = signed_in(an_officer()).get(ADD).context["adminform"].form

    assert set(form.fields["neighbourhoods"].queryset) == {ugorek, azory}


def test_my_work_says_who_waits(panel, ugorek):
    event = an_event(ugorek, capacity=1, starts_at=timezone.now() + timedelta(days=2))
    signed_up(event)
    signed_up(event, a_stranger())
    work = panel.get(reverse("admin:index")).context["work"]

    assert [(row.queue, row.taken) for row in work.queues.rows] == [(1, 1)]
    assert work.week == [event]
