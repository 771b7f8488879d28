"""What contacts are told about events and sign-ups; importing the package registers its letters."""

from events.emails import sign_ups
from events.emails.telling import ask_to_call, drop_calls, tell, tell_registered

__all__ = ["ask_to_call", "drop_calls", "sign_ups", "tell", "tell_registered"]
