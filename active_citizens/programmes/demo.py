"""The demo edition: invented people and events on the true estates, made through the same verbs residents use."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from active_citizens.programmes import demo_calls, demo_dialogue, demo_promises, demo_removal, demo_running, demo_week
from active_citizens.programmes.loader import Entry, columns, read
from events.domain import parties, places, plans, publication, rhythm, series
from events.models import Event, EventLeader, Registration, Seat, Series
from participants.domain.people import person_of
from participants.models import Message, Notice, Person, User
from projects.domain import workflow
from projects.domain.vetting import is_vetted
from projects.models import (
    Assignment,
    BudgetLine,
    Initiative,
    InitiativeMember,
    Membership,
    Module,
    Neighbourhood,
    Plan,
    Project,
    Stage,
    Venue,
    Vetting,
)

ATTENDANCE = {"c": Seat.Attendance.CAME, "e": Seat.Attendance.EXCUSED, "a": Seat.Attendance.ABSENT}


@dataclass(frozen=True)
class Cast:
    """Who and where the demo's entries mean by their names."""

    project: Project
    now: datetime
    people: dict[str, Person]
    estates: dict[str, Neighbourhood]

    def day(self, in_days: int) -> date:
        return timezone.localdate(self.now) + timedelta(days=in_days)

    def stage(self, number: int) -> Stage:
        return Stage.objects.get(project=self.project, number=number)

    def module(self, number: int) -> Module:
        return Module.objects.get(project=self.project, number=number)

    def animator(self, estate: Neighbourhood) -> User:
        return User.objects.get(assignments__role=Assignment.Role.ANIMATOR, assignments__neighbourhood=estate, assignments__is_demo=True)


def load(*, refresh: bool = False, at: datetime | None = None) -> Counter[str]:
    """Load the demo edition and say how many rows of each kind were made; where it stands already, nothing changes.

    With ``refresh`` a demo with nothing upcoming begins anew, its accounts stay. The true programme must be there.
    Raises RuleBroken: ``not_a_demo``, ``no_programme``.
    """
    if not (settings.DEMO or settings.TESTING):
        raise RuleBroken("not_a_demo", _("Demo data are loaded only where DEMO=1: this portal may be a real one."))
    now = at or timezone.now()
    tables = read(demo_removal.FILE)
    with transaction.atomic(), translation.override("pl"):
        if Project.objects.filter(slug=tables["project"]["slug"]).exists():
            if not refresh or has_upcoming(now):
                return Counter()
            demo_removal.remove_edition()
        cast = _cast(tables, now)
        for entry in tables["module"]:
            Module.objects.create(**columns(entry), project=cast.project, is_demo=True)
        for entry in tables["venue"]:
            Venue.objects.create(**columns({**entry, "neighbourhood": cast.estates[entry["neighbourhood"]]}), is_demo=True)
        for entry in tables["event"]:
            _event(cast, entry)
        demo_calls.announce(cast)
        initiatives = [_initiative(cast, entry) for entry in (*tables["initiative"], *demo_calls.tables()["initiative"])]
        demo_calls.decide(cast)
        demo_dialogue.fill(cast, tables["question"])
        demo_week.fill(cast)
        demo_week.join_network(cast, tables["leader"])
        # Nobody waits for mail about people who do not exist.
        Message.objects.filter(person__is_demo=True).delete()
    return Counter(
        project=1, venue=len(tables["venue"]), event=cast.project.events.count(), initiative=len(initiatives), person=len(cast.people)
    )


def has_upcoming(at: datetime | None = None) -> bool:
    """Whether the demo still has an event to come that visitors see."""
    return Event.objects.filter(project__is_demo=True).published().upcoming(at).exists()


# --- Loading ---------------------------------------------------------------------------------------------------------------


def _cast(tables: Entry, now: datetime) -> Cast:
    estates = {row.slug: row for row in Neighbourhood.objects.filter(slug__in=tables["neighbourhoods"])}
    if len(estates) < len(tables["neighbourhoods"]):
        raise RuleBroken("no_programme", _("The demo needs the neighbourhoods of the true programme: load it first."))
    people: dict[str, Person] = {}
    cast = Cast(_project(tables["project"], now), now, people, estates)
    for estate in estates.values():
        estate.projects.add(cast.project)
    for entry in tables["stage"]:
        Stage.objects.create(**_dated(cast, entry), project=cast.project)
    for entry in tables["account"]:
        user = _account(cast, entry, tables["password"])
        if "lives_in" in entry:
            people[entry["email"]] = _resident(cast, user, entry)
    for entry in tables["person"]:
        people[entry["key"]] = _person(cast, entry)
    for entry in tables["vetting"]:
        _vetting(cast, entry)
    return cast


def _project(entry: Entry, now: datetime) -> Project:
    values = {name: value for name, value in columns(entry).items() if name not in {"starts_in", "ends_in"}}
    today = timezone.localdate(now)
    return Project.objects.create(
        **values,
        starts_on=today + timedelta(days=entry["starts_in"]),
        ends_on=today + timedelta(days=entry["ends_in"]),
        # The home page shows the demo, unless the city has already put an edition of its own there.
        is_current=not Project.objects.filter(is_current=True).exists(),
        is_demo=True,
    )


def _dated(cast: Cast, entry: Entry) -> Entry:
    """The entry by columns, with its days counted from today."""
    values = columns(entry)
    for name in ("starts", "ends"):
        if f"{name}_in" in values:
            values[f"{name}_on"] = cast.day(values.pop(f"{name}_in"))
    return values


def _account(cast: Cast, entry: Entry, password: str) -> User:
    user = User.objects.filter(email=entry["email"]).first() or User.objects.create_user(entry["email"], password, name=entry["name"])
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    for role in entry.get("roles", []):
        Assignment.objects.get_or_create(
            user=user,
            role=role["role"],
            neighbourhood=cast.estates.get(role.get("neighbourhood")),
            is_demo=True,
            defaults={"authorisation": role["authorisation"], "starts_on": cast.day(-60)},
        )
    return user


def _vetting(cast: Cast, entry: Entry) -> None:
    """A check of the demo's own accounts; one that still counts stays when the demo begins anew."""
    user, checked_by = (User.objects.get(email=entry[name]) for name in ("email", "checked_by"))
    if not is_vetted(user, cast.day(0)):
        days = {"checked_on": cast.day(entry["checked_in"]), "next_due_on": cast.day(entry["due_in"])}
        Vetting.objects.create(user=user, checked_by=checked_by, reference=entry["reference"], **days)


def _resident(cast: Cast, user: User, entry: Entry) -> Person:
    person = person_of(user, at=cast.now)
    person.is_demo = True
    person.save(update_fields=["is_demo", "updated_at"])
    Membership.objects.get_or_create(person=person, neighbourhood=cast.estates[entry["lives_in"]])
    return person


def _person(cast: Cast, entry: Entry) -> Person:
    phone_only = "email" not in entry
    person = Person.objects.create(
        name=entry["name"],
        email=entry.get("email", ""),
        phone=entry.get("phone", ""),
        preferred_channel=Person.Channel.PHONE if phone_only else Person.Channel.EMAIL,
        language=entry.get("language", "pl"),
        age_band=entry["age_band"],
        verified_at=cast.now if entry.get("verified", True) else None,
        is_demo=True,
    )
    Membership.objects.create(person=person, neighbourhood=cast.estates[entry["lives_in"]])
    return person


def _event(cast: Cast, entry: Entry) -> Event:
    """Make the event, and walk it through its life: published, signed up for, held or called off."""
    day = cast.day(entry["in_days"])
    if "weekday" in entry:
        day += timedelta(days=(entry["weekday"] - day.isoweekday()) % 7)
    starts_at, ends_at = _moment(day, entry["starts"]), _moment(day, entry["ends"])
    names = {field.name for field in Event._meta.concrete_fields} - {"stage", "venue", "module", "series"}
    event = Event(
        **{name: value for name, value in columns(entry).items() if name in names},
        project=cast.project,
        stage=cast.stage(entry["stage"]),
        venue=Venue.objects.get(name=entry["venue"], is_demo=True),
        slug=publication.dated_slug(entry["title"]["pl"], starts_at),
        starts_at=starts_at,
        ends_at=ends_at,
        opens_at=starts_at - timedelta(days=entry["opens_before"]) if "opens_before" in entry else None,
        draw_at=starts_at - timedelta(days=entry["drawn_before"]) if "drawn_before" in entry else None,
        fallback_starts_at=starts_at + timedelta(days=entry["fallback_after"]) if "fallback_after" in entry else None,
        access_contact=f"{cast.project.phone_line} (numer zmyślony)",
        is_demo=True,
    )
    event.save(force_insert=True)
    event.neighbourhoods.set(cast.estates[slug] for slug in entry["neighbourhoods"])
    if "module" in entry:
        event.module = cast.module(entry["module"])
        event.save(update_fields=["module"])
    for leader in entry.get("leaders", []):
        _leader(event, leader)
    if entry.get("draft"):
        return event
    event = publication.publish(event, at=min(cast.now, starts_at - timedelta(days=14)))
    if "series" in entry:
        _series(cast, event, entry["series"])
    _sign_up(cast, event, entry)
    if "attendance" in entry:
        _note_attendance(event, entry["attendance"])
    if "cancelled" in entry:
        event = plans.cancel_event(event, entry["cancelled"], at=cast.now)
    return event


def _leader(event: Event, who: str) -> None:
    """Somebody of the team by the e-mail of the account, a guest by name."""
    account = User.objects.filter(email=who).first()
    role = EventLeader.Role.LEADS if account else EventLeader.Role.GUEST
    EventLeader.objects.create(event=event, user=account, name="" if account else who, role=role)


def _series(cast: Cast, event: Event, entry: Entry) -> None:
    """The other dates of the event, each with its module."""
    starts = rhythm.after(event.starts_at, entry["every"], count=len(entry["modules"]))
    dates = [series.Planned(start, module=cast.module(number)) for start, number in zip(starts, entry["modules"], strict=True)]
    made = series.make_series(event, dates, title=entry["title"]["pl"], whole=entry["whole"], publish=True, at=cast.now)
    titles = columns({"title": entry["title"]})
    Series.objects.filter(pk=made.pk).update(**titles)


def _moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=timezone.get_default_timezone())


def _sign_up(cast: Cast, event: Event, entry: Entry) -> None:
    notice = Notice.objects.current(Notice.Purpose.SIGN_UP, "pl")
    at = min(cast.now, event.starts_at - timedelta(days=7))
    for key, size in entry.get("sign_ups", []):
        person = cast.people[key]
        # Who has no e-mail rings the animator, and only the animator enters those who were invited.
        by_staff = not person.email or event.sign_up == Event.SignUp.INVITED
        places.register(
            event,
            person,
            [parties.Head(person.name if number == 1 else f"{person.name} – osoba {number}") for number in range(1, size + 1)],
            channel=Registration.Channel.PHONE if by_staff else Registration.Channel.WEB,
            actor=cast.animator(cast.estates[entry["neighbourhoods"][0]]) if by_staff else None,
            notice=notice,
            at=at,
        )


def _note_attendance(event: Event, letters: str) -> None:
    """One letter a seat, in the order of the sign-ups. Without the verb, which would log a look at people who do not exist."""
    seats = Seat.objects.filter(event=event).order_by("registration", "number")
    for seat, letter in zip(seats, letters, strict=False):
        seat.attendance, seat.attendance_at = ATTENDANCE[letter], event.starts_at + timedelta(minutes=10)
        seat.save(update_fields=["attendance", "attendance_at", "updated_at"])


def _initiative(cast: Cast, entry: Entry) -> Initiative:
    beside = {"neighbourhoods", "moves", "started", "plan", "budget", "grant_call", "promises", "running"}
    texts = {name: value for name, value in _dated(cast, entry).items() if name not in beside}
    texts["grant_call"] = demo_calls.call_of(entry)
    author = cast.people[entry["proposed_by"]]
    initiative = workflow.start(
        Initiative(**{**texts, "project": cast.project, "stage": cast.stage(entry["stage"]), "proposed_by": author, "is_demo": True}),
        actor=author.user,
        at=cast.now - timedelta(days=entry["started"]),
    )
    initiative.neighbourhoods.set(cast.estates[slug] for slug in entry["neighbourhoods"])
    InitiativeMember.objects.create(initiative=initiative, person=author, role=InitiativeMember.Role.LEADER)
    animator = cast.animator(cast.estates[entry["neighbourhoods"][0]])
    if "plan" in entry:
        Plan.objects.create(initiative=initiative, **entry["plan"])
    BudgetLine.objects.bulk_create(BudgetLine(initiative=initiative, what=what, grosze=grosze) for what, grosze in entry.get("budget", ()))
    for state, days_ago, reason, *complete_in in entry["moves"]:
        # Submitting is the author's own step; a person without an account has the animator do it.
        actor = (author.user or animator) if state == Initiative.Status.SUBMITTED else animator
        complete_by = timezone.localdate(cast.now) + timedelta(days=complete_in[0]) if complete_in else None
        at = cast.now - timedelta(days=days_ago)
        initiative = workflow.move(initiative, state, actor=actor, reason=reason, complete_by=complete_by, at=at)
        if state == Initiative.Status.RUNNING and "running" in entry:
            demo_running.fill(cast, initiative, entry["running"])
    demo_promises.promise_all(initiative, entry.get("promises", []), cast.now)
    return initiative
