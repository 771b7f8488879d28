"""The demo's calls for mini-projects: one that takes plans, one whose results are published; and prepared answers to try."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from active_citizens.programmes.loader import HERE, Entry, columns, read
from participants.models import User
from projects.domain import grant_calls
from projects.domain.grant_calls import Verdict
from projects.models import AnswerTemplate, Assignment, GrantCall, Initiative

if TYPE_CHECKING:
    from active_citizens.programmes.demo import Cast

FILE = HERE / "demo_calls.toml"


def tables() -> Entry:
    return read(FILE)


def announce(cast: "Cast") -> None:
    """Write the calls and the prepared answers, before the initiatives that are handed in to them."""
    for entry in tables()["grant_call"]:
        GrantCall.objects.create(
            **columns({name: entry[name] for name in ("slug", "title", "summary", "rules", "places")}), project=cast.project,
            opens_at=_moment(cast, entry["opens_in"], 8), closes_at=_moment(cast, entry["closes_in"], 20),
            pool_grosze=entry["pool_zl"] * 100, is_published=True, is_demo=True,
        )  # fmt: skip
    for entry in tables()["answer_template"]:
        AnswerTemplate.objects.get_or_create(title=entry["title"], defaults={**entry, "is_demo": True})


def decide(cast: "Cast") -> None:
    """Publish the results of the closed call, as an officer of the demo would."""
    officer = User.objects.filter(assignments__role=Assignment.Role.OFFICER, assignments__is_demo=True).earliest("pk")
    for entry in tables()["grant_call"]:
        if "results" not in entry:
            continue
        call = GrantCall.objects.get(slug=entry["slug"])
        plans = dict(Initiative.objects.filter(grant_call=call).values_list("slug", "pk"))
        verdicts = {
            plans[slug]: Verdict(money > 0, money * 100 or None, reasons) for slug, (money, reasons) in entry["results"].items()
        }  # fmt: skip
        grant_calls.prepare(call, verdicts, actor=officer)
        grant_calls.publish_results(call, actor=officer, at=_moment(cast, entry["results_in"], 12))


def call_of(entry: Entry) -> GrantCall | None:
    return GrantCall.objects.get(slug=entry["grant_call"]) if "grant_call" in entry else None


def _moment(cast: "Cast", in_days: int, hour: int) -> datetime:
    day = timezone.localdate(cast.now) + timedelta(days=in_days)
    return datetime.combine(day, time(hour), tzinfo=timezone.get_default_timezone())
