"""Public pages of the programme: fetch, form, verb, redirect."""
