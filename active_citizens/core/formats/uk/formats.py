"""Ukrainian dates as Polish ones: day first, the 24-hour clock, ISO and dotted input."""

from active_citizens.core.formats.pl.formats import *  # noqa: F403 - the same customs
