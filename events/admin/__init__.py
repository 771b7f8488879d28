"""Events, sign-ups, people, lists, calls, mails, the leaders' network, the learning journey and questionnaires in the panel."""

from events.admin import (
    access,
    calls,
    events,
    joining,
    journey,
    lists,
    mails,
    network,
    people,
    questionnaires,
    registrations,
    surveys,
    trips,
)

__all__ = [
    "access", "calls", "events", "joining", "journey", "lists", "mails", "network", "people", "questionnaires", "registrations",
    "surveys", "trips",
]  # fmt: skip
