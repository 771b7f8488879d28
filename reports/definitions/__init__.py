"""The reports: each is one definition that the screen and every file are made from."""

from reports.definitions.base import Filters, Picked, Report
from reports.definitions.initiatives import InitiativeRegister
from reports.definitions.outcomes import InitiativeOutcomes
from reports.definitions.turnout import Turnout

REPORTS: dict[str, Report] = {report.slug: report for report in (Turnout(), InitiativeRegister(), InitiativeOutcomes())}

__all__ = ["REPORTS", "Filters", "Picked", "Report"]
