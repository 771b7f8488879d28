"""Whether an edition may meet residents: a checklist the coordinator works through; upper floors add what they know.

An edition that has ended is history: it collects nothing, so nothing is asked of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participants.models import Notice
from projects.models import Assignment, Neighbourhood, Project
from projects.models.neighbourhoods import NeighbourhoodQuerySet

PROJECT = "admin:projects_project_change"
Text = str | Promise
# Where the missing thing is put right: the name of a page of the panel, with the edition's number when it is asked for.
Page = tuple[str, bool]
Look = Callable[[Project, date], str]


@dataclass(frozen=True)
class Answer:
    """One line of the checklist as it stands: what is looked at, and in words what is missing (empty: nothing)."""

    code: str
    label: Text
    missing: str
    page: str
    of_project: bool

    @property
    def is_done(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class Check:
    label: Text
    page: Page
    look: Look


_checks: dict[str, Check] = {}


def check(code: str, label: Text, *, page: str, of_project: bool = False) -> Callable[[Look], Look]:
    """Registers a line of the checklist: the function says what is missing, or an empty text."""

    def keep(look: Look) -> Look:
        _checks[code] = Check(label, (page, of_project), look)
        return look

    return keep


def checklist(project: Project, on: date | None = None) -> list[Answer]:
    """Every line as it stands on the day, in the order of registering; empty for an edition that has ended."""
    day = on or timezone.localdate()
    if project.ends_on is not None and project.ends_on < day:
        return []
    return [Answer(code, each.label, each.look(project, day), *each.page) for code, each in _checks.items()]


def missing(project: Project, on: date | None = None) -> list[Answer]:
    """The lines that keep the edition from being published; empty when it is ready."""
    return [answer for answer in checklist(project, on) if not answer.is_done]


def _polish(project: Project, name: str) -> str:
    """A text of the edition in Polish, which the other languages fall back to."""
    return str(getattr(project, f"{name}_pl") or "").strip()


@check("controller", gettext_lazy("Data controller"), page=PROJECT, of_project=True)
def _controller(project: Project, on: date) -> str:
    """GDPR, art. 13(1)(a)."""
    return "" if _polish(project, "controller") else _("Write who the data controller is, with the address.")


@check("protection_officer", gettext_lazy("Data-protection officer"), page=PROJECT, of_project=True)
def _protection_officer(project: Project, on: date) -> str:
    """GDPR, art. 13(1)(b) and 37(1)(a): a public body has one."""
    return "" if _polish(project, "protection_officer") else _("Write how to reach the data-protection officer.")


@check("notices", gettext_lazy("Privacy notices"), page="admin:participants_notice_changelist")
def _notices(project: Project, on: date) -> str:
    """Each form needs its notice in Polish; the other languages fall back to it (GDPR-01)."""
    published = set(Notice.objects.filter(published_at__date__lte=on, language="pl").values_list("purpose", flat=True))
    lacking = [str(purpose.label) for purpose in Notice.Purpose if purpose not in published]
    return _("Publish in Polish: %(notices)s.") % {"notices": ", ".join(lacking)} if lacking else ""


@check("phones", gettext_lazy("Phone line and e-mail"), page=PROJECT, of_project=True)
def _phones(project: Project, on: date) -> str:
    """Whoever has no e-mail signs up by phone, so there has to be one, with its hours (GDPR-05)."""
    if not project.phone_line.strip() or not _polish(project, "phone_hours"):
        return _("Write the number of the phone line and its hours.")
    return "" if project.contact_email else _("Write the e-mail of the programme: answers to mails go there.")


def _places(project: Project) -> NeighbourhoodQuerySet:
    return Neighbourhood.objects.published().filter(projects=project)


@check("estates", gettext_lazy("Neighbourhoods"), page="admin:projects_neighbourhood_changelist")
def _estates(project: Project, on: date) -> str:
    if _places(project).exists():
        return ""
    return _("Choose at least one published neighbourhood for this edition, on the neighbourhood’s own page.")


@check("people", gettext_lazy("Team of the edition"), page="admin:projects_assignment_changelist")
def _people(project: Project, on: date) -> str:
    """An animator for every neighbourhood, and somebody of the office who decides."""
    live = Assignment.objects.live(on)
    staffed = live.filter(role=Assignment.Role.ANIMATOR).values("neighbourhood")
    empty = list(_places(project).exclude(pk__in=staffed).in_order().values_list("name", flat=True))
    if empty:
        return _("No animator for: %(names)s.") % {"names": ", ".join(empty)}
    return "" if live.filter(role=Assignment.Role.OFFICER).exists() else _("Give somebody of the office the role of officer.")
