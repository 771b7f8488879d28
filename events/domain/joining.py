"""What joining two records of one person does to sign-ups: they come over, stand under one contact, and of two for one event one is left.

The events of live sign-ups are locked first, in the order of their numbers, then the people: the order of every verb of places.
What is past stays as it was: only sign-ups for events to come are put together.
"""

from collections import defaultdict

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import folded
from events.domain import certificates, one_sign_up, queue
from events.models import Certificate, Event, Registration
from events.rules import manageable_events
from participants import privacy
from participants.models import Person, User
from participants.privacy import Foreseen, Joining, Moved, Mover
from projects.rules import sees_everywhere


def lock(kept: Person, gone: Person) -> None:
    """The events of what is live, or was put together, of both."""
    rows = _of(kept, gone).filter(Q(closed_at=None) | Q(joined_to__isnull=False))
    for number in sorted(set(rows.values_list("event_id", flat=True))):
        queue.lock(Event(pk=number))


def check(kept: Person, gone: Person, actor: User) -> None:
    """Raises RuleBroken: ``guardian_and_child``, and ``elsewhere`` for an animator when a sign-up is none of their events'."""
    if Registration.objects.filter(Q(person=kept, guardian=gone) | Q(person=gone, guardian=kept)).exists():
        raise RuleBroken("guardian_and_child", _("One of them is the guardian of the other: these are two people."))
    if not sees_everywhere(actor) and _of(kept, gone).exclude(event__in=manageable_events(actor)).exists():
        raise RuleBroken(
            "elsewhere",
            _("Some of their sign-ups belong to other neighbourhoods, and you cannot see them. Ask an officer to join these two."),
        )


def join(joining: Joining) -> Moved:
    """The sign-ups of both are the kept record's; those for one event become one; contacts follow where no other stands in the way."""
    kept, gone = joining.kept, joining.gone
    own = Registration.objects.filter(person=gone)
    guarded = Registration.objects.filter(guardian=gone)
    moved = {"registrations": _numbers(own), "guarded": _numbers(guarded)}
    own.update(person=kept, updated_at=joining.at)
    guarded.update(guardian=kept, updated_at=joining.at)
    for older, newer in _pairs(kept, joining):
        moved |= one_sign_up.put_together(older, newer, actor=joining.actor, at=joining.at)
    moved["contacts"] = [row.pk for row in _coming(kept, joining) if row.contact != kept.contact and _under(row, kept)]
    return moved | {"certificates": _join_certificates(joining)}


def part(joining: Joining, moved: Moved) -> None:
    """What is still the kept record's goes back, under the contact of its own record; what was put together is parted."""
    kept, gone = joining.kept, joining.gone
    rows = Registration.objects.filter(pk__in=moved.get("registrations", []), person=kept)
    back = set(_numbers(rows))
    Registration.objects.filter(pk__in=back).update(person=gone, updated_at=joining.at)
    guarded = Registration.objects.filter(pk__in=moved.get("guarded", []), guardian=kept)
    guarded.update(guardian=gone, updated_at=joining.at)
    for row in Registration.objects.live().filter(pk__in=moved.get("contacts", []), person__in=(kept, gone)).order_by("pk"):
        _under(row, gone if row.pk in back else kept)
    one_sign_up.take_apart(moved, actor=joining.actor, at=joining.at)
    Certificate.objects.filter(pk__in=moved.get("certificates", []), person=kept).update(person=gone, updated_at=joining.at)


def foresee(kept: Person, gone: Person) -> Foreseen:
    rows = list(Registration.objects.filter(person=gone).select_related("event"))
    counts = {
        _("sign-ups to come"): sum(row.closed_at is None and not row.event.is_over() for row in rows),
        _("sign-ups that were"): sum(row.closed_at is not None or row.event.is_over() for row in rows),
        _("young people they answer for"): Registration.objects.filter(guardian=gone).values("person").distinct().count(),
    }
    events = [row.event for row in rows if row.closed_at is None and not row.event.is_over()]
    both = Registration.objects.live().filter(person=kept, event__in=events).select_related("event").order_by("event__starts_at", "pk")
    sentence = _("Both are signed up for “%(event)s”: it becomes one sign-up, and a name that stands there twice keeps one place.")
    return Foreseen(counts, [sentence % {"event": row.event} for row in both])


# --- Inside the locks ---------------------------------------------------------------------------------------------------------


def _join_certificates(joining: Joining) -> list[int]:
    """Certificates come over; of two for one edition the kept record's counts, and the other says why it no longer does."""
    own = Certificate.objects.filter(person=joining.gone)
    for second in own.live().filter(project__in=Certificate.objects.live().filter(person=joining.kept).values("project")):
        reason = _("Joined with another record of the same person, which has the certificate %(number)s.")
        first = Certificate.objects.live().get(person=joining.kept, project=second.project_id)
        certificates.annul(second, reason % {"number": first.number}, actor=joining.actor, at=joining.at)
    numbers = list(own.order_by("pk").values_list("pk", flat=True))
    own.update(person=joining.kept, updated_at=joining.at)
    return numbers


def _of(*people: Person) -> QuerySet[Registration]:
    return Registration.objects.filter(Q(person__in=people) | Q(guardian__in=people))


def _numbers(rows: QuerySet[Registration]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _coming(person: Person, joining: Joining) -> QuerySet[Registration]:
    """The person's live sign-ups for events that are not over."""
    rows = Registration.objects.live().filter(person=person, event__ends_at__gte=joining.at)
    return rows.select_related("event").order_by("pk")


def _pairs(person: Person, joining: Joining) -> list[tuple[Registration, Registration]]:
    """For each event the oldest sign-up with every later one that can be put into it."""
    found: dict[int, list[Registration]] = defaultdict(list)
    for row in _coming(person, joining):
        found[row.event_id].append(row)
    return [(rows[0], newer) for rows in found.values() for newer in rows[1:] if one_sign_up.can_be_one(rows[0], newer)]


def _under(row: Registration, person: Person) -> bool:
    """Bring the sign-up under the person's contact; beside another's of the same contact it says whose it is. Whether it could be."""
    others = Registration.objects.live().filter(event=row.event_id, contact=person.contact).exclude(pk=row.pk)
    taken = set(others.values_list("sharer", flat=True))
    sharer = row.sharer if row.sharer not in taken else folded(person.name)[:150]
    if sharer in taken:
        return False
    Registration.objects.filter(pk=row.pk).update(contact=person.contact, sharer=sharer)
    return True


privacy.on_merge(
    Mover(
        "sign-ups",
        frozenset({"events.Registration.person", "events.Registration.guardian", "events.Certificate.person"}),
        join,
        part,
        foresee,
        lock,
        check,
    )
)
