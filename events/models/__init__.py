from events.models.access import AccessRequest
from events.models.announcements import Announcement
from events.models.changes import EventChange
from events.models.closings import Agreement, ClosingPhoto, EventClosing
from events.models.draws import Draw
from events.models.events import Event
from events.models.heads import HeadCount
from events.models.registrations import Registration
from events.models.seats import Seat, SeatMove
from events.models.series import EventLeader, Series
from events.models.trips import StudyTrip

__all__ = [
    "AccessRequest",
    "Agreement",
    "Announcement",
    "ClosingPhoto",
    "Draw",
    "Event",
    "EventChange",
    "EventClosing",
    "EventLeader",
    "HeadCount",
    "Registration",
    "Seat",
    "SeatMove",
    "Series",
    "StudyTrip",
]
