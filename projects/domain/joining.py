"""What joining two records of one person does on the programme's floor: homes, letters, initiatives, teams and calls come over."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from participants import privacy
from participants.models import Person
from participants.privacy import Foreseen, Joining, Moved, Mover
from projects.domain import call_rows
from projects.models import (
    CallMatter,
    CallTask,
    ChangeStory,
    Initiative,
    InitiativeAgreement,
    InitiativeMember,
    LeaderProfile,
    Membership,
    Question,
    Subscription,
    Support,
)

# Of two parts in one team the weightier stays.
WEIGHT = {InitiativeMember.Role.LEADER: 0, InitiativeMember.Role.MEMBER: 1, InitiativeMember.Role.VOLUNTEER: 2}

# What somebody signed, asked and told comes over as it is.
WORDS: tuple[tuple[str, Any], ...] = (("agreements", InitiativeAgreement), ("questions", Question), ("stories", ChangeStory))


def join(joining: Joining) -> Moved:
    """Everything of the programme comes over; what both have once stays once."""
    kept, gone = joining.kept, joining.gone
    return {
        **_join_homes(kept, gone),
        **_join_teams(kept, gone),
        **_join_calls(kept, gone, joining.at),
        "subscriptions": _come_over(Subscription.objects.filter(person=gone), kept),
        "initiatives": _come_over(Initiative.objects.filter(proposed_by=gone), kept, "proposed_by"),
        **_join_supports(kept, gone),
        **{label: _come_over(model._default_manager.filter(person=gone), kept) for label, model in WORDS},
        **_join_leaders(kept, gone),
    }


def part(joining: Joining, moved: Moved) -> None:
    """What is still the kept record's goes back."""
    kept, gone = joining.kept, joining.gone
    for label, model in (
        ("homes", Membership),
        ("teams", InitiativeMember),
        ("subscriptions", Subscription),
        ("supports", Support),
        ("leaders", LeaderProfile),
        *WORDS,
    ):
        model._default_manager.filter(pk__in=moved.get(label, []), person=kept).update(person=gone)
    Initiative.objects.filter(pk__in=moved.get("initiatives", []), proposed_by=kept).update(proposed_by=gone)
    both = [Support(initiative_id=number, person=gone, at=joining.at) for number in moved.get("supported", [])]
    Support.objects.bulk_create(both, ignore_conflicts=True)
    _part_calls(joining, moved)
    Membership.objects.filter(pk__in=moved.get("listed", []), person=kept).update(list_import=None)
    for role in InitiativeMember.Role:
        InitiativeMember.objects.filter(pk__in=moved.get(f"was_{role}", []), person=kept).update(role=role)
        left = Initiative.objects.filter(pk__in=moved.get(f"left_{role}", []))
        InitiativeMember.objects.bulk_create(InitiativeMember(initiative=each, person=gone, role=role) for each in left)


def foresee(kept: Person, gone: Person) -> Foreseen:
    return Foreseen({
        _("neighbourhoods"): len(_new_homes(kept, gone)),
        _("weekly letters"): Subscription.objects.live().filter(person=gone).count(),
        _("initiatives"): Initiative.objects.filter(proposed_by=gone).count(),
        _("teams"): InitiativeMember.objects.filter(person=gone).count(),
        _("page in the leaders’ network"): 0 if _has_page(kept) else LeaderProfile.objects.filter(person=gone).count(),
        _("calls to make"): CallMatter.objects.open().filter(person=gone).count(),
    })  # fmt: skip


# --- One kind of row each ---------------------------------------------------------------------------------------------------


def _come_over(rows: QuerySet[Any], kept: Person, column: str = "person") -> list[int]:
    numbers = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.model._default_manager.filter(pk__in=numbers).update(**{column: kept})
    return numbers


def _new_homes(kept: Person, gone: Person) -> list[Membership]:
    """Those of the gone record that say something new; "elsewhere" says nothing beside a neighbourhood that was named."""
    has = set(kept.memberships.values_list("neighbourhood", "kind"))
    rows = gone.memberships.order_by("pk")
    return [home for home in rows if (home.neighbourhood_id, home.kind) not in has and (home.neighbourhood_id or not has)]


def _join_homes(kept: Person, gone: Person) -> Moved:
    """Also the list from a file that brought the gone record: its team goes on seeing the person."""
    listed = []
    for home in gone.memberships.filter(list_import__isnull=False):
        same = kept.memberships.filter(neighbourhood=home.neighbourhood_id, kind=home.kind, list_import=None)
        if numbers := list(same.values_list("pk", flat=True)):
            same.update(list_import=home.list_import_id)
            listed += numbers
    new = [home.pk for home in _new_homes(kept, gone)]
    return {"homes": _come_over(Membership.objects.filter(pk__in=new), kept), "listed": listed}


def _join_teams(kept: Person, gone: Person) -> Moved:
    """In a team of both the weightier part stays, and nobody is counted twice; the journal remembers both parts as they were."""
    own = {member.initiative_id: member for member in kept.teams.all()}
    moved: Moved = {}
    for member in gone.teams.filter(initiative__in=own):
        before = own[member.initiative_id]
        moved.setdefault(f"left_{member.role}", []).append(member.initiative_id)
        member.delete()
        if WEIGHT[InitiativeMember.Role(member.role)] < WEIGHT[InitiativeMember.Role(before.role)]:
            moved.setdefault(f"was_{before.role}", []).append(before.pk)
            InitiativeMember.objects.filter(pk=before.pk).update(role=member.role)
    return moved | {"teams": _come_over(gone.teams.exclude(initiative__in=own), kept)}


def _join_supports(kept: Person, gone: Person) -> Moved:
    """One human is for an initiative once; the journal remembers what both were for."""
    both = gone.supports.filter(initiative__in=kept.supports.values("initiative"))
    supported = list(both.order_by("initiative_id").values_list("initiative_id", flat=True))
    both.delete()
    return {"supported": supported, "supports": _come_over(gone.supports.all(), kept)}


def _join_leaders(kept: Person, gone: Person) -> Moved:
    """The page in the leaders' network comes over where the kept record has none; else it stays behind, where nobody sees it."""
    if _has_page(kept):
        return {}
    return {"leaders": _come_over(LeaderProfile.objects.filter(person=gone), kept)}


def _has_page(person: Person) -> bool:
    return LeaderProfile.objects.filter(person=person).exists()


def _join_calls(kept: Person, gone: Person, at: datetime) -> Moved:
    """Calls made and matters to say come over, into the one open row the person has."""
    moved = {
        "calls": list(CallTask.objects.filter(person=gone).order_by("pk").values_list("pk", flat=True)),
        "matters": list(CallMatter.objects.filter(person=gone).order_by("pk").values_list("pk", flat=True)),
    }
    call_rows.hand_over(gone, kept, at)
    return moved


def _part_calls(joining: Joining, moved: Moved) -> None:
    """What is still to be said goes back into a row of each, unless one human picks up for both."""
    kept, gone = joining.kept, joining.gone
    CallTask.objects.filter(pk__in=moved.get("calls", []), person=kept, done_at__isnull=False).update(person=gone)
    CallMatter.objects.filter(pk__in=moved.get("matters", []), person=kept).update(person=gone)
    call_rows.regroup([kept, gone], joining.at)


privacy.on_merge(
    Mover(
        "programme",
        frozenset({
            "projects.Membership.person", "projects.Subscription.person", "projects.Initiative.proposed_by",
            "projects.InitiativeMember.person", "projects.CallTask.person", "projects.CallMatter.person",
            "projects.InitiativeAgreement.person", "projects.Support.person", "projects.Question.person", "projects.ChangeStory.person",
            "projects.LeaderProfile.person",
        }),
        join, part, foresee,
    )
)  # fmt: skip
for side in ("before", "after"):
    privacy.stays(f"projects.LeaderChange.{side}", "the journal says who led at the time")
