from events.models.events import Event
from events.models.registrations import Registration
from events.models.seats import Seat, SeatMove
from events.models.trips import StudyTrip

__all__ = ["Event", "Registration", "Seat", "SeatMove", "StudyTrip"]
