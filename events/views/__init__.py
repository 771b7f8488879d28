"""Public pages of events and sign-ups: fetch, form, verb, redirect."""
