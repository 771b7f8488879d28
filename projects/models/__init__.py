from projects.models.assignments import Assignment
from projects.models.calls import CallMatter, CallTask, CallTry
from projects.models.initiatives import Initiative, InitiativeMember, Partnership, StatusChange
from projects.models.lists import ListImport
from projects.models.modules import Module
from projects.models.neighbourhoods import Membership, Neighbourhood, StreetRange, Venue
from projects.models.projects import HistoryItem, Project, ProjectPartner, Stage
from projects.models.subscriptions import Subscription
from projects.models.vetting import Vetting

__all__ = [
    "Assignment",
    "CallMatter",
    "CallTask",
    "CallTry",
    "HistoryItem",
    "Initiative",
    "InitiativeMember",
    "ListImport",
    "Membership",
    "Module",
    "Neighbourhood",
    "Partnership",
    "Project",
    "ProjectPartner",
    "Stage",
    "StatusChange",
    "StreetRange",
    "Subscription",
    "Venue",
    "Vetting",
]
