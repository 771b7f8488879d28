"""What contacts are told about events and sign-ups; importing the package registers its letters."""

from events.emails import access, announcements, closing, digest, helping, names, own, plans, reminders, series, sign_ups, surveys, turns
from events.emails.closing import tell_to_close
from events.emails.plans import tell_change
from events.emails.telling import ask_guardian, ask_to_call, call_for_answers, drop_calls, drop_guardian_calls, tell, tell_registered

__all__ = [
    "access", "announcements", "ask_guardian", "ask_to_call", "call_for_answers", "closing", "digest", "drop_calls",
    "drop_guardian_calls", "helping", "names", "own", "plans", "reminders", "series", "sign_ups", "surveys", "tell", "tell_change",
    "tell_registered", "tell_to_close", "turns",
]  # fmt: skip
