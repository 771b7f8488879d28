"""Events, sign-ups, people, calls and mails in the panel."""

from events.admin import access, calls, events, mails, people, registrations, trips

__all__ = ["access", "calls", "events", "mails", "people", "registrations", "trips"]
