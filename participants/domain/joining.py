"""What joining two records of one person does on this floor: the stricter consent wins, mails come over."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from participants import privacy
from participants.domain import consents
from participants.models import Consent, ConsentText, Message, Person
from participants.privacy import Foreseen, Joining, Moved, Mover

GIVEN, WITHDRAWN = Consent.Act.GIVEN, Consent.Act.WITHDRAWN


# --- Consents ---------------------------------------------------------------------------------------------------------------


def join_consents(joining: Joining) -> Moved:
    """Withdrawn on either side is withdrawn on both, with all that follows; given on one and never asked on the other holds on.

    The ledger is append-only: the gone record keeps its rows, and what holds on is a copy of the newest one, word for word.
    """
    copied = []
    for purpose, scope, kept, gone in _both(joining.kept, joining.gone):
        if kept is None and gone is not None:
            copied.append(_copy(gone, joining.kept).pk)
        elif WITHDRAWN in (kept and kept.act, gone and gone.act):
            for person in (joining.kept, joining.gone):
                consents.withdraw(person, purpose, scope=scope, actor=joining.actor, at=joining.at)
    return {"copied": copied}


def part_consents(joining: Joining, moved: Moved) -> None:
    """What was copied holds no longer for the kept record; nobody but the person gives a consent back that was withdrawn."""
    for row in Consent.objects.filter(pk__in=moved.get("copied", [])).select_related("text"):
        consents.withdraw(joining.kept, row.text.purpose, scope=row.scope, actor=joining.actor, at=joining.at)


def foresee_consents(kept: Person, gone: Person) -> Foreseen:
    conflicts, over = [], 0
    for purpose, scope, first, second in _both(kept, gone):
        over += first is None and second is not None and second.act == GIVEN
        if first is not None and second is not None and first.act != second.act:
            what = ConsentText.Purpose(purpose).label + (f" ({consents.scope_names(purpose, [scope]).get(scope, scope)})" if scope else "")
            conflicts.append(_("“%(what)s”: given once, withdrawn once. It will be withdrawn.") % {"what": what})
    return Foreseen({_("consents"): over}, conflicts)


def _both(kept: Person, gone: Person) -> Iterator[tuple[str, str, Consent | None, Consent | None]]:
    """For each purpose and scope either was asked about, the newest word of both."""
    rows = Consent.objects.filter(person__in=[kept, gone]).select_related("text")
    newest = rows.order_by("person", "text__purpose", "scope", "-at", "-pk").distinct("person", "text__purpose", "scope")
    found = {(row.person_id, row.text.purpose, row.scope): row for row in newest}
    for purpose, scope in sorted({(purpose, scope) for _person, purpose, scope in found}):
        yield purpose, scope, found.get((kept.pk, purpose, scope)), found.get((gone.pk, purpose, scope))


def _copy(row: Consent, person: Person) -> Consent:
    return Consent.objects.create(
        person=person, text=row.text, scope=row.scope, act=row.act, channel=row.channel, actor=row.actor, at=row.at
    )


# --- Mails ------------------------------------------------------------------------------------------------------------------


def join_messages(joining: Joining) -> Moved:
    """The mails of both are the mails of one; each keeps the address it was written to."""
    rows = Message.objects.filter(person=joining.gone)
    numbers = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.filter(pk__in=numbers).update(person=joining.kept)
    return {"messages": numbers}


def part_messages(joining: Joining, moved: Moved) -> None:
    Message.objects.filter(pk__in=moved.get("messages", []), person=joining.kept).update(person=joining.gone)


def foresee_messages(kept: Person, gone: Person) -> Foreseen:
    return Foreseen({_("mails"): Message.objects.filter(person=gone).count()})


privacy.on_merge(
    Mover("consents", frozenset({"participants.Consent.person"}), join_consents, part_consents, foresee_consents),
)
privacy.on_merge(
    Mover("messages", frozenset({"participants.Message.person"}), join_messages, part_messages, foresee_messages),
)
privacy.stays("participants.Person.merged_into", "who was joined to the gone record before is found through it")
privacy.stays("participants.PersonMerge.kept", "the journal tells what happened to which record")
privacy.stays("participants.PersonMerge.gone", "the journal tells what happened to which record")
