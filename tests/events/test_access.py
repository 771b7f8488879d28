"""Access needs: asked, answered by an owner in time, never read by anybody else, and wiped after the event."""

import json
from datetime import date, timedelta

import pytest
from cryptography.fernet import InvalidToken
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from active_citizens.core import work
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.sealed import seal, unseal
from events import links
from events.domain import access, places
from events.domain.plans import cancel_event
from events.emails.access import access_url
from events.models import AccessRequest, Event
from events.templatetags.access import access_path
from participants.domain import consents, messages
from participants.models import AccessLog, Consent, ConsentText, Message
from projects.models import Assignment, CallMatter, CallTask
from tests.makers import a_coordinator, a_neighbourhood, a_person, an_animator, an_event, an_officer, signed_up, the_project, warsaw

pytestmark = pytest.mark.django_db
REASON = "Mam stwardnienie rozsiane"
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


def asked(registration=None, *, arrangements=("pjm",), wish="", reason="", consent=False, **how):
    registration = registration or signed_up(an_event(in_days=30))
    return access.ask(registration, list(arrangements), wish, reason, consent, **how)


def reloaded(request):
    return AccessRequest.objects.get(pk=request.pk)


def letters():
    return list(Message.objects.filter(template__startswith="access_").order_by("pk").values_list("template", flat=True))


def everything_stored():
    """Every row of every table as text, encrypted columns decoded from hex too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()")
        rows = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")
            rows += [row for (row,) in cursor.fetchall()]
    return json.dumps([json.loads(row) for row in rows], ensure_ascii=False)


# --- Days -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked_at", "starts_at", "late", "due_on"),
    [
        # Independence Day is a Wednesday: Monday is three working days before Friday.
        ("2026-11-09 23:59", "2026-11-13 17:00", False, "2026-11-12"),
        ("2026-11-10 00:01", "2026-11-13 17:00", True, "2026-11-12"),
        ("2026-11-11 12:00", "2026-11-13 17:00", True, "2026-11-12"),
        # The long weekend of May: 1 May is a Friday, 3 May a Sunday.
        ("2026-04-29 10:00", "2026-05-05 17:00", False, "2026-05-04"),
        ("2026-04-30 10:00", "2026-05-05 17:00", True, "2026-05-04"),
        ("2026-05-02 10:00", "2026-05-05 17:00", True, "2026-05-04"),
        # Christmas, Christmas Eve included since 2025, and the weekend after it.
        ("2026-12-21 10:00", "2026-12-28 17:00", False, "2026-12-23"),
        ("2026-12-22 10:00", "2026-12-28 17:00", True, "2026-12-23"),
        ("2026-12-26 10:00", "2026-12-28 17:00", True, "2026-12-26"),
        # Corpus Christi lies within the three days of the answer.
        ("2026-06-01 10:00", "2026-06-30 17:00", False, "2026-06-05"),
        # An event on a Saturday; the same day.
        ("2026-11-25 10:00", "2026-11-28 10:00", False, "2026-11-27"),
        ("2026-11-28 08:00", "2026-11-28 10:00", True, "2026-11-28"),
    ],
)
def test_cut_off_and_day_of_answer_follow_the_polish_calendar(asked_at, starts_at, late, due_on):
    registration = signed_up(an_event(starts_at=warsaw(starts_at)), at=warsaw("2026-04-01 12:00"))

    request = asked(registration, at=warsaw(asked_at))

    assert (request.late, request.due_on) == (late, date.fromisoformat(due_on))


def test_cut_off_is_the_citys_to_set(settings):
    settings.ACCESS_CUT_OFF_WORKING_DAYS = 5
    assert access.last_day_in_time(Event(starts_at=warsaw("2026-11-13 17:00"))) == date(2026, 11, 5)


# --- Asking -----------------------------------------------------------------------------------------------------------------


def test_request_has_the_programmes_owner_a_deadline_and_a_letter_that_says_nothing_of_the_need(owner, text, mailoutbox):
    request = asked(wish="Pętla przy scenie", reason=REASON, consent=True)
    messages.deliver_due()

    assert (request.owner, request.status, letters()) == (owner, "asked", ["access_asked"])
    letter = next(letter for letter in mailoutbox if access_url(request) in letter.body)
    whole = letter.subject + letter.body + letter.alternatives[0][0]
    assert the_project().phone_line in whole
    assert not any(word in whole for word in (REASON, "Pętla", str(AccessRequest.Arrangement.PJM.label)))


def test_owner_whose_role_has_ended_gets_nothing_new(owner):
    Assignment.objects.filter(user=owner).update(ends_on=timezone.localdate() - DAY)

    assert asked().owner is None


@pytest.mark.parametrize(
    ("code", "field", "said"),
    [
        ("nothing_asked", "arrangements", {"arrangements": [], "wish": "  "}),
        ("needs_words", "wish", {"arrangements": ["other"]}),
        ("needs_consent", "consent", {"reason": REASON}),
    ],
)
def test_incomplete_request_is_refused_at_its_field(text, code, field, said):
    with pytest.raises(RuleBroken) as refused:
        asked(**said)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert not AccessRequest.objects.exists()


def test_consent_is_written_for_the_event_with_a_reason_and_not_without(text):
    without, with_one = asked(consent=True), asked(reason=REASON, consent=True, channel="phone", actor=a_coordinator())

    assert (without.consent, without.sealed) == (None, None)
    row = Consent.objects.get()
    assert (row, row.scope, row.channel) == (with_one.consent, f"event:{with_one.registration.event_id}", "phone")


def test_nobody_asks_for_a_cancelled_or_past_event_or_sign_up_nor_twice():
    ended = signed_up(an_event(in_days=2))
    closed = places.cancel(signed_up(an_event(in_days=2)))
    off = signed_up(an_event(in_days=2))
    cancel_event(off.event, "Burza")
    twice = asked().registration
    codes = []
    for registration, at in ((ended, timezone.now() + 5 * DAY), (closed, None), (off, None), (twice, None)):
        with pytest.raises(RuleBroken) as refused:
            asked(registration, at=at)
        codes.append(refused.value.code)

    assert codes == ["over", "registration_cancelled", "cancelled", "already_asked"]


def test_change_after_the_answer_asks_anew_and_a_repeated_one_does_nothing(owner):
    request = asked()
    access.arrange(request, "Tłumaczka będzie.", actor=owner)
    access.change(request, ["pjm"], "")
    same = reloaded(request)
    access.change(request, ["pjm", "loop"], "")
    changed = reloaded(request)

    assert (same.status, changed.status, changed.answer, changed.answered_at) == ("arranged", "asked", "", None)
    assert letters() == ["access_asked", "access_answer", "access_asked"]


def test_changing_an_open_request_does_not_move_its_day(owner):
    request = asked(at=timezone.now() - 20 * DAY)
    access.change(request, ["loop"], "")

    assert (reloaded(request).due_on, reloaded(request).arrangements) == (request.due_on, ["loop"])


def test_withdrawn_request_keeps_no_reason_and_may_be_asked_again(text):
    request = asked(reason=REASON, consent=True)
    access.withdraw(access.withdraw(request))
    again = asked(request.registration)

    gone = reloaded(request)
    assert (gone.status, gone.sealed, gone.wiped_at is None) == ("withdrawn", None, False)
    assert (access.request_of(request.registration), again.status) == (again, "asked")


# --- Sealed -----------------------------------------------------------------------------------------------------------------


def test_sealed_text_opens_with_the_key_alone(settings):
    first, second = seal("żółć"), seal("żółć")

    assert (unseal(first), unseal(memoryview(second)), first == second) == ("żółć", "żółć", False)
    settings.FIELD_KEY = "another"
    with pytest.raises(InvalidToken):
        unseal(first)


def test_no_table_holds_the_reason_in_clear(owner, text):
    request = asked(reason=REASON, consent=True)
    access.open_reason(request, actor=owner)
    access.arrange(request, "Będzie.", actor=owner)
    stored = everything_stored()

    assert bytes(reloaded(request).sealed).hex() in stored
    assert REASON not in stored
    assert REASON.encode().hex() not in stored


def test_reason_opens_for_its_owner_alone_and_each_opening_is_logged(owner, text):
    request = asked(reason=REASON, consent=True)
    ugorek = request.registration.event.neighbourhoods.get()
    for other in (an_animator(ugorek), an_officer(), a_coordinator()):
        with pytest.raises(RuleBroken) as refused:
            access.open_reason(request, actor=other)
        assert refused.value.code == "not_owner"
        assert not access.may_read_reason(other, request)
    assert not AccessLog.objects.filter(subject="events.accessrequest").exists()

    assert [access.open_reason(request, actor=owner) for _time in range(2)] == [REASON, REASON]
    lines = AccessLog.objects.filter(subject="events.accessrequest", action="read", actor=owner)
    assert [(line.subject_ids, line.detail) for line in lines] == [([request.pk], {"reason": True})] * 2


def test_owner_without_a_role_any_more_reads_nothing(owner, text):
    request = asked(reason=REASON, consent=True)
    Assignment.objects.filter(user=owner).update(ends_on=timezone.localdate() - DAY)
    former = type(owner).objects.get(pk=owner.pk)

    with pytest.raises(RuleBroken):
        access.open_reason(request, actor=former)


# --- Answering --------------------------------------------------------------------------------------------------------------


def test_arranged_is_told_once_and_repeated_answer_is_silent(owner):
    request = asked()
    access.arrange(request, "Tłumaczka będzie.", actor=owner)
    access.arrange(request, "Tłumaczka będzie.", actor=owner)

    answered = reloaded(request)
    assert (answered.status, answered.answered_by, letters()) == ("arranged", owner, ["access_asked", "access_answer"])


def test_letter_with_the_answer_says_what_is_instead(owner, mailoutbox):
    request = asked(wish="Pętla przy scenie", arrangements=[])
    access.refuse(request, "Sala nie ma pętli.", "Usiądziemy razem z przodu.", actor=owner)
    while messages.deliver_due():
        pass

    letter = next(letter for letter in mailoutbox if "Usiądziemy" in letter.body)
    assert "Usiądziemy razem z\N{NO-BREAK SPACE}przodu." in letter.alternatives[0][0]
    assert Message.objects.get(template="access_asked").status == Message.Status.DROPPED


def test_only_the_newest_answer_leaves(owner):
    request = asked()
    access.arrange(request, "Będzie.", actor=owner)
    access.refuse(request, "Tłumaczka zachorowała.", "Napisy na żywo.", actor=owner)
    while messages.deliver_due():
        pass

    bodies = [letter.body for letter in mail.outbox if "potrzeby/" in letter.body]
    assert len(bodies) == 1
    assert "Napisy na" in bodies[0]


@pytest.mark.parametrize("alternative", ["", "  \n"])
def test_refusal_without_an_alternative_is_refused(owner, alternative):
    request = asked()
    with pytest.raises(RuleBroken) as refused:
        access.refuse(request, "Nie ma.", alternative, actor=owner)

    assert (refused.value.code, refused.value.field, reloaded(request).status) == ("needs_alternative", "alternative", "asked")


def test_nobody_but_the_owner_answers(owner):
    request = asked()
    for other in (a_coordinator(), an_officer(), an_animator(a_neighbourhood("Ugorek"))):
        with pytest.raises(RuleBroken) as refused:
            access.arrange(request, "", actor=other)
        assert refused.value.code == "not_owner"


def test_coordinator_takes_what_nobody_owns_and_hands_it_over_logged():
    request, coordinator, officer = asked(), a_coordinator(), an_officer()
    with pytest.raises(RuleBroken) as refused:
        access.take(request, officer)
    access.take(request, coordinator)
    access.hand_over(request, officer, actor=coordinator)

    assert (refused.value.code, reloaded(request).owner) == ("not_coordinator", officer)
    lines = AccessLog.objects.filter(action="rights", subject="events.accessrequest").order_by("pk")
    assert [line.detail for line in lines] == [{"owner": coordinator.pk}, {"owner": officer.pk}]


def test_request_with_an_owner_is_not_taken_and_never_given_to_an_animator(owner):
    request, animator = asked(), an_animator(a_neighbourhood("Ugorek"))
    with pytest.raises(RuleBroken) as taken:
        access.take(request, a_coordinator())
    with pytest.raises(RuleBroken) as given:
        access.hand_over(request, animator, actor=owner)
    with pytest.raises(RuleBroken) as stolen:
        access.hand_over(request, an_officer(), actor=an_officer())

    assert (taken.value.code, given.value.code, stolen.value.code) == ("has_owner", "cannot_own", "not_owner")


def test_phone_person_is_rung_about_the_answer_and_nothing_else(owner):
    registration = signed_up(an_event(in_days=30), a_person(email="", phone="+48600100200"))
    request = asked(registration)
    assert not CallTask.objects.exists()
    access.arrange(request, "Będzie.", actor=owner)

    call = CallMatter.objects.get()
    assert (call.reason, call.context, letters()) == ("access_answer", {"registration": registration.pk}, [])
    access.withdraw(request)
    assert not CallTask.objects.open().exists()


# --- Late -------------------------------------------------------------------------------------------------------------------


def test_late_answer_is_told_once_after_the_day_and_by_day(owner):
    registration = signed_up(an_event(starts_at=warsaw("2026-11-30 17:00")), at=warsaw("2026-11-01 12:00"))
    request = asked(registration, at=warsaw("2026-11-09 12:00"))
    assert request.due_on == date(2026, 11, 13)
    told = [access.tell_late(warsaw(f"2026-11-{moment}")) for moment in ("13 23:00", "14 00:30", "14 09:00", "20 09:00")]

    message = Message.objects.get(template="access_late")
    assert (told, message.due_at) == ([0, 1, 0, 0], warsaw("2026-11-14 08:00"))
    assert reloaded(request).told_late_at == warsaw("2026-11-14 00:30")


def test_phone_person_is_rung_when_the_answer_is_late():
    registration = signed_up(an_event(in_days=30), a_person(email="", phone="+48600100200"))
    asked(registration)

    assert access.tell_late(timezone.now() + 15 * DAY) == 1
    assert CallMatter.objects.get().reason == "access_late"


def test_nobody_is_told_late_of_what_is_answered_or_over(owner):
    answered = asked()
    access.arrange(answered, "", actor=owner)
    over = asked(signed_up(an_event(in_days=3)))

    assert access.tell_late(over.registration.event.starts_at + DAY) == 0


def test_cancelled_event_or_sign_up_closes_its_requests_without_a_word(text):
    of_event, of_sign_up, other = (asked(reason=REASON, consent=True) for _number in range(3))
    cancel_event(of_event.registration.event, "Burza")
    places.cancel(of_sign_up.registration)
    before = letters()

    assert (access.close_gone(), access.close_gone()) == (2, 0)
    assert [(reloaded(request).status, reloaded(request).sealed is None) for request in (of_event, of_sign_up, other)] == [
        ("withdrawn", True), ("withdrawn", True), ("asked", False),
    ]  # fmt: skip
    assert letters() == before


def test_moved_event_brings_the_answer_back_to_be_checked(owner):
    request = asked()
    access.arrange(request, "Będzie.", actor=owner)
    assert list(access.to_do(AccessRequest.objects.all())) == []
    Event.objects.update(moved_at=timezone.now())
    assert list(access.to_do(AccessRequest.objects.all())) == [request]
    assert access.moved_since_answer(reloaded(request))

    access.arrange(request, "Będzie.", actor=owner)
    assert list(access.to_do(AccessRequest.objects.all())) == []
    assert letters().count("access_answer") == 2


def test_event_moved_to_an_earlier_day_brings_the_day_of_answer_forward():
    request = asked()
    today = timezone.localdate()
    soon = timezone.now() + 2 * DAY
    Event.objects.update(starts_at=soon, ends_at=soon + timedelta(hours=2), moved_at=timezone.now())
    AccessRequest.objects.update(due_on=today + 9 * DAY)

    assert (access.follow_moved(), access.follow_moved()) == (1, 0)
    assert reloaded(request).due_on == access.answer_by(reloaded(request).registration.event, today)


# --- Wiping -----------------------------------------------------------------------------------------------------------------


def test_reason_is_wiped_some_days_after_the_event_and_the_request_stays(owner, text, settings):
    request = asked(reason=REASON, consent=True)
    ends = request.registration.event.ends_at
    assert access.wipe_due(ends + timedelta(days=settings.ACCESS_WIPE_DAYS)) == 0
    assert access.wipe_due(ends + timedelta(days=settings.ACCESS_WIPE_DAYS, minutes=1)) == 1

    wiped = reloaded(request)
    assert (wiped.sealed, wiped.wiped_at is not None, wiped.arrangements) == (None, True, ["pjm"])
    assert access.open_reason(wiped, actor=owner) == ""


@pytest.mark.parametrize("scope", ["event", ""])
def test_withdrawn_consent_wipes_the_reason_in_the_same_breath(text, scope):
    person = a_person()
    one, two = (asked(signed_up(an_event(in_days=30), person), reason=REASON, consent=True) for _number in range(2))
    name = f"event:{one.registration.event_id}"
    if not scope:
        # Nothing is given without an event, but whoever withdraws all means all.
        access.wipe_withdrawn(person, "", timezone.now())
    else:
        consents.withdraw(person, "needs", scope=name)

    assert [reloaded(request).sealed is None for request in (one, two)] == [True, not scope]
    assert consents.scope_names("needs")[name] == one.registration.event.title


def test_forgetting_the_reason_withdraws_the_consent_and_keeps_the_request(text):
    request = asked(reason=REASON, consent=True)
    access.forget_reason(request)

    assert (reloaded(request).sealed, reloaded(request).status) == (None, "asked")
    assert not consents.holds(request.registration.person, "needs", f"event:{request.registration.event_id}")


def test_worker_knows_the_jobs():
    assert {"access_late", "access_gone", "access_wipe", "access_moved"} <= set(work.jobs())


# --- The resident's page ----------------------------------------------------------------------------------------------------


def page_of(registration):
    return reverse("access_request", args=[links.token(registration)])


def typed(client, address, **fields):
    key = client.get(address).context["form"]["key"].value()
    return {"key": str(key), "website": "", "act": "ask", **fields}


def test_page_behind_the_mailed_link_takes_changes_and_withdraws_a_request(client, text):
    registration = signed_up(an_event(in_days=30))
    address = page_of(registration)
    assert access_path(registration) == address
    sent = typed(client, address, arrangements=["pjm", "seat"], wish="", reason=REASON, consent="on")
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent).status_code == 302
    request = AccessRequest.objects.get()
    page = client.get(address)

    assert (request.arrangements, request.consent.channel) == (["pjm", "seat"], "web")
    assert REASON not in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    client.post(address, {"act": "forget"})
    assert reloaded(request).sealed is None
    client.post(address, {"act": "withdraw"})
    assert reloaded(request).status == "withdrawn"


def test_reading_the_page_changes_nothing_and_a_forged_link_opens_nothing(client):
    request = asked()
    address = page_of(request.registration)
    for query in ("", "?act=withdraw", "?act=forget"):
        assert client.get(address + query).status_code == 200

    assert reloaded(request).status == "asked"
    assert client.get(address.replace("/potrzeby/", "x/potrzeby/")).status_code == 404


def test_consent_box_is_unticked_and_missing_without_a_text(client, text):
    address = page_of(signed_up(an_event(in_days=30)))
    box = next(tag for tag in client.get(address).content.decode().split("<input") if 'name="consent"' in tag)
    assert "checked" not in box.split(">")[0]
    text.delete()
    assert not {"reason", "consent"} & set(client.get(address).context["form"].fields)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("arrangements", {}), ("arrangements", {"arrangements": "x"}), ("consent", {"arrangements": "pjm", "reason": "a"}),
     ("wish", {"wish": "x" * 301}), ("wish", {"arrangements": "other"}), ("key", {"arrangements": "pjm", "key": "x"})],
)  # fmt: skip
def test_wrong_input_is_answered_at_its_field(client, text, field, wrong):
    address = page_of(signed_up(an_event(in_days=30)))
    answer = client.post(address, typed(client, address, **wrong))

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, [field])
    assert not AccessRequest.objects.exists()


def test_late_page_says_so_before_and_after(client):
    address = page_of(signed_up(an_event(in_days=1)))
    assert client.get(address).context["late"]
    client.post(address, typed(client, address, arrangements="loop"))

    assert AccessRequest.objects.get().late
    assert "notice-warning" in client.get(address).content.decode()


@pytest.mark.parametrize("end", ["cancelled", "over", "closed"])
def test_page_takes_nothing_when_there_is_nothing_to_prepare(client, end):
    registration = signed_up(an_event(in_days=2))
    if end == "cancelled":
        cancel_event(registration.event, "Burza")
    elif end == "closed":
        places.cancel(registration)
    else:
        Event.objects.update(starts_at=timezone.now() - DAY, ends_at=timezone.now() - DAY / 2)
    page = client.get(page_of(registration))
    client.post(page_of(registration), {"act": "ask", "arrangements": "pjm", "key": "8c4d6b0e-5f3a-4c62-9a2b-1f0a5ad0a001"})

    assert 'name="arrangements"' not in page.content.decode()
    assert not AccessRequest.objects.exists()


def test_state_on_the_sign_ups_page_is_one_query(django_assert_num_queries):
    from django.template.loader import render_to_string

    request = asked()
    registration = request.registration
    with django_assert_num_queries(1):
        html = render_to_string("events/_access_state.html", {"registration": registration})

    assert access_path(registration) in html
    assert request.arrangements_shown in html


def test_reports_do_not_hold_the_needs():
    from reports.definitions import REPORTS

    coordinator = a_coordinator()
    registration = signed_up(an_event(in_days=30))
    ConsentText.objects.create(purpose="needs", language="pl", version=1, text=".", published_at=timezone.now())
    asked(registration, wish="Pętla przy scenie", reason=REASON, consent=True)
    client = Client()
    client.force_login(coordinator)
    for slug in REPORTS:
        address = reverse("report_export", kwargs={"slug": slug, "extension": "csv"})
        answer = client.post(address, {"purpose": "sprawozdanie"})
        content = b"".join(answer.streaming_content).decode(errors="replace")
        assert answer.status_code == 200
        assert REASON not in content
        assert "Pętla przy scenie" not in content
