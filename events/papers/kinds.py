"""The papers of one event that anybody may hang, by the names in their addresses."""

from collections.abc import Callable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.papers.event import large_print, notice, poster
from events.papers.frame import Paper


class Kind(NamedTuple):
    """A paper one can ask for: what it is called, what is on it, and how it is made in a language."""

    label: Promise
    about: Promise
    make: Callable[[Event, str], Paper]


KINDS = {
    "plakat": Kind(
        _("Poster"),
        _("One A4 page: title, day, hours, place, how to get in, the phone line and a code that leads to the event."),
        poster,
    ),
    "plakat-duzy-druk": Kind(
        _("Poster in large print"),
        _("A4, black on white, letters of 18 points and more, one thing a line. Usually two pages."),
        large_print,
    ),
    "ogloszenie": Kind(
        _("Notice for the stairwell"),
        _("Two small notices (A5) on one A4 page, with a line to cut along."),
        notice,
    ),
}
