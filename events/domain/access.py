"""Access needs: asked, seen to by an owner in time, and forgotten after the event (A11Y-11, GDPR-08).

Who gives or takes back a consent is locked first, then the sign-up, then the request: the order the places' verbs keep.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.days import add_working_days, after_quiet
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.sealed import seal, unseal
from events.emails import access as letters
from events.models import AccessRequest, Event, Registration
from participants.domain import access_log, consents
from participants.models import AccessLog, Consent, ConsentText, Person, User
from projects import rules
from projects.models import Assignment

Status = AccessRequest.Status
PURPOSE = ConsentText.Purpose.NEEDS
ANSWERED = (Status.ARRANGED, Status.UNMET)
# Working days the owner has for an answer, when the event is not nearer.
ANSWER_WITHIN = 3
# Rows one turn of the worker wipes or closes at most.
BATCH = 50


# --- Days -------------------------------------------------------------------------------------------------------------------


def last_day_in_time(event: Event) -> date:
    """The last day to ask for what has to be booked: an interpreter three working days before (DU-2011-1243 art. 9)."""
    return add_working_days(timezone.localdate(event.starts_at), -settings.ACCESS_CUT_OFF_WORKING_DAYS)


def answer_by(event: Event, asked_on: date) -> date:
    """By when the owner answers: soon after the asking, before the event's day, and never in the past."""
    before_event = add_working_days(timezone.localdate(event.starts_at), -1)
    return max(asked_on, min(add_working_days(asked_on, ANSWER_WITHIN), before_event))


# --- The resident's verbs ---------------------------------------------------------------------------------------------------


def ask(
    registration: Registration,
    arrangements: Sequence[str],
    wish: str,
    reason: str,
    consent: bool,
    *,
    channel: str = Consent.Channel.WEB,
    actor: User | None = None,
    at: datetime | None = None,
) -> AccessRequest:
    """Note what somebody needs, with an owner and a day of answer, and tell them that it came; a late one is taken too.

    ``reason`` is kept encrypted and only with ``consent``. Locks the person (with a reason) and the sign-up. Raises
    RuleBroken: ``nothing_asked``, ``needs_words``, ``needs_consent``, ``no_text``, ``cancelled``, ``over``,
    ``registration_cancelled``, ``already_asked``.
    """
    now = at or timezone.now()
    what, wish, reason = _checked(arrangements, wish, reason)
    with transaction.atomic():
        given = _agree(registration, reason, consent, channel, actor, now)
        registration = _lock_registration(registration)
        _check_runs(registration, now)
        if registration.access_requests.exclude(status=Status.WITHDRAWN).exists():
            raise RuleBroken("already_asked", _("We have your request already. You can change it."))
        event, today = registration.event, timezone.localdate(now)
        request = AccessRequest.objects.create(
            registration=registration,
            arrangements=what,
            wish=wish,
            sealed=seal(reason) if reason else None,
            consent=given,
            owner=_owner_of(event, today),
            due_on=answer_by(event, today),
            late=today > last_day_in_time(event),
        )
        letters.tell(request, "access_asked", now)
    return request


def change(
    request: AccessRequest,
    arrangements: Sequence[str],
    wish: str,
    reason: str = "",
    consent: bool = False,
    *,
    channel: str = Consent.Channel.WEB,
    actor: User | None = None,
    at: datetime | None = None,
) -> AccessRequest:
    """Say it differently; an empty reason leaves the one there is. What was answered already is asked anew, with a new day.

    Locks the person (with a reason) and the request. Raises RuleBroken as ``ask`` does, and ``withdrawn``.
    """
    now = at or timezone.now()
    what, wish, reason = _checked(arrangements, wish, reason)
    with transaction.atomic():
        given = _agree(request.registration, reason, consent, channel, actor, now)
        request = _lock(request)
        _check_open(request, now)
        differs = (sorted(request.arrangements), request.wish) != (sorted(what), wish)
        if not differs and not reason:
            return request
        event, today = request.registration.event, timezone.localdate(now)
        request.arrangements, request.wish = what, wish
        if differs:
            request.late = today > last_day_in_time(event)
        if reason:
            request.sealed, request.consent, request.wiped_at = seal(reason), given, None
        if request.status in ANSWERED:
            request.status, request.due_on = Status.ASKED, answer_by(event, today)
            request.answer, request.alternative = "", ""
            request.answered_at, request.answered_by, request.told_late_at = None, None, None
            letters.drop_calls(request, now)
            letters.tell(request, "access_asked", now)
        request.save()
    return request


def withdraw(request: AccessRequest, *, at: datetime | None = None) -> AccessRequest:
    """Take the request back, with its reason wiped at once. Asking twice changes nothing. Locks the request."""
    now = at or timezone.now()
    with transaction.atomic():
        request = _lock(request)
        if request.status != Status.WITHDRAWN:
            _close(request, now)
    return request


def forget_reason(
    request: AccessRequest, *, channel: str = Consent.Channel.WEB, actor: User | None = None, at: datetime | None = None
) -> None:
    """Withdraw the consent to keep the reason: it is wiped at once, the request stays. Locks the person and the request."""
    now = at or timezone.now()
    with transaction.atomic():
        registration = request.registration
        consents.withdraw(registration.person, PURPOSE, scope=_scope(registration), channel=channel, actor=actor, at=now)
        # Also when the ledger has nothing left to withdraw.
        _wipe(AccessRequest.objects.filter(pk=request.pk), now)


@consents.on_withdrawal(PURPOSE)
def wipe_withdrawn(person: Person, scope: str, at: datetime) -> None:
    """The reasons a withdrawn consent stood for are wiped in its transaction; one without an event means all of them."""
    own = AccessRequest.objects.filter(registration__person=person)
    if scope:
        own = own.filter(registration__event=int(scope.removeprefix("event:")))
    _wipe(own, at)


@consents.scopes_of(PURPOSE)
def _events() -> dict[str, str]:
    """A consent of this purpose stands for one event each."""
    agreed = AccessRequest.objects.filter(consent__isnull=False).values("registration__event")
    return {f"event:{event.pk}": event.title for event in Event.objects.filter(pk__in=agreed)}


# --- The owner's verbs ------------------------------------------------------------------------------------------------------


def arrange(request: AccessRequest, answer: str = "", *, actor: User, at: datetime | None = None) -> AccessRequest:
    """Say that what was asked for will be there, and tell the resident. Locks the request.

    Raises RuleBroken: ``not_owner``, ``withdrawn``, ``cancelled``, ``over``.
    """
    return _answer(request, Status.ARRANGED, answer, "", actor, at or timezone.now())


def refuse(request: AccessRequest, answer: str, alternative: str, *, actor: User, at: datetime | None = None) -> AccessRequest:
    """Say that it cannot be arranged and what there is instead, and tell the resident. Locks the request.

    Raises RuleBroken: ``needs_alternative`` (DU-2011-1243 art. 12), and those of ``arrange``.
    """
    if not alternative.strip():
        raise RuleBroken("needs_alternative", _("Write what we can do instead: nobody is left with a no alone."), field="alternative")
    return _answer(request, Status.UNMET, answer, alternative, actor, at or timezone.now())


def take(request: AccessRequest, actor: User, *, at: datetime | None = None) -> AccessRequest:
    """A coordinator becomes the owner of a request nobody sees to. Locks the request.

    Raises RuleBroken: ``not_coordinator``, ``has_owner``.
    """
    now = at or timezone.now()
    if not rules.is_coordinator(actor):
        raise RuleBroken("not_coordinator", _("A coordinator takes requests without an owner."))
    with transaction.atomic():
        request = _lock(request)
        if request.owner_id == actor.pk:
            return request
        if request.owner is not None and rules.sees_everywhere(request.owner):
            raise RuleBroken("has_owner", _("Somebody sees to this request already. It can be handed over."))
        _give(request, actor, actor, now)
    return request


def hand_over(request: AccessRequest, to: User, *, actor: User, at: datetime | None = None) -> AccessRequest:
    """Give the request, and the right to read its reason, to somebody else of the office. Locks the request.

    Raises RuleBroken: ``not_owner`` (nor a coordinator), ``cannot_own``.
    """
    now = at or timezone.now()
    if not rules.sees_everywhere(to):
        raise RuleBroken("cannot_own", _("Only an officer or a coordinator can see to access needs."), field="to")
    with transaction.atomic():
        request = _lock(request)
        if not (may_read_reason(actor, request) or rules.is_coordinator(actor)):
            raise RuleBroken("not_owner", _("Somebody else sees to this request."))
        if request.owner_id != to.pk:
            _give(request, to, actor, now)
    return request


def open_reason(request: AccessRequest, *, actor: User, at: datetime | None = None) -> str:
    """Why somebody needs it, in clear, for the owner alone; each opening is a line of the access log. Empty when there is none.

    Raises RuleBroken: ``not_owner``.
    """
    if not may_read_reason(actor, request):
        raise RuleBroken("not_owner", _("Somebody else sees to this request."))
    if request.sealed is None:
        return ""
    access_log.record(
        AccessLog.Action.READ, "events.accessrequest", actor=actor, ids=[request.pk], row_count=1, detail={"reason": True}, at=at
    )
    return unseal(request.sealed)


# --- Whose ------------------------------------------------------------------------------------------------------------------


def may_read_reason(user: User, request: AccessRequest) -> bool:
    """Whether the account is the request's owner, with a role in force; so is who answers it."""
    return request.owner_id == user.pk and rules.sees_everywhere(user)


def visible_requests(user: User) -> QuerySet[AccessRequest]:
    """The requests whose pages exist for the account: a coordinator's all, an officer's own."""
    if rules.is_coordinator(user):
        return AccessRequest.objects.all()
    return AccessRequest.objects.filter(owner=user) if rules.sees_everywhere(user) else AccessRequest.objects.none()


def to_do(requests: QuerySet[AccessRequest], at: datetime | None = None) -> QuerySet[AccessRequest]:
    """Those waiting for an answer, and those answered before their event moved; the most urgent first."""
    moved = Q(status__in=ANSWERED, answered_at__lt=F("registration__event__moved_at"))
    waiting = requests.filter(Q(status=Status.ASKED) | moved, registration__event__ends_at__gte=at or timezone.now())
    return waiting.order_by("due_on", "pk")


def waiting_for(user: User, at: datetime | None = None) -> QuerySet[AccessRequest]:
    """What "my work" shows: one's own; for a coordinator also those nobody sees to and those overdue with anybody."""
    now = at or timezone.now()
    mine = Q(owner=user)
    if rules.is_coordinator(user):
        today = timezone.localdate(now)
        able = Assignment.objects.live(today).filter(role__in=rules.EVERYWHERE).values("user")
        mine |= Q(owner=None) | ~Q(owner__in=able) | Q(status=Status.ASKED, due_on__lt=today)
    return to_do(visible_requests(user).filter(mine), now)


def is_overdue(request: AccessRequest, today: date | None = None) -> bool:
    return request.status == Status.ASKED and request.due_on < (today or timezone.localdate())


def moved_since_answer(request: AccessRequest) -> bool:
    """Whether the event got another date after the answer, so that the answer has to be checked."""
    moved_at = request.registration.event.moved_at
    return request.status in ANSWERED and moved_at is not None and request.answered_at is not None and request.answered_at < moved_at


def call_off(request: AccessRequest) -> bool:
    """Whether something was arranged for a request that is withdrawn now."""
    return request.status == Status.WITHDRAWN and request.answered_at is not None and not request.alternative


def request_of(registration: Registration) -> AccessRequest | None:
    """The sign-up's request, unless it was withdrawn."""
    return AccessRequest.objects.filter(registration=registration).exclude(status=Status.WITHDRAWN).first()


# --- The worker's share -----------------------------------------------------------------------------------------------------


def tell_late(at: datetime | None = None) -> int:
    """Tell one resident, once, that the answer is late and whom to ring; says how many were told."""
    now = at or timezone.now()
    running = Q(registration__event__status=Event.Status.PUBLISHED, registration__event__starts_at__gt=now, registration__closed_at=None)
    late = AccessRequest.objects.open().filter(running, due_on__lt=timezone.localdate(now), told_late_at=None)
    with transaction.atomic():
        request = _whole(late.select_for_update(of=("self",), skip_locked=True, no_key=True)).first()
        if request is None:
            return 0
        request.told_late_at = now
        request.save(update_fields=["told_late_at", "updated_at"])
        letters.tell(request, "access_late", now, due_at=after_quiet(now))
    return 1


def close_gone(at: datetime | None = None) -> int:
    """Withdraw, without a word, requests whose sign-up or event was cancelled; says how many."""
    now = at or timezone.now()
    gone = Q(registration__closed_at__isnull=False) | Q(registration__event__status=Event.Status.CANCELLED)
    with transaction.atomic():
        requests = AccessRequest.objects.filter(gone).exclude(status=Status.WITHDRAWN).order_by("pk")
        found = list(requests.select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH])
        for request in found:
            _close(request, now)
    return len(found)


def follow_moved(at: datetime | None = None) -> int:
    """Bring the day of answer forward where an event was moved to a day before it; says how many."""
    now = at or timezone.now()
    today = timezone.localdate(now)
    moved = Q(registration__event__moved_at__isnull=False, registration__event__starts_at__date__lte=F("due_on"))
    with transaction.atomic():
        requests = AccessRequest.objects.filter(moved, status=Status.ASKED, due_on__gt=today).select_related("registration__event")
        found = list(requests.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("pk")[:BATCH])
        for request in found:
            event = request.registration.event
            request.due_on, request.late = answer_by(event, today), today > last_day_in_time(event)
            request.save(update_fields=["due_on", "late", "updated_at"])
    return len(found)


def wipe_due(at: datetime | None = None) -> int:
    """Wipe reasons some days after their events, and those of requests that are no more; says how many."""
    now = at or timezone.now()
    outlived = Q(registration__event__ends_at__lt=now - timedelta(days=settings.ACCESS_WIPE_DAYS)) | Q(status=Status.WITHDRAWN)
    with transaction.atomic():
        due = AccessRequest.objects.filter(outlived, sealed__isnull=False).order_by("pk")
        found = list(due.select_for_update(of=("self",), skip_locked=True, no_key=True).values_list("pk", flat=True)[:BATCH])
        return _wipe(AccessRequest.objects.filter(pk__in=found), now)


# --- Inside -----------------------------------------------------------------------------------------------------------------


def _checked(arrangements: Sequence[str], wish: str, reason: str) -> tuple[list[str], str, str]:
    """What was asked, in the order of the list, without doubles and blanks."""
    what = [kind for kind in AccessRequest.Arrangement.values if kind in set(arrangements)]
    wish, reason = wish.strip(), reason.strip()
    if not what and not wish:
        raise RuleBroken("nothing_asked", _("Tick what we should prepare, or write it."), field="arrangements")
    if what == [AccessRequest.Arrangement.OTHER] and not wish:
        raise RuleBroken("needs_words", _("Write what we should prepare."), field="wish")
    return what, wish, reason


def _scope(registration: Registration) -> str:
    return f"event:{registration.event_id}"


def _agree(registration: Registration, reason: str, consent: bool, channel: str, actor: User | None, now: datetime) -> Consent | None:
    if not reason:
        return None
    if not consent:
        raise RuleBroken("needs_consent", _("Tick the consent, or leave the reason out: we will prepare it without knowing why."),
                         field="consent")  # fmt: skip
    return consents.give(registration.person, PURPOSE, channel=channel, scope=_scope(registration), actor=actor, at=now)


def _whole(requests: QuerySet[AccessRequest]) -> QuerySet[AccessRequest]:
    return requests.select_related("registration__event__project", "registration__person", "owner")


def _lock(request: AccessRequest) -> AccessRequest:
    return _whole(AccessRequest.objects.select_for_update(of=("self",), no_key=True)).get(pk=request.pk)


def _lock_registration(registration: Registration) -> Registration:
    rows = Registration.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("event__project__access_owner", "person").get(pk=registration.pk)


def _check_runs(registration: Registration, now: datetime) -> None:
    event = registration.event
    if event.is_cancelled:
        raise RuleBroken("cancelled", _("This event has been cancelled."))
    if event.is_over(now):
        raise RuleBroken("over", _("This event is over."))
    if registration.closed_at is not None:
        raise RuleBroken("registration_cancelled", _("This sign-up was cancelled. You can sign up again."))


def _check_open(request: AccessRequest, now: datetime) -> None:
    if request.status == Status.WITHDRAWN:
        raise RuleBroken("withdrawn", _("This request was taken back. You can ask again."))
    _check_runs(request.registration, now)


def _owner_of(event: Event, on: date) -> User | None:
    """Who sees to access needs of the event's programme, while the role lasts; else a coordinator takes the request."""
    owner = event.project.access_owner
    return owner if owner is not None and rules.sees_everywhere(owner, on) else None


def _answer(request: AccessRequest, status: str, answer: str, alternative: str, actor: User, now: datetime) -> AccessRequest:
    answer, alternative = answer.strip(), alternative.strip()
    with transaction.atomic():
        request = _lock(request)
        if not may_read_reason(actor, request):
            raise RuleBroken("not_owner", _("Somebody else sees to this request."))
        _check_open(request, now)
        said = (request.status, request.answer, request.alternative)
        if said == (status, answer, alternative) and not moved_since_answer(request):
            return request
        request.status, request.answer, request.alternative = status, answer, alternative
        request.answered_at, request.answered_by = now, actor
        request.save(update_fields=["status", "answer", "alternative", "answered_at", "answered_by", "updated_at"])
        letters.drop_calls(request, now)
        letters.tell(request, "access_answer", now)
    return request


def _give(request: AccessRequest, owner: User, actor: User, now: datetime) -> None:
    """The right to read the reason moves, so the log keeps who gave it to whom."""
    request.owner = owner
    request.save(update_fields=["owner", "updated_at"])
    access_log.record(AccessLog.Action.RIGHTS, "events.accessrequest", actor=actor, ids=[request.pk], detail={"owner": owner.pk}, at=now)


def _close(request: AccessRequest, now: datetime) -> None:
    request.status = Status.WITHDRAWN
    request.save(update_fields=["status", "updated_at"])
    letters.drop_calls(request, now)
    _wipe(AccessRequest.objects.filter(pk=request.pk), now)


def _wipe(requests: QuerySet[AccessRequest], now: datetime) -> int:
    return requests.filter(sealed__isnull=False).update(sealed=None, wiped_at=now, updated_at=now)
