"""Events, sign-ups, people, lists, calls, mails, the learning journey and questionnaires in the panel."""

from events.admin import access, calls, events, joining, journey, lists, mails, people, questionnaires, registrations, surveys, trips

__all__ = [
    "access", "calls", "events", "joining", "journey", "lists", "mails", "people", "questionnaires", "registrations", "surveys", "trips",
]  # fmt: skip
