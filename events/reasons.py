"""What the caller says, by the message a matter of a call stands for, and what of it is a question."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.amounts import zloty
from events.models import Announcement, Event, EventChange, Registration
from events.rules import manageable_registrations
from participants.models import User
from projects.domain import takedown
from projects.domain.telling import MEANING
from projects.models import (
    Answer,
    CallMatter,
    CallTask,
    Initiative,
    InitiativeReport,
    LeaderChange,
    MilestoneDelay,
    Question,
    StatusChange,
    TakeDown,
)

MOVED_SINCE = gettext_lazy("The event has been moved: say the new date first.")
REASONS = {
    "registration_held": gettext_lazy("Ask whether they come: the place is held for them."),
    "registration_promoted": gettext_lazy("A place has come free for them. Ask whether they come."),
    "registration_offered": gettext_lazy("A place has come free and is kept for them a while. Ask whether they come."),
    "registration_first_answer": gettext_lazy("A place is free, and whoever answers first gets it. Ask whether they come."),
    "guardian_asked": gettext_lazy("A young person in their care has signed up. Ask whether they agree."),
    "announcement": gettext_lazy("The team has a message for them: read it out."),
    "access_answer": gettext_lazy("Say whether what they asked for is arranged; it stands at the sign-up."),
    "access_late": gettext_lazy("Say that we are late with an answer about what they need, and ask what they cannot do without."),
    "registration_again": gettext_lazy("Somebody typed this number a second time. Ask what they need."),
    "event_cancelled": gettext_lazy("The event has been cancelled."),
    "leader_renewal": gettext_lazy("Their year in the leaders’ network ends. Ask whether they stay; staying takes a new paper."),
    "event_moved": gettext_lazy("The event has been moved. Say the new date and ask whether they come."),
    "initiative_moved": gettext_lazy("Their initiative has moved on. Tell them what has become of it, and why."),
    "promise_put_off": gettext_lazy("Something promised to their initiative will be done later. Tell them why, and the new day."),
    "initiative_joined": gettext_lazy("Somebody else had the same idea. Tell them that both go on together."),
    "question_asked": gettext_lazy("Somebody asks about their initiative. Read the question out; write down the answer if they have one."),
    "answer_hidden": gettext_lazy("Their answer to a question is not shown. Tell them why."),
    "taken_down": gettext_lazy(
        "Something of theirs has been taken off the portal. Say why, and that they may object: the coordinator looks again."
    ),
    "put_back": gettext_lazy("What had been taken off the portal is there again. Tell them."),
    "leader_changed": gettext_lazy(
        "Somebody else leads the initiative now. Tell them who, and why. The new link is for the new leader alone; it stands on the slip."
    ),
    "report_due": gettext_lazy("The report of their initiative is due. Ask whether they need help with it."),
    "report_asked_again": gettext_lazy("Something in the report of their initiative is to be changed. Tell them what."),
}
# An offered or a held place waits for the answer: after two calls that nobody answered it goes to the next in the queue.
HOLDING = frozenset({"registration_held", "registration_promoted", "registration_offered", "guardian_asked"})
# A yes or a no to these does something to places; the rest is told.
ASKING = HOLDING | {"registration_first_answer", "event_moved"}


@dataclass(frozen=True)
class Saying:
    """One matter as the caller reads it: the sentence, the event, and whatever else is to be read out.

    ``registration`` is set where the reader manages the sign-up; ``text`` is a message of the team.
    """

    matter: CallMatter
    sentence: str
    event: Event | None = None
    lines: Sequence[str] = ()
    registration: Registration | None = None
    announcement: Announcement | None = None

    @property
    def asks(self) -> bool:
        return self.matter.reason in ASKING


def with_news(matters: QuerySet[CallMatter]) -> QuerySet[CallMatter]:
    """Adds ``event_title``, and ``moved_since``: whether the event has been moved after the matter was put on the list."""
    about = Cast(KeyTextTransform("registration", "context"), BigIntegerField())
    moves = EventChange.objects.filter(kind=EventChange.Kind.MOVED, event__registrations=OuterRef("about"), at__gte=OuterRef("created_at"))
    title = Registration.objects.filter(pk=OuterRef("about")).values("event__title_pl")
    return matters.annotate(about=about, moved_since=Exists(moves), event_title=Subquery(title))


def reason_of(matter: CallMatter) -> str:
    """The sentence to say; needs ``with_news`` to add that the event has been moved meanwhile."""
    said = str(REASONS.get(matter.reason, matter.reason))
    moved = getattr(matter, "moved_since", False) and matter.reason in ASKING and matter.reason != "event_moved"
    return f"{MOVED_SINCE} {said}" if moved else said


def sayings(task: CallTask, user: User) -> list[Saying]:
    """Everything the call is about; a constant number of queries."""
    matters = list(with_news(task.matters.all()))
    about = [matter.context.get("registration") for matter in matters]
    found = Registration.objects.filter(pk__in=about).select_related("event__venue", "event__project").prefetch_related("event__changes")
    registrations = {registration.pk: registration for registration in found}
    own = set(manageable_registrations(user).filter(pk__in=about).values_list("pk", flat=True))
    written = Announcement.objects.in_bulk([matter.context["announcement"] for matter in matters if "announcement" in matter.context])
    said = []
    for matter in matters:
        saying = Saying(matter, reason_of(matter), announcement=written.get(matter.context.get("announcement", 0)))
        if matter.context.keys() & {"change", "initiative"}:
            saying = replace(saying, lines=initiative_lines(matter))
        registration = registrations.get(matter.context.get("registration", 0))
        if registration is not None:
            theirs = registration if registration.pk in own else None
            saying = replace(saying, event=registration.event, lines=event_lines(registration.event), registration=theirs)
        said.append(saying)
    return said


def initiative_lines(matter: CallMatter) -> list[str]:
    """The initiative to name; for a move its state and the reasons to read out, for a promise what was put off, why and until when."""
    change = StatusChange.objects.select_related("initiative").filter(pk=matter.context.get("change")).first()
    if change is not None:
        state = str(change.get_after_display()).capitalize()
        meaning = str(MEANING.get(Initiative.Status(change.after), ""))
        return [change.initiative.title, state, *filter(None, [meaning, zloty(change.granted), change.reason])]
    delay = MilestoneDelay.objects.select_related("milestone__initiative").filter(pk=matter.context.get("delay")).first()
    if delay is not None:
        new_day = _("New day: %(day)s") % {"day": date_format(delay.due_after)}
        return [delay.milestone.initiative.title, delay.milestone.what, delay.reason, new_day]
    initiative = Initiative.objects.select_related("joined_to").filter(pk=matter.context.get("initiative")).first()
    if initiative is None:
        return []
    joined = [initiative.joined_to.title] if initiative.joined_to else []
    asked = InitiativeReport.objects.filter(pk=matter.context.get("report")).values_list("asked_again", flat=True).first()
    return [initiative.title, *joined, *([asked] if asked else []), *told_lines(matter)]


def told_lines(matter: CallMatter) -> list[str]:
    """What else the matter is about; an initiative's matter is about one of these at most."""
    return [*leader_lines(matter), *dialogue_lines(matter), *takedown_lines(matter)]


def leader_lines(matter: CallMatter) -> list[str]:
    """Who leads now, and why."""
    handed = LeaderChange.objects.select_related("after").filter(pk=matter.context.get("leader_change")).first()
    if handed is None:
        return []
    return [*([_("Leads now: %(name)s") % {"name": handed.after.name}] if handed.after else []), handed.reason]


def dialogue_lines(matter: CallMatter) -> list[str]:
    """The question about the initiative while it is shown, and for a hidden answer the reason."""
    question = Question.objects.filter(pk=matter.context.get("question")).first()
    answer = Answer.objects.filter(pk=matter.context.get("answer")).first()
    asked = [question.text] if question and question.is_shown else []
    return [*asked, *([answer.hidden_reason] if answer and answer.hidden_reason else [])]


def takedown_lines(matter: CallMatter) -> list[str]:
    """What was taken down and why, or what is there again; the words themselves are not read out."""
    act = TakeDown.objects.newest_acts().filter(pk=matter.context.get("act")).first()
    if act is None:
        return []
    why = f"{act.get_why_display()}. {act.sentence}" if act.act == TakeDown.Act.DOWN else ""
    return [takedown.kind_of(act), *([why] if why else [])]


def event_lines(event: Event) -> list[str]:
    """The date and place to read out, and what became of the plan."""
    lines = [f"{when(event.starts_at)}, {event.venue or ''}".rstrip(", ")]
    change = next(iter(event.changes.all()), None) if event.sequence else None
    if change is not None:
        lines += [_("It was to be: %(when)s") % {"when": when(change.starts_before)}] if not event.is_cancelled else []
        lines.append(f"{change.get_kind_display()}: {change.reason}")
    return lines


def when(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
