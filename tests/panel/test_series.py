"""More dates, who leads, and the folded settings of an event in the panel."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events.domain.series import Planned, make_series
from events.models import Draw, Event, EventLeader, Series
from projects.models import Module, Vetting
from tests.makers import a_project, a_venue, an_animator, an_event, signed_up, the_project, warsaw
from tests.panel.conftest import event_form, signed_in

ADD = reverse("admin:events_event_add")
START = warsaw("2089-12-13 17:00")


def page(view, event):
    return reverse(f"admin:events_event_{view}", args=[event.pk])


def change(event, panel, ugorek, **fields):
    form = event_form(ugorek, project=event.project_id, venue=event.venue_id or "", **fields)
    return panel.post(page("change", event), form)


def errors(answer):
    return list(answer.context["adminform"].form.errors)


def table_of(event, *starts, **fields):
    """What the second step sends back."""
    sent = {"title": "Cykl", "rows": len(starts), **fields}
    for number, start in enumerate(starts, start=1):
        sent |= {f"date{number}-starts_at": start, f"date{number}-title": event.title, f"date{number}-venue": event.venue_id or ""}
    return sent


# --- More dates -----------------------------------------------------------------------------------------------------------


def test_first_step_proposes_rows_with_holidays_and_clashes_and_writes_nothing(panel, ugorek):
    event = an_event(ugorek, starts_at=START)
    an_event(ugorek, venue=event.venue, starts_at=warsaw("2089-12-20 18:00"), title="Próba chóru")
    answer = panel.get(page("dates", event), {"every": "week", "count": "3"})
    rows = answer.context["rows"]

    assert [row.initial["starts_at"].strftime("%m-%d %H:%M") for row in rows] == ["12-20 17:00", "12-27 17:00", "01-03 17:00"]
    assert [[other.title for other in row.clash] for row in rows] == [["Próba chóru"], [], []]
    assert Event.objects.count() == 2


def test_holiday_is_marked(panel, ugorek):
    event = an_event(ugorek, starts_at=warsaw("2089-12-11 17:00"))
    rows = panel.get(page("dates", event), {"every": "week", "count": "2"}).context["rows"]

    assert [bool(row.holiday) for row in rows] == [False, True]


def test_days_by_hand_are_empty_rows(panel, ugorek):
    event = an_event(ugorek, starts_at=START)
    rows = panel.get(page("dates", event), {"every": "by_hand", "count": "2"}).context["rows"]

    assert [row.initial["starts_at"] for row in rows] == [None, None]


@pytest.mark.parametrize(
    "asked", [{"every": "week"}, {"every": "by_hand", "until": "2090-01-01"}, {"every": "week", "until": "2089-12-14"}]
)
def test_first_step_without_an_end_asks_again(panel, ugorek, asked):
    answer = panel.get(page("dates", an_event(ugorek, starts_at=START)), asked)

    assert answer.context["form"].errors


def test_second_step_makes_the_dates_but_those_left_out(panel, ugorek):
    event = an_event(ugorek, starts_at=START)
    sent = table_of(event, "2089-12-20T17:00", "2089-12-27T18:00", "") | {"date1-leave_out": "on", "publish": "on", "whole": "on"}
    answer = panel.post(page("dates", event), sent)

    series = Series.objects.get()
    made = series.events.exclude(pk=event.pk).get()
    assert answer.url == page("series", event)
    assert (made.starts_at, made.status, series.whole, series.title) == (warsaw("2089-12-27 18:00"), "published", True, "Cykl")


def test_second_step_sent_twice_makes_one_series(panel, ugorek):
    event = an_event(ugorek, starts_at=START)
    for _time in range(2):
        answer = panel.post(page("dates", event), table_of(event, "2089-12-20T17:00", "2089-12-27T17:00"))
        assert answer.status_code == 302

    assert (Series.objects.count(), Event.objects.count()) == (1, 3)


@pytest.mark.parametrize(
    ("starts", "row"),
    [(["2089-12-20T17:00", "2089-12-20T17:00"], 1), (["2001-12-20T17:00"], 0), (["31 grudnia"], 0)],
)
def test_refused_dates_keep_what_was_typed(panel, ugorek, starts, row):
    event = an_event(ugorek, starts_at=START)
    sent = table_of(event, *starts) | {"date1-title": "Mój tytuł"}
    answer = panel.post(page("dates", event), sent)

    assert "starts_at" in answer.context["rows"][row].errors
    assert "Mój tytuł" in answer.content.decode()
    assert Event.objects.count() == 1


def test_refused_publication_of_one_date_writes_nothing(panel, ugorek):
    event, bare = an_event(ugorek, starts_at=START), a_venue(neighbourhood=ugorek, directions="")
    sent = table_of(event, "2089-12-20T17:00", "2089-12-27T17:00") | {"date2-venue": bare.pk, "publish": "on"}
    answer = panel.post(page("dates", event), sent)

    assert "starts_at" in answer.context["rows"][1].errors
    assert Event.objects.count() == 1


def test_venue_of_another_neighbourhood_is_no_choice(panel, ugorek, azory):
    event, foreign = an_event(ugorek, starts_at=START), a_venue(neighbourhood=azory)
    answer = panel.post(page("dates", event), table_of(event, "2089-12-20T17:00") | {"date1-venue": foreign.pk})

    assert "venue" in answer.context["rows"][0].errors


def test_page_of_the_series_lists_its_dates_with_a_constant_number_of_queries(panel, ugorek, django_assert_max_num_queries):
    event = an_event(ugorek)
    make_series(event, [Planned(event.starts_at + timedelta(days=7 * week)) for week in range(1, 25)], title="Cykl", whole=False)
    panel.get(page("series", event))

    with django_assert_max_num_queries(12):
        answer = panel.get(page("series", event))
    assert len(answer.context["dates"]) == 25


def test_series_gets_another_name(panel, ugorek):
    event = an_event(ugorek)
    make_series(event, [Planned(event.starts_at + timedelta(days=7))], title="Cykl", whole=False)
    panel.post(page("series_form", event), {"title": "Nowa nazwa", "whole": "on"})

    series = Series.objects.get()
    assert (series.title, series.title_pl, series.whole) == ("Nowa nazwa", "Nowa nazwa", True)


@pytest.mark.parametrize("view", ["dates", "series", "series_form"])
def test_series_of_another_neighbourhood_is_not_there(ugorek, azory, view):
    assert signed_in(an_animator(azory)).get(page(view, an_event(ugorek))).status_code == 404


def test_copying_twice_in_a_row_makes_one_draft(panel, ugorek):
    event = an_event(ugorek)
    for _time in range(2):
        panel.post(page("copy", event), {"starts_at": "2090-12-06T17:00"})

    assert Event.objects.count() == 2


# --- Who leads ------------------------------------------------------------------------------------------------------------


def leading(*people, **fields):
    """The inline's rows: an account or a name each."""
    sent = {"leaders-TOTAL_FORMS": len(people), "leaders-INITIAL_FORMS": 0, **fields}
    for number, person in enumerate(people):
        key = "name" if isinstance(person, str) else "user"
        sent |= {f"leaders-{number}-{key}": getattr(person, "pk", person), f"leaders-{number}-role": "leads"}
    return sent


def checked(user):
    today = timezone.localdate()
    due = today.replace(year=2100, month=1, day=1)
    return Vetting.objects.create(user=user, checked_on=today, next_due_on=due, checked_by=user, reference="KRS/1")


def test_leaders_are_written_with_the_event(panel, animator, ugorek):
    event = an_event(ugorek)
    change(event, panel, ugorek, **leading(animator, "Gość z teatru"))

    assert set(event.leaders.values_list("user", "name")) == {(animator.pk, ""), (None, "Gość z teatru")}


def test_account_of_another_neighbourhood_cannot_be_named(panel, ugorek, azory):
    event = an_event(ugorek)
    answer = change(event, panel, ugorek, **leading(an_animator(azory)))

    assert (answer.status_code, event.leaders.count()) == (200, 0)


def test_row_needs_an_account_or_a_name(panel, animator, ugorek):
    event = an_event(ugorek)
    answer = change(event, panel, ugorek, **leading(animator), **{"leaders-0-name": "I jeszcze nazwisko"})

    assert (answer.status_code, event.leaders.count()) == (200, 0)


def test_published_event_is_opened_to_children_only_under_a_checked_leader(panel, animator, ugorek):
    event = an_event(ugorek)
    answer = change(event, panel, ugorek, open_to_minors="on", **leading(animator))
    assert (errors(answer), event.leaders.count()) == (["open_to_minors"], 0)

    checked(animator)
    assert change(event, panel, ugorek, open_to_minors="on", **leading(animator)).status_code == 302
    assert Event.objects.get().open_to_minors


def test_checked_leader_of_children_is_not_taken_away(panel, animator, ugorek):
    checked(animator)
    event = an_event(ugorek, open_to_minors=True)
    leader = EventLeader.objects.create(event=event, user=animator)
    row = {"leaders-0-id": leader.pk, "leaders-0-event": event.pk, "leaders-0-DELETE": "on", "leaders-INITIAL_FORMS": 1}
    answer = change(event, panel, ugorek, open_to_minors="on", **leading(animator) | row)

    assert (errors(answer), list(event.leaders.all())) == (["open_to_minors"], [leader])


def test_slip_of_the_pen_is_mended_although_a_check_has_lapsed_since(panel, animator, ugorek):
    event = an_event(ugorek, open_to_minors=True, starts_at=warsaw("2090-11-29 17:00"), ends_at=warsaw("2090-11-29 19:00"))
    answer = change(event, panel, ugorek, open_to_minors="on")

    assert (answer.status_code, Event.objects.get().title_pl) == (302, "Spacer badawczy")


# --- The folded settings --------------------------------------------------------------------------------------------------


def test_at_most_nine_fields_are_in_sight_and_the_new_ones_are_folded(panel):
    context = panel.get(ADD).context
    fieldsets = list(context["adminform"])
    in_sight = [name for fieldset in fieldsets if "collapse" not in fieldset.classes for name in fieldset.fields]
    folded = {name for fieldset in fieldsets if "collapse" in fieldset.classes for name in fieldset.fields}

    assert len(in_sight) <= 9
    assert {"module", "open_to_minors", "promotion", "offer_hours", "offers_end_hours", "draw_at", "fallback_starts_at"} <= folded
    assert ["collapse" in inline.classes for inline in context["inline_admin_formsets"]] == [True]


LOTTERY = {"promotion": "lottery", "draw_at": "2090-11-20T12:00"}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("draw_at", {"promotion": "lottery"}),
        ("draw_at", {"promotion": "lottery", "draw_at": "2090-11-29T17:00"}),
        ("draw_at", {"promotion": "lottery", "draw_at": "2020-11-20T12:00"}),
        ("capacity", {**LOTTERY, "capacity": ""}),
        ("fallback_starts_at", {"fallback_starts_at": "2090-11-29T17:00"}),
        ("offer_hours", {"offer_hours": "0"}),
        ("offer_hours", {"offer_hours": "337"}),
        ("offers_end_hours", {"offers_end_hours": "337"}),
        ("offers_end_hours", {"offers_end_hours": "-1"}),
    ],
)
def test_wrong_setting_is_answered_at_its_field(panel, ugorek, field, typed):
    answer = panel.post(ADD, event_form(ugorek, project=the_project().pk) | typed)

    assert errors(answer) == [field]


def test_module_of_another_project_is_refused(panel, ugorek):
    event = an_event(ugorek)
    module = Module.objects.create(project=event.project, number=1, title="Ja")
    answer = change(event, panel, ugorek, module=module.pk) and panel.post(
        page("change", event), event_form(ugorek, venue=event.venue_id, project=a_project().pk, module=module.pk)
    )

    assert (errors(answer), Event.objects.get().module) == (["module"], module)


def test_emptied_hours_are_filled_in_as_at_the_beginning(panel, ugorek):
    event = an_event(ugorek, offer_hours=48)
    change(event, panel, ugorek, offer_hours="", offers_end_hours="0", promotion="offer")

    event = Event.objects.get()
    assert (event.offer_hours, event.offers_end_hours, event.promotion) == (24, 0, "offer")


def test_lottery_can_be_neither_begun_nor_dropped_once_somebody_signed_up(panel, ugorek):
    plain = an_event(ugorek, starts_at=warsaw("2090-11-29 17:00"), capacity=20)
    drawn = an_event(ugorek, starts_at=warsaw("2090-11-29 17:00"), capacity=20, **{**LOTTERY, "draw_at": warsaw("2090-11-20 12:00")})
    signed_up(plain)
    signed_up(drawn)

    assert errors(change(plain, panel, ugorek, **LOTTERY)) == ["promotion"]
    assert errors(change(drawn, panel, ugorek, promotion="automatic")) == ["promotion"]
    assert change(plain, panel, ugorek, promotion="offer").status_code == 302


def test_lottery_stays_after_the_draw(panel, ugorek):
    at = warsaw("2090-11-20 12:00")
    event = an_event(ugorek, starts_at=warsaw("2090-11-29 17:00"), promotion="lottery", draw_at=at, drawn_at=at, capacity=5)

    assert errors(change(event, panel, ugorek, promotion="automatic")) == ["promotion"]
    assert errors(change(event, panel, ugorek, promotion="lottery", draw_at="2090-11-21T12:00")) == ["draw_at"]


def test_published_lottery_has_its_seed(panel, ugorek):
    venue = a_venue(neighbourhood=ugorek).pk
    panel.post(ADD, event_form(ugorek, project=the_project().pk, venue=venue, _publish="1", **LOTTERY))
    assert Draw.objects.get().event == Event.objects.get()

    event = an_event(ugorek, starts_at=warsaw("2090-11-29 17:00"))
    change(event, panel, ugorek, **LOTTERY)
    assert Draw.objects.filter(event=event).exists()
