"""What every paper about events shares: short address and its code, the phone line, the colour of the estate."""

import json
import re
from dataclasses import dataclass
from hashlib import sha1
from io import BytesIO
from textwrap import shorten
from typing import Any

import qrcode
from django.conf import settings
from django.core.cache import caches
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from qrcode.image.svg import SvgPathImage

from active_citizens.core import pdf
from active_citizens.core.templatetags.components import tone_of
from active_citizens.core.text import bind
from events.models import Event, EventChange
from events.templatetags.events import day, hours, hours_before, last_move
from projects.models import Project, Venue

EMBLEMS = settings.BASE_DIR / "static" / "img" / "emblems"
# Seconds for which a paper without people in it is kept by what it says.
KEPT = 3600


@dataclass(frozen=True)
class Paper:
    """A paper ready to be set: everything it says is in ``data``, in the language it is for."""

    template: str
    title: str
    language: str
    data: dict[str, Any]

    @property
    def file_name(self) -> str:
        """Derived from the title (BIP-06), in letters every computer takes."""
        return f"{slugify(self.title.translate(str.maketrans('łŁ', 'lL')))[:80].strip('-') or self.template}.pdf"

    @property
    def mark(self) -> str:
        """The same for papers that say the same, for caches."""
        said = json.dumps([self.template, self.title, self.language, self.data], sort_keys=True)
        return sha1(said.encode(), usedforsecurity=False).hexdigest()

    def file(self) -> bytes:
        return pdf.render(self.template, self.data, language=self.language, title=self.title)

    def kept_file(self) -> bytes:
        """The file, set once an hour at most in each process; only for papers that name nobody."""
        pages = caches["pages"]
        made: bytes | None = pages.get(f"paper:{self.mark}")
        if made is None:
            made = self.file()
            pages.set(f"paper:{self.mark}", made, KEPT)
        return made


def cut(text: str, limit: int) -> str:
    """The text on one line and bound, ending with a whole word and „…" when it is longer than the limit."""
    short = shorten(text, limit, placeholder="…")
    if short == "…":
        short = f"{text.strip()[: limit - 1]}…"
    # The groups of a telephone number stay together.
    return bind(re.sub(r"(?<=\d) (?=\d)", "\N{NO-BREAK SPACE}", short))


# --- Where to look --------------------------------------------------------------------------------------------------------


def code(url: str) -> str:
    """The address as a QR code in SVG: error level M, with its quiet zone."""
    drawing = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    drawing.add_data(url)
    file = BytesIO()
    drawing.make_image(image_factory=SvgPathImage).save(file)
    return file.getvalue().decode()


def typed(path: str) -> str:
    """The address of a path as people type it: „portal.example/w/12"."""
    return f"{settings.SITE_URL.partition('//')[2]}{path}".removesuffix("/")


def link(path: str, query: str = "") -> dict[str, str]:
    """The address to type, and its code with the alternative text; the query only the code carries."""
    shown = typed(path)
    return {
        "typed": shown,
        "code": code(f"{settings.SITE_URL}{path}{query}"),
        "alt": _("The QR code leads to %(address)s") % {"address": shown},
    }


def short_path(event: Event) -> str:
    """The event's address that fits a line of a paper."""
    return reverse("short_event", args=[event.pk])


def in_language() -> str:
    """What makes a short address lead to the paper's language; the programme's own needs nothing."""
    language = get_language()
    return "" if language in (None, settings.LANGUAGE_CODE) else f"?lang={language}"


def dress(slug: str) -> dict[str, str]:
    """The colour and the emblem of an estate; of none, the programme's ink and no emblem."""
    drawn = slug if slug and (EMBLEMS / f"{slug}.svg").is_file() else "estate" if slug else ""
    return {"tone": tone_of(slug), "emblem": drawn}


def of_project(project: Project | None) -> dict[str, str]:
    """The phone line, the programme's name and who pays."""
    funder = project.funder if project else ""
    return {
        "phone": project.phone_line.replace(" ", "\N{NO-BREAK SPACE}") if project else "",
        "phone_hours": bind(project.phone_hours) if project else "",
        "programme": bind(project.title) if project else "",
        "money": bind(_("Paid for by: %(funder)s") % {"funder": cut(funder, 160)}) if funder else "",
    }


def step_free(venue: Venue) -> str:
    """„wejście bez schodów"; what has not been checked is said to be so."""
    state = str(venue.get_step_free_display())
    return _("Entrance: %(state)s") % {"state": state} if venue.step_free == Venue.StepFree.UNKNOWN else state


# --- When, and whether at all ---------------------------------------------------------------------------------------------


def leaf(event: Event) -> dict[str, str]:
    """The day of the start as a leaf of a calendar: „wtorek", „3", „czerwca", „2026"."""
    start = timezone.localtime(event.starts_at)
    weekday = date_format(start, "l")
    return {
        "weekday": weekday if get_language() == "en" else weekday.lower(),
        "day": str(start.day),
        "month": date_format(start, "j E").split(" ", 1)[1],
        "year": str(start.year),
    }


def news(event: Event) -> dict[str, str]:
    """What has become of the plan: ``state`` is cancelled, moved or empty; the word for it, what was to be, and why."""
    if event.is_cancelled:
        return {"state": "cancelled", "word": _("Called off"), "before": "", "reason": cut(event.cancel_reason, 300)}
    change = last_move(event)
    if change is None:
        return {"state": "", "word": "", "before": "", "reason": ""}
    new_date = (change.starts_before, change.ends_before) != (event.starts_at, event.ends_at)
    return {
        "state": "moved",
        "word": _("New date") if new_date else _("New place"),
        "before": _("It was to be: %(when)s") % {"when": _before(change, new_date)},
        "reason": cut(change.reason, 300),
    }


def _before(change: EventChange, new_date: bool) -> str:
    if new_date or change.venue_before is None:
        return f"{day(change.starts_before)}, {hours_before(change)}"
    return bind(f"{change.venue_before.name}, {change.venue_before.address}")


def when(event: Event) -> dict[str, Any]:
    return {"leaf": leaf(event), "day": day(event.starts_at), "hours": hours(event), "one_day": _one_day(event), **news(event)}


def _one_day(event: Event) -> bool:
    return timezone.localdate(event.starts_at) == timezone.localdate(event.ends_at)
