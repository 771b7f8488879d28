"""Whatever is typed into the public forms of initiatives: a sentence comes back, never a broken page."""

import pytest
from django.test import Client

from projects.models import Initiative, InitiativeReport, Project
from tests.makers import a_neighbourhood, a_person, an_initiative, ready, the_project

pytestmark = pytest.mark.django_db
ODD = ["", "x" * 20_000, "\x00", "9" * 40, "9999-12-31", "-1", "1e309", "NaN", "<script>", "' OR 1=1", "🐟" * 300]
# So far as it is right, the form gets to the field that is not.
RIGHT = {
    "koszty-TOTAL_FORMS": "1", "koszty-INITIAL_FORMS": "0", "wklad-TOTAL_FORMS": "1", "wklad-INITIAL_FORMS": "0", "wklad-0-kind": "work",
    "where": "ugorek", "paid_on": "2026-01-02", "done_on": "2026-01-02", "on": "2026-01-02",
}  # fmt: skip
NAMES = [
    "what", "where", "who", "contact", "key", "to", "reason", "need", "aim", "koszty-0-what", "koszty-0-grosze", "koszty-TOTAL_FORMS",
    "koszty-INITIAL_FORMS", "koszty-0-id", "wklad-0-kind", "wklad-0-minutes", "wklad-TOTAL_FORMS", "wklad-INITIAL_FORMS", "paid_on",
    "grosze", "budget_line", "receipt_number", "done_on", "people", "minutes", "on", "text", "face_to_face", "at_events", "story",
    "email", "before", "change", "why", "told_as", "lang",
]  # fmt: skip


def own(status: str) -> Initiative:
    return ready(an_initiative(kind="mini_project", status=status, proposed_by=a_person()))


def addresses() -> list[str]:
    """Every public form of initiatives, each with an initiative that takes it."""
    plan, running, reporting = own("plan"), own("running"), own("reporting")
    InitiativeReport.objects.filter(initiative=reporting).update(handed_in_at=None)
    return [
        "/inicjatywy/zglos/",
        *(f"/moje/inicjatywy/{plan.own_key}/{part}" for part in ("", "plan/potrzeba/", "plan/koszty/", "plan/wklad/")),
        *(f"/moje/inicjatywy/{running.own_key}/{part}/" for part in ("wydatki", "godziny", "dziennik")),
        *(f"/moje/inicjatywy/{reporting.own_key}/sprawozdanie/{part}/" for part in ("ludzie", "opowiesc")),
        *(f"{running.get_absolute_url()}{part}/" for part in ("zapytaj", "obserwuj", "historia-zmiany")),
    ]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:8])
def test_no_form_breaks(odd: str) -> None:
    the_project()
    a_neighbourhood("Ugorek")
    Project.objects.update(questions_open=True)
    client = Client(raise_request_exception=False)
    asked = dict.fromkeys(("q", "page", "kind", "neighbourhood", "status", "osiedle"), odd)
    lists = ("/inicjatywy/", "/szukaj/", "/nabory/", "/liderzy/", "/organizacje/", "/inicjatywy/zglos/")
    answers = {f"GET {address}": client.get(address, asked).status_code for address in lists}
    for address in addresses():
        answers[f"POST {address}"] = client.post(address, dict.fromkeys(NAMES, odd)).status_code
        answers[f"POST {address} half right"] = client.post(address, {**dict.fromkeys(NAMES, odd), **RIGHT}).status_code
    assert {name: status for name, status in answers.items() if status >= 500} == {}
