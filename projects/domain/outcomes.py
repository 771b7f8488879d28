"""What an initiative came to, for everybody: the story, people reached, hours and their worth, money, and stories of a change."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery, Sum

from active_citizens.core.models import label_of
from projects.domain import running
from projects.domain.reporting import OVER
from projects.models import ChangeStory, Expense, Initiative, InitiativeReport, VolunteerWork
from projects.models.outcomes import CHANNELS


@dataclass(frozen=True)
class Outcome:
    """What the public page shows; ``channels`` are pairs of a label and a number, ``granted`` and ``spent`` are in grosze."""

    story: str
    channels: list[tuple[str, int]]
    worked: running.Worked
    granted: int | None
    spent: int
    stories: list[ChangeStory]

    @property
    def has_results(self) -> bool:
        return bool(self.channels or self.worked.minutes or self.granted or self.spent)


def outcome_of(initiative: Initiative) -> Outcome:
    """Results once the team has accepted them, the story once it was published.

    Two queries where ``report`` and ``agreement`` came with the initiative.
    """
    found = getattr(initiative, "report", None)
    report = found if found and found.handed_in_at else None
    stories = list(ChangeStory.objects.published().filter(initiative=initiative))
    story = report.story_shown if report else ""
    if initiative.status not in OVER:
        return Outcome(story, [], running.Worked(0, None), None, 0, stories)
    minutes, spent = _sums(initiative)
    granted = getattr(getattr(initiative, "agreement", None), "grosze", None)
    return Outcome(story, channels_of(report), running.worth_of(minutes, initiative), granted, spent, stories)


def _sums(initiative: Initiative) -> tuple[int, int]:
    """Minutes of volunteers and money spent; one query."""
    work, expenses = (model._default_manager.filter(initiative=OuterRef("pk")).order_by() for model in (VolunteerWork, Expense))
    minutes = work.values("initiative").values(all=Sum("minutes"))
    spent = expenses.values("initiative").values(all=Sum("grosze"))
    both = Initiative.objects.filter(pk=initiative.pk).values_list(Subquery(minutes), Subquery(spent)).get()
    return both[0] or 0, both[1] or 0


def channels_of(report: InitiativeReport | None) -> list[tuple[str, int]]:
    """People reached, by channel; a channel nobody was reached by is left out."""
    if report is None:
        return []
    return [(label_of(InitiativeReport, name), number) for name in CHANNELS if (number := getattr(report, name))]
