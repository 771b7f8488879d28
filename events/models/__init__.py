from events.models.access import AccessRequest
from events.models.announcements import Announcement
from events.models.certificates import Certificate
from events.models.changes import EventChange
from events.models.closings import Agreement, ClosingPhoto, EventClosing
from events.models.draws import Draw
from events.models.events import Event
from events.models.heads import HeadCount
from events.models.helping import EventHelper
from events.models.questionnaires import Moment, Question, Questionnaire
from events.models.registrations import Registration
from events.models.seats import Seat, SeatMove
from events.models.series import EventLeader, Series
from events.models.surveys import Survey, SurveySheet
from events.models.trainings import Training, TrainingPerson
from events.models.trips import StudyTrip

__all__ = [
    "AccessRequest",
    "Agreement",
    "Announcement",
    "Certificate",
    "ClosingPhoto",
    "Draw",
    "Event",
    "EventChange",
    "EventClosing",
    "EventHelper",
    "EventLeader",
    "HeadCount",
    "Moment",
    "Question",
    "Questionnaire",
    "Registration",
    "Seat",
    "SeatMove",
    "Series",
    "StudyTrip",
    "Survey",
    "SurveySheet",
    "Training",
    "TrainingPerson",
]
