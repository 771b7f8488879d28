"""What initiatives came to, held against the same figures counted by hand."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from projects.models import InitiativeReport
from projects.models.outcomes import CHANNELS
from reports.definitions import REPORTS, Filters
from tests.makers import a_neighbourhood, an_animator, an_initiative, an_officer, ready, the_project

pytestmark = pytest.mark.django_db
REPORT = REPORTS["wyniki-inicjatyw"]


def rows_for(user: Any) -> dict[str, dict[str, Any]]:
    found = REPORT.rows(REPORT.queryset(user, Filters(), timezone.now()))
    keys = [column.key for column in REPORT.columns]
    return {row[0]: dict(zip(keys, row, strict=True)) for row in found}


def test_figures_are_those_written_down() -> None:
    project, day = the_project(), timezone.localdate()
    project.volunteer_hour_grosze = 3_050
    project.save()
    first = ready(an_initiative(kind="mini_project", status="finished", title="Ławka"))
    InitiativeReport.objects.update(face_to_face=7, online=0)
    for minutes in (90, 45):
        first.volunteer_work.create(done_on=day, people=1, minutes=minutes, what="Praca")
    for grosze in (1_050, 2_000):
        first.expenses.create(paid_on=day, what="Farby", grosze=grosze, receipt_number="1")
    second = an_initiative(title="Kino")
    InitiativeReport.objects.create(initiative=second, face_to_face=99)
    an_initiative(status="idea", title="Pomysł")
    found = rows_for(an_officer())
    assert set(found) == {"Ławka", "Kino"}
    bench = found["Ławka"]
    assert [bench[name] for name in (*CHANNELS, "minutes", "worth", "granted", "spent")] == [7, None, 0, None, 2.25, 68.62, 100, 30.5]
    assert [found["Kino"][name] for name in ("face_to_face", "minutes", "worth", "granted", "spent")] == [None, 0, 0, None, 0]
    totals = REPORT.totals(an_officer(), Filters(), timezone.now())
    assert (totals["rows"], totals["face_to_face"], totals["minutes"], totals["spent"]) == (2, 7, 2.25, 30.5)


def test_an_animator_sees_their_own_and_the_page_opens() -> None:
    ugorek, azory = a_neighbourhood("Ugorek"), a_neighbourhood("Azory")
    an_initiative(ugorek, title="Ławka"), an_initiative(azory, title="Kino")
    animator = an_animator(ugorek)
    assert set(rows_for(animator)) == {"Ławka"}
    client = Client()
    client.force_login(animator)
    page = client.get(reverse("report_detail", args=[REPORT.slug]))
    assert (page.status_code, "Ławka" in page.content.decode()) == (200, True)
    assert client.get(reverse("report_export", args=[REPORT.slug, "csv"])).status_code in (200, 405)
