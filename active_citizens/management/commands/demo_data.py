"""Scale data: many invented people signed up for many past events, to measure with."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from events.models import Event, Registration, Seat, SeatMove
from participants.models import Person
from projects.models import Neighbourhood, Project, Venue

BATCH = 5000
PEOPLE_PER_EVENT = 100
NAMES = ["Zofia", "Łukasz", "Ćwiek", "Żaneta", "Święcisława", "Jan", "Ola", "Gaweł"]


class Command(BaseCommand):
    help = "Adds invented people with one past sign-up each, marked as demo data; remove_demo takes them away. Needs DEMO=1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=100_000, help="how many people (default 100000)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or settings.TESTING):
            raise CommandError("Scale data is for the demo: set DEMO=1.")
        project = Project.objects.filter(is_demo=True).first()
        if project is None:
            raise CommandError("Load the demo edition first: manage.py load_demo.")
        first = Person.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        for start in range(0, options["people"], BATCH):
            self._batch(project, first + start, min(BATCH, options["people"] - start))
            self.stdout.write(f"{min(start + BATCH, options['people'])} people", ending="\r")
        self.stdout.write(f"\n{options['people']} people with a past sign-up each were added.")

    @transaction.atomic
    def _batch(self, project: Project, first: int, size: int) -> None:
        events = self._events(project, first, -(-size // PEOPLE_PER_EVENT))
        people = Person.objects.bulk_create(
            Person(
                name=f"{NAMES[number % len(NAMES)]} Pokazowa-{first + number}",
                email=f"pokaz{first + number}@example.org",
                verified_at=timezone.now(),
                is_demo=True,
            )
            for number in range(size)
        )
        registrations = Registration.objects.bulk_create(
            Registration(
                event=events[number // PEOPLE_PER_EVENT],
                person=person,
                contact=person.contact,
            )
            for number, person in enumerate(people)
        )
        seats = Seat.objects.bulk_create(
            Seat(
                registration=registration,
                event_id=registration.event_id,
                name=registration.person.name,
                status=Seat.Status.CONFIRMED,
                attendance=Seat.Attendance.CAME if registration.person.pk % 4 else Seat.Attendance.ABSENT,
            )
            for registration in registrations
        )
        SeatMove.objects.bulk_create(
            SeatMove(seat=seat, after=Seat.Status.CONFIRMED, why=SeatMove.Why.SIGNED_UP, at=seat.created_at) for seat in seats
        )

    def _events(self, project: Project, first: int, count: int) -> list[Event]:
        """Past events of two hours each, a day apart, spread over the neighbourhoods."""
        venue = Venue.objects.filter(is_demo=True).first()
        places = list(Neighbourhood.objects.published())
        latest = timezone.now() - timedelta(days=30)
        events = Event.objects.bulk_create(
            Event(
                project=project,
                slug=f"pomiar-{first}-{number}",
                title=f"Spotkanie pomiarowe {first}-{number}",
                summary="Dane pokazowe do pomiarów.",
                venue=venue,
                starts_at=latest - timedelta(days=number),
                ends_at=latest - timedelta(days=number) + timedelta(hours=2),
                access_contact="12 000 00 00",
                status=Event.Status.PUBLISHED,
                published_at=latest - timedelta(days=number + 20),
                capacity=PEOPLE_PER_EVENT,
                is_demo=True,
            )
            for number in range(count)
        )
        through = Event.neighbourhoods.through
        through.objects.bulk_create(
            through(event_id=event.pk, neighbourhood_id=places[number % len(places)].pk) for number, event in enumerate(events)
        )
        return events
