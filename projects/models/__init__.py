from projects.models.agreements import Filing, Ground, InitiativeAgreement
from projects.models.assignments import Assignment
from projects.models.calls import CallMatter, CallTask, CallTry
from projects.models.delivery import Expense, LeaderChange, VolunteerWork
from projects.models.dialogue import Answer, Question, Said, Support
from projects.models.grant_calls import GrantCall, GrantResult
from projects.models.initiatives import Initiative, InitiativeMember, Partnership, StatusChange
from projects.models.leaders import LeaderProfile
from projects.models.lists import ListImport
from projects.models.modules import Module
from projects.models.neighbourhoods import Membership, Neighbourhood, StreetRange, Venue
from projects.models.outcomes import ChangeStory, InitiativeReport
from projects.models.plans import BudgetLine, Contribution, Plan
from projects.models.projects import HistoryItem, Project, ProjectPartner, Stage
from projects.models.promises import Milestone, MilestoneDelay
from projects.models.reviews import AnswerTemplate, ReviewNote
from projects.models.subscriptions import Subscription
from projects.models.takedowns import TakeDown
from projects.models.vetting import Vetting

__all__ = [
    "Answer",
    "AnswerTemplate",
    "Assignment",
    "BudgetLine",
    "CallMatter",
    "CallTask",
    "CallTry",
    "ChangeStory",
    "Contribution",
    "Expense",
    "Filing",
    "GrantCall",
    "GrantResult",
    "Ground",
    "HistoryItem",
    "Initiative",
    "InitiativeAgreement",
    "InitiativeMember",
    "InitiativeReport",
    "LeaderChange",
    "LeaderProfile",
    "ListImport",
    "Membership",
    "Milestone",
    "MilestoneDelay",
    "Module",
    "Neighbourhood",
    "Partnership",
    "Plan",
    "Project",
    "ProjectPartner",
    "Question",
    "ReviewNote",
    "Said",
    "Stage",
    "StatusChange",
    "StreetRange",
    "Subscription",
    "Support",
    "TakeDown",
    "Venue",
    "Vetting",
    "VolunteerWork",
]
