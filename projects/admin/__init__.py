"""The programme's desk in the panel."""

from projects.admin import (
    grant_calls,
    initiatives,
    modules,
    programme,
    promises,
    questions,
    reviews,
    staff,
    stories,
    takedowns,
    texts,
    vetting,
)

__all__ = [
    "grant_calls",
    "initiatives",
    "modules",
    "programme",
    "promises",
    "questions",
    "reviews",
    "staff",
    "stories",
    "takedowns",
    "texts",
    "vetting",
]
