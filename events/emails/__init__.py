"""What contacts are told about events and sign-ups; importing the package registers its letters."""

from events.emails import access, digest, plans, series, sign_ups
from events.emails.plans import tell_change
from events.emails.telling import ask_guardian, ask_to_call, call_for_answers, drop_calls, drop_guardian_calls, tell, tell_registered

__all__ = [
    "access", "ask_guardian", "ask_to_call", "call_for_answers", "digest", "drop_calls", "drop_guardian_calls", "plans", "series", "sign_ups", "tell",
    "tell_change", "tell_registered",
]  # fmt: skip
