"""Two records of one person become one: what is seen before, the joining, its undoing, and the emptying of what is left.

Locks come in one order, which every verb of the house keeps: events by number, then people by number, then what points at them.
The second record stays as an empty-handed stub that stands on no list; for 30 days the joining can be undone.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import folded
from participants import privacy
from participants.domain import access_log
from participants.models import AccessLog, Person, PersonMerge, User
from participants.privacy import Joining, Moved

# What the kept record takes over where it says nothing itself; the journal names the columns, never their values.
FILLED = ("email", "phone", "birth_year", "age_band", "gender", "calendar_key", "verified_at")
CONTACT = "contact"
EMPTY: dict[str, object] = {
    "email": "",
    "phone": "",
    "birth_year": None,
    "age_band": "",
    "gender": "",
    "calendar_key": None,
    "verified_at": None,
}
# What an emptied record is called: the database needs a name, and this one is nobody's.
NOBODY = "osoba połączona"


@dataclass(frozen=True)
class Preview:
    """What joining would do: what comes over in numbers, how conflicts are decided, and why it is refused, if it is."""

    kept: Person
    gone: Person
    counts: dict[str, int]
    conflicts: list[str]
    warnings: list[str]
    refused: RuleBroken | None


def preview(kept: Person, gone: Person, *, actor: User) -> Preview:
    """What joining ``gone`` to ``kept`` would do; reads only."""
    refused = None
    try:
        _check(kept, gone)
        _check_movers(kept, gone, actor)
    except RuleBroken as broken:
        refused = broken
    counts: dict[str, int] = {}
    conflicts: list[str] = []
    if refused is None:
        for mover in privacy.movers():
            foreseen = mover.foresee(kept, gone)
            counts |= {label: number for label, number in foreseen.counts.items() if number}
            conflicts += foreseen.conflicts
    return Preview(kept, gone, counts, conflicts + _differences(kept, gone), _warnings(kept, gone), refused)


def merge(kept: Person, gone: Person, *, actor: User, at: datetime | None = None) -> PersonMerge:
    """Join the second record to the first: everything it holds comes over, the stricter consent wins, the journal says what.

    Joining the same two again shows the first joining. Locks the events of their live sign-ups, then both people, each
    in the order of numbers. Raises RuleBroken: ``same_person``, ``gone``, ``merged_already``, ``two_accounts``,
    ``account_stays``, and what the movers refuse (``elsewhere``, ``guardian_and_child``).
    """
    with transaction.atomic():
        for mover in privacy.movers():
            if mover.lock is not None:
                mover.lock(kept, gone)
        kept, gone = _lock(kept, gone)
        # The clock is read under the locks, as everywhere.
        now = at or timezone.now()
        before = PersonMerge.objects.standing().filter(kept=kept, gone=gone).first()
        if before is not None:
            return before
        _check(kept, gone)
        _check_movers(kept, gone, actor)
        moved = {CONTACT: _fill(kept, gone, now)}
        gone.merged_into = kept
        gone.save(update_fields=["merged_into", "updated_at"])
        joining = Joining(kept, gone, actor, now)
        moved |= {mover.name: mover.move(joining) for mover in privacy.movers()}
        joined = PersonMerge.objects.create(kept=kept, gone=gone, actor=actor, at=now, moved=moved)
        _log(joined, actor, now)
    return joined


def undo(joined: PersonMerge, *, actor: User, at: datetime | None = None) -> PersonMerge:
    """Part the two again: what came over and is still there goes back; a consent that was withdrawn stays withdrawn.

    Undoing twice changes nothing. Locks as ``merge`` does. Raises RuleBroken: ``too_late`` after 30 days,
    ``joined_further`` while the kept record is itself joined to another, ``gone``.
    """
    with transaction.atomic():
        for mover in privacy.movers():
            if mover.lock is not None:
                mover.lock(joined.kept, joined.gone)
        kept, gone = _lock(joined.kept, joined.gone)
        now = at or timezone.now()
        joined = PersonMerge.objects.select_for_update(no_key=True).get(pk=joined.pk)
        if joined.undone_at is not None:
            return joined
        if not joined.can_be_undone(now):
            raise RuleBroken("too_late", _("More than 30 days have passed: the second record is empty, and the two cannot be parted."))
        if kept.merged_into_id is not None:
            raise RuleBroken("joined_further", _("The record that stayed has been joined to another since. Undo that first."))
        gone.merged_into = None
        gone.save(update_fields=["merged_into", "updated_at"])
        _unfill(kept, gone, joined.moved.get(CONTACT, {}), now)
        joining = Joining(kept, gone, actor, now)
        for mover in reversed(privacy.movers()):
            mover.undo(joining, joined.moved.get(mover.name, {}))
        joined.undone_at, joined.undone_by = now, actor
        joined.save(update_fields=["undone_at", "undone_by"])
        _log(joined, actor, now)
    return joined


def empty_due(at: datetime | None = None) -> int:
    """Empty one record whose joining can no longer be undone: no name, no contact is left of it; the worker's share.

    What somebody gave it meanwhile, through a form opened before the joining, comes over first.
    """
    now = at or timezone.now()
    due = PersonMerge.objects.to_empty(now).select_related("kept", "gone", "actor").first()
    if due is None:
        return 0
    with transaction.atomic():
        kept, gone = due.kept.standing_for(), due.gone
        for mover in privacy.movers():
            if mover.lock is not None:
                mover.lock(kept, gone)
        kept, gone = _lock(kept, gone)
        if not PersonMerge.objects.to_empty(now).select_for_update(no_key=True).filter(pk=due.pk).exists():
            return 0
        for mover in privacy.movers():
            mover.move(Joining(kept, gone, due.actor, now))
        Person.objects.filter(pk=gone.pk).update(**EMPTY, name=NOBODY, preferred_channel=Person.Channel.NONE, updated_at=now)
        PersonMerge.objects.filter(pk=due.pk).update(emptied_at=now)
    return 1


# --- Inside the locks -------------------------------------------------------------------------------------------------------


def _lock(kept: Person, gone: Person) -> tuple[Person, Person]:
    """Both as they stand under their locks. Raises RuleBroken ``gone`` when one was erased meanwhile."""
    rows = Person.objects.filter(pk__in=[kept.pk, gone.pk]).order_by("pk").select_for_update(no_key=True)
    found = {person.pk: person for person in rows}
    if {kept.pk, gone.pk} - set(found):
        raise RuleBroken("gone", _("One of the two is no longer here. Open the list again."))
    return found[kept.pk], found[gone.pk]


def _check(kept: Person, gone: Person) -> None:
    if kept.pk == gone.pk:
        raise RuleBroken("same_person", _("This is one and the same record. Choose another."))
    if kept.merged_into_id is not None or gone.merged_into_id is not None:
        raise RuleBroken("merged_already", _("One of the two has been joined to somebody already. Open the list again."))
    if kept.user_id is not None and gone.user_id is not None:
        raise RuleBroken(
            "two_accounts",
            _("Both have an account, and only its owner can give one up. Ask which one they use; the other has to be closed first."),
        )
    if gone.user_id is not None:
        raise RuleBroken("account_stays", _("The record with an account stays. Choose it as the one to keep."))


def _check_movers(kept: Person, gone: Person, actor: User) -> None:
    for mover in privacy.movers():
        if mover.check is not None:
            mover.check(kept, gone, actor)


def _fill(kept: Person, gone: Person, now: datetime) -> Moved:
    """Let the kept record take over what it does not know; says which columns, one number (its own) each."""
    names = [name for name in FILLED if getattr(kept, name) in ("", None) and getattr(gone, name) not in ("", None)]
    if "verified_at" in names and folded(kept.email) != folded(gone.email) and "email" not in names:
        # Another mailbox answered, not the one that stays.
        names.remove("verified_at")
    if kept.user_id is not None:
        names = [name for name in names if name not in ("email", "verified_at")]
    if kept.preferred_channel == Person.Channel.NONE and {"email", "phone"} & set(names):
        names.append("preferred_channel")
    if "calendar_key" in names:
        # Two rows never hold one key, not even for a moment.
        Person.objects.filter(pk=gone.pk).update(calendar_key=None)
    for name in names:
        setattr(kept, name, getattr(gone, name))
    if names:
        kept.save(update_fields=[*names, "updated_at"])
    if "calendar_key" in names:
        gone.calendar_key = None
    return {name: [kept.pk] for name in names}


def _unfill(kept: Person, gone: Person, moved: Moved, now: datetime) -> None:
    """Take back what was taken over and is still the same."""
    for name in moved:
        if name == "calendar_key":
            continue
        if name == "preferred_channel":
            kept.preferred_channel = Person.Channel.NONE
        elif getattr(kept, name) == getattr(gone, name):
            setattr(kept, name, EMPTY[name])
    key = kept.calendar_key if "calendar_key" in moved else None
    if key is not None:
        kept.calendar_key = None
    kept.save(update_fields=[*moved, "updated_at"])
    if key is not None:
        gone.calendar_key = key
        gone.save(update_fields=["calendar_key", "updated_at"])


def _differences(kept: Person, gone: Person) -> list[str]:
    """What both say differently: the kept record's word stays."""
    found = []
    if folded(kept.name) != folded(gone.name):
        found.append(_("The name will be: %(name)s.") % {"name": kept.name})
    if kept.email and gone.email and kept.email.lower() != gone.email.lower():
        found.append(_("Mails will go to %(kept)s and no longer to %(gone)s.") % {"kept": kept.email, "gone": gone.email})
    if kept.phone and gone.phone and kept.phone != gone.phone:
        found.append(_("The phone will be %(kept)s; %(gone)s is forgotten.") % {"kept": kept.phone_shown, "gone": gone.phone_shown})
    return found


def _warnings(kept: Person, gone: Person) -> list[str]:
    """A couple may share an address or a phone: the names say so, and the one who joins decides."""
    if folded(kept.name) == folded(gone.name):
        return []
    if kept.email and kept.email.lower() == gone.email.lower():
        return [_("These may be two people under one address: their names differ.")]
    if kept.phone and kept.phone == gone.phone:
        return [_("These may be two people with one phone: their names differ.")]
    return [_("Their names differ. Make sure that this is one person.")]


def _log(joined: PersonMerge, actor: User, now: datetime) -> None:
    detail = {"joining": joined.pk, "undone": joined.undone_at is not None}
    access_log.record(
        AccessLog.Action.CHANGE, "participants.person", actor=actor, ids=[joined.kept_id, joined.gone_id], detail=detail, at=now
    )
