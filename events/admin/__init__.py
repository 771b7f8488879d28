"""Events, sign-ups, people, calls and mails in the panel."""

from events.admin import calls, events, mails, people, registrations, trips

__all__ = ["calls", "events", "mails", "people", "registrations", "trips"]
