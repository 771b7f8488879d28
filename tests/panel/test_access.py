"""Access needs in the panel: whose they are, who reads why, who answers, and what the animator sees."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from active_citizens.panel.work import work_of
from events.domain import access
from events.models import AccessRequest, Event
from participants.models import AccessLog, Consent, ConsentText, Message
from projects.models import CallMatter
from tests.makers import a_coordinator, a_former_animator, a_person, a_user, an_animator, an_event, an_officer, signed_up, the_project
from tests.panel.conftest import signed_in

REASON = "Mam stwardnienie rozsiane"
VERBS = ("change", "take", "arrange", "refuse", "hand_over")
DAY = timedelta(days=1)


@pytest.fixture
def owner():
    user = an_officer()
    project = the_project()
    project.access_owner = user
    project.save()
    return user


@pytest.fixture
def text():
    return ConsentText.objects.create(purpose="needs", language="pl", version=1, text="Zgadzam się.", published_at=timezone.now())


@pytest.fixture
def request_(owner, text, ugorek):
    registration = signed_up(an_event(ugorek, in_days=30), a_person(name="Łucja Ćwik"))
    return access.ask(registration, ["pjm"], "Pętla przy scenie", REASON, True)


def step(verb, request):
    return reverse(f"admin:events_accessrequest_{verb}", args=[request.pk])


def enter(registration):
    return reverse("admin:events_accessrequest_enter", args=[registration.pk])


LIST = reverse("admin:events_accessrequest_changelist")


# --- Who ----------------------------------------------------------------------------------------------------------------------


def answers(user, request):
    """What somebody is answered at the list, at each step of a request, and at the form of its sign-up."""
    client = signed_in(user) if user else Client()
    addresses = [LIST, *(step(verb, request) for verb in VERBS), enter(request.registration)]
    return [client.get(address).status_code for address in addresses]


def test_doors_open_by_role(request_, owner, ugorek, azory):
    said = {
        "anonymous": answers(None, request_),
        "resident": answers(a_user(), request_),
        "former animator": answers(a_former_animator(ugorek), request_),
        "animator": answers(an_animator(ugorek), request_),
        "other animator": answers(an_animator(azory), request_),
        "another officer": answers(an_officer(), request_),
        "owner": answers(owner, request_),
        "coordinator": answers(a_coordinator(), request_),
    }

    assert said == {
        # list, change, take, arrange, refuse, hand over; the form at the sign-up
        "anonymous": [302] * 7,
        "resident": [404] * 7,
        "former animator": [404] * 7,
        "animator": [403] * 6 + [200],
        "other animator": [403] * 6 + [404],
        "another officer": [200, 404, 404, 404, 404, 404, 200],
        "owner": [200, 200, 403, 200, 200, 200, 200],
        "coordinator": [200, 200, 200, 403, 403, 200, 200],
    }


def test_list_and_predicate_agree(request_, owner, ugorek):
    users = [owner, an_officer(), a_coordinator(), an_animator(ugorek)]

    assert [request_ in access.visible_requests(user) for user in users] == [True, False, True, False]
    assert [access.may_read_reason(user, request_) for user in users] == [True, False, False, False]


def test_reason_stands_on_the_owners_page_and_on_no_other(request_, owner, ugorek):
    mine = signed_in(owner)
    assert REASON in mine.get(step("change", request_)).content.decode()
    event = request_.registration.event
    pages = [
        LIST, reverse("admin:index"), *(step(verb, request_) for verb in VERBS), enter(request_.registration),
        reverse("admin:events_accessrequest_history", args=[request_.pk]),
        reverse("admin:events_registration_change", args=[request_.registration_id]),
        reverse("admin:events_event_sign_ups", args=[event.pk]), reverse("admin:events_event_print_list", args=[event.pk]),
        reverse("admin:participants_person_change", args=[request_.registration.person_id]),
        reverse("admin:participants_message_changelist"),
    ]  # fmt: skip
    for user in (a_coordinator(), an_animator(ugorek), an_officer()):
        client = signed_in(user)
        assert not [page for page in pages if REASON in client.get(page).content.decode()]
    assert not [page for page in pages if page != step("change", request_) and REASON in mine.get(page).content.decode()]


def test_each_opening_leaves_one_line(request_, owner):
    client = signed_in(owner)
    for _time in range(2):
        client.get(step("change", request_))
    signed_in(a_coordinator()).get(step("change", request_))
    lines = AccessLog.objects.filter(subject="events.accessrequest", action="read").order_by("pk")

    assert [(line.actor == owner, line.subject_ids, line.detail) for line in lines] == [
        (True, [request_.pk], {"reason": True}), (True, [request_.pk], {"reason": True}), (False, [request_.pk], {}),
    ]  # fmt: skip


def test_lost_key_is_said_and_nothing_breaks(request_, owner, settings):
    settings.FIELD_KEY = "another"
    page = signed_in(owner).get(step("change", request_))

    assert page.status_code == 200
    assert page.context["reason"]


def test_animator_sees_what_to_prepare_in_the_list_and_no_name_beside_it_on_paper(request_, panel):
    event = request_.registration.event
    signed_up(event)
    listed = panel.get(reverse("admin:events_event_sign_ups", args=[event.pk])).content.decode()
    printed = panel.get(reverse("admin:events_event_print_list", args=[event.pk])).content.decode()

    assert listed.count("Pętla przy scenie") == printed.count("Pętla przy scenie") == 1
    row = next(row for row in printed.split("<tr>") if "Łucja Ćwik" in row).split("</tr>")[0]
    assert "Pętla" not in row


def test_withdrawn_request_is_on_neither_list(request_, panel):
    access.withdraw(request_)
    event = request_.registration.event

    for view in ("sign_ups", "print_list"):
        assert "Pętla" not in panel.get(reverse(f"admin:events_event_{view}", args=[event.pk])).content.decode()


# --- The owner's steps ------------------------------------------------------------------------------------------------------


def test_owner_answers_and_the_resident_is_told(request_, owner):
    client = signed_in(owner)
    assert client.get(step("arrange", request_)).status_code == 200
    client.post(step("arrange", request_), {"answer": "Tłumaczka będzie."})

    request_.refresh_from_db()
    assert (request_.status, request_.answer, request_.answered_by) == ("arranged", "Tłumaczka będzie.", owner)
    assert Message.objects.filter(template="access_answer").count() == 1


def test_refusal_asks_why_and_what_instead(request_, owner):
    client = signed_in(owner)
    answer = client.post(step("refuse", request_), {"answer": "", "alternative": ""})
    assert sorted(answer.context["form"].errors) == ["alternative", "answer"]
    client.post(step("refuse", request_), {"answer": "Brak tłumacza.", "alternative": "Napisy na żywo."})

    request_.refresh_from_db()
    assert (request_.status, request_.alternative) == ("unmet", "Napisy na żywo.")


def test_coordinator_takes_what_nobody_owns_and_reads_it_only_then(request_):
    AccessRequest.objects.update(owner=None)
    coordinator = a_coordinator()
    client = signed_in(coordinator)
    assert REASON not in client.get(step("change", request_)).content.decode()
    client.post(step("take", request_))

    request_.refresh_from_db()
    assert request_.owner == coordinator
    assert REASON in client.get(step("change", request_)).content.decode()


def test_request_is_handed_to_the_office_only(request_, owner, ugorek):
    officer, animator = an_officer(), an_animator(ugorek)
    client = signed_in(owner)
    choices = set(client.get(step("hand_over", request_)).context["form"].fields["to"].queryset)
    assert choices == {owner, officer}
    assert client.post(step("hand_over", request_), {"to": animator.pk}).context["form"].errors
    client.post(step("hand_over", request_), {"to": officer.pk})

    request_.refresh_from_db()
    assert request_.owner == officer
    assert client.get(step("change", request_)).status_code == 404


def test_list_shows_what_is_to_do_and_the_rest_when_asked(request_, owner, ugorek):
    done = access.ask(signed_up(an_event(ugorek, in_days=40)), ["loop"], "", "", False)
    access.arrange(done, "", actor=owner)
    off = access.ask(signed_up(an_event(ugorek, in_days=41)), ["loop"], "", "", False)
    access.withdraw(access.arrange(off, "", actor=owner))
    gone = access.withdraw(access.ask(signed_up(an_event(ugorek, in_days=42)), ["loop"], "", "", False))
    client = signed_in(owner)

    def shown(query):
        return {row.pk for row in client.get(LIST, query).context["cl"].result_list}

    assert shown({}) == {request_.pk, off.pk}
    assert shown({"show": "settled"}) == {done.pk, off.pk, gone.pk}
    assert shown({"show": "all"}) == {request_.pk, done.pk, off.pk, gone.pk}


# --- My work ------------------------------------------------------------------------------------------------------------------


def test_my_work_shows_ones_own_the_orphans_and_what_is_overdue(request_, owner, ugorek, animator):
    orphan = access.ask(signed_up(an_event(ugorek, in_days=40)), ["loop"], "", "", False)
    AccessRequest.objects.filter(pk=orphan.pk).update(owner=None)
    coordinator, officer = a_coordinator(), an_officer()

    def rows(user, at=None):
        return {(row.pk, row.overdue) for row in work_of(user, at).access.rows}

    assert rows(owner) == {(request_.pk, False)}
    assert rows(coordinator) == {(orphan.pk, False)}
    assert rows(coordinator, timezone.now() + 15 * DAY) == {(orphan.pk, True), (request_.pk, True)}
    assert rows(officer) == rows(animator) == set()
    assert "Pętla" in signed_in(owner).get(reverse("admin:index")).content.decode()


def test_answer_of_a_moved_event_comes_back_to_its_owner(request_, owner):
    access.arrange(request_, "", actor=owner)
    assert work_of(owner).access.rows == []
    Event.objects.update(moved_at=timezone.now())

    assert [row.moved for row in work_of(owner).access.rows] == [True]
    assert signed_in(owner).get(step("change", request_)).context["moved"]


@pytest.mark.parametrize("name", ["admin:index", "admin:events_accessrequest_changelist"])
def test_same_number_of_queries_with_one_request_and_with_many(name, owner, ugorek):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(owner)

    def counted():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name)).status_code == 200
        return len([query for query in captured if "SAVEPOINT" not in query["sql"]])

    def more(count):
        for _number in range(count):
            access.ask(signed_up(an_event(ugorek, in_days=30)), ["loop"], "", "", False)

    more(1)
    client.get(reverse(name))
    one = counted()
    more(9)

    assert counted() == one


# --- By phone and on paper ----------------------------------------------------------------------------------------------------


def test_animator_writes_down_what_a_phone_person_needs_and_reads_no_reason_back(panel, animator, text, ugorek, owner):
    registration = signed_up(an_event(ugorek, in_days=30), a_person(email="", phone="+48600100200"))
    said = {"arrangements": ["pjm"], "wish": "", "channel": "phone", "reason": REASON, "consent": "on"}
    answer = panel.post(enter(registration), said, follow=True)

    made = AccessRequest.objects.get()
    consent = Consent.objects.get()
    assert (made.owner, consent.channel, consent.actor) == (owner, "phone", animator)
    assert REASON not in answer.content.decode()
    assert access.open_reason(made, actor=owner) == REASON
    access.arrange(made, "Tłumaczka będzie.", actor=owner)
    assert CallMatter.objects.get().reason == "access_answer"
    assert "Tłumaczka będzie." in panel.get(enter(registration)).content.decode()
    panel.post(enter(registration), {"withdraw": "1"})
    assert AccessRequest.objects.get().status == "withdrawn"


def test_reason_without_consent_is_refused_at_the_box(panel, text, ugorek):
    registration = signed_up(an_event(ugorek, in_days=30))
    answer = panel.post(enter(registration), {"arrangements": ["pjm"], "channel": "paper", "reason": REASON})

    assert list(answer.context["form"].errors) == ["consent"]
    assert not AccessRequest.objects.exists()


def test_line_for_the_sign_ups_page_leads_to_the_form(request_):
    from django.template.loader import render_to_string

    html = render_to_string("admin/access_line.html", {"registration": request_.registration})

    assert enter(request_.registration) in html


# --- The programme's settings ---------------------------------------------------------------------------------------------------


def test_owner_of_access_needs_is_chosen_from_the_office_and_duty_has_hours(owner, ugorek):
    coordinator, ended = a_coordinator(), an_officer()
    ended.assignments.update(ends_on=timezone.localdate() - DAY)
    client = signed_in(coordinator)
    address = reverse("admin:projects_project_change", args=[the_project().pk])
    form = client.get(address).context["adminform"].form
    assert set(form.fields["access_owner"].queryset) == {owner, coordinator}
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    sent |= {"languages": "[]", "partners-TOTAL_FORMS": 0, "partners-INITIAL_FORMS": 0, "access_owner": coordinator.pk}
    wrong = client.post(address, {**sent, "duty_from": "15:00", "duty_until": "09:00"})
    assert "duty_until" in wrong.context["adminform"].form.errors
    assert client.post(address, {**sent, "duty_from": "10:00", "duty_until": "18:00"}).status_code == 302

    project = type(the_project()).objects.get(pk=the_project().pk)
    assert (project.access_owner, project.duty_from.hour, project.duty_until.hour) == (coordinator, 10, 18)
