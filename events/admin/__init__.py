"""Events, sign-ups, people, lists, calls and mails in the panel."""

from events.admin import access, calls, events, joining, lists, mails, people, registrations, trips

__all__ = ["access", "calls", "events", "joining", "lists", "mails", "people", "registrations", "trips"]
