"""Initiatives in the panel: an idea entered at a picnic, twins, what must be there before it runs, team and partners."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from participants.models import AccessLog, Message, Person
from projects.domain import workflow
from projects.models import CallTask, Filing, Ground, Initiative, InitiativeAgreement, Project
from tests.makers import a_grant_call, a_neighbourhood, a_person, an_animator, an_initiative, an_officer, an_organisation, the_project

pytestmark = pytest.mark.django_db
HERE = "/panel/projects/initiative/"


@pytest.fixture
def ugorek() -> Any:
    the_project()
    return a_neighbourhood("Ugorek")


@pytest.fixture
def animator(client: Client, ugorek: Any) -> Any:
    user = an_animator(ugorek)
    client.force_login(user)
    return user


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_an_idea_from_a_picnic_gets_a_slip(client: Client, animator: Any, ugorek: Any) -> None:
    answer = client.post(f"{HERE}add/", {"what": "Kino pod blokiem", "where": ugorek.pk, "who": "Pani Halina", "contact": ""})
    made = Initiative.objects.get()
    assert answer.headers["Location"] == f"{HERE}{made.pk}/slip/"
    slip = said(client.get(answer.headers["Location"]))
    assert made.reference in slip
    assert (made.proposed_by.name, made.proposed_by.preferred_channel, made.changes.get().actor) == ("Pani Halina", "none", animator)


@pytest.mark.parametrize(
    ("contact", "is_shown"), [({"email": "halina@example.org"}, False), ({"email": "", "phone": "+48500100200"}, True)]
)
def test_the_slip_carries_the_link_for_whoever_has_no_mailbox(
    client: Client, animator: Any, ugorek: Any, contact: dict[str, str], is_shown: bool
) -> None:
    made = an_initiative(status="plan", kind="mini_project", proposed_by=a_person(**contact))
    made.neighbourhoods.add(ugorek)
    assert (f"/moje/inicjatywy/{made.own_key}/" in said(client.get(f"{HERE}{made.pk}/slip/"))) is is_shown
    assert AccessLog.objects.filter(action="read", subject="projects.initiative", subject_ids=[made.pk]).exists() is is_shown


@pytest.mark.parametrize("fields", [{"what": ""}, {"who": "1"}, {"contact": "x"}, {"where": ""}])
def test_what_is_wrong_is_said_and_kept(client: Client, animator: Any, ugorek: Any, fields: dict[str, str]) -> None:
    typed = {"what": "Kino pod blokiem", "where": ugorek.pk, "who": "Pani Halina", "contact": "", **fields}
    answer = client.post(f"{HERE}add/", typed)
    assert answer.status_code == 200
    assert "Pani Halina" in said(answer) or "who" in fields
    assert not Initiative.objects.exists()


def test_between_editions_nothing_typed_is_lost(client: Client, animator: Any, ugorek: Any) -> None:
    Project.objects.update(is_published=False, is_current=False)
    answer = client.post(f"{HERE}add/", {"what": "Kino pod blokiem", "where": ugorek.pk, "who": "Pani Halina", "contact": ""})
    assert answer.context["form"].non_field_errors()
    assert "Pani Halina" in said(answer)
    assert not Initiative.objects.exists()


def test_ideas_of_other_estates_are_nobodys_choice(client: Client, animator: Any) -> None:
    azory = a_neighbourhood("Azory")
    client.post(f"{HERE}add/", {"what": "Kino pod blokiem", "where": azory.pk, "who": "Pani Halina", "contact": ""})
    assert not Initiative.objects.exists()


@pytest.mark.parametrize("page", ["slip", "twin", "agreement", "ground", "team", "partner", "move"])
def test_other_estates_initiatives_are_not_found(client: Client, animator: Any, page: str) -> None:
    theirs = an_initiative(a_neighbourhood("Azory"), kind="mini_project", status="accepted")
    assert client.get(f"{HERE}{theirs.pk}/{page}/").status_code == 404


def test_twins_are_joined_from_the_panel(client: Client, animator: Any, ugorek: Any) -> None:
    kept, gone = an_initiative(ugorek, status="idea"), an_initiative(ugorek, status="idea")
    assert kept.title in said(client.get(f"{HERE}{gone.pk}/twin/"))
    answer = client.post(f"{HERE}{gone.pk}/twin/", {"into": kept.pk})
    assert answer.headers["Location"] == f"{HERE}{kept.pk}/change/"
    gone.refresh_from_db()
    assert (gone.status, gone.joined_to) == ("withdrawn", kept)


def test_the_kind_is_chosen_while_it_is_an_idea(client: Client, animator: Any, ugorek: Any) -> None:
    for status, expected in (("idea", "statutory"), ("running", "grassroots")):
        initiative = an_initiative(ugorek, status=status)
        fields = {"title": initiative.title, "kind": "statutory", "neighbourhoods": [ugorek.pk], "summary": "x", "lang": "pl",
                  "project": initiative.project_id, "paper_supporters": 0}  # fmt: skip
        client.post(f"{HERE}{initiative.pk}/change/", fields)
        initiative.refresh_from_db()
        assert initiative.kind == expected


def test_the_kind_stays_when_a_call_was_chosen_meanwhile(
    client: Client, animator: Any, ugorek: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    initiative, call, lock = an_initiative(ugorek, kind="mini_project", status="idea"), a_grant_call(), workflow.lock

    def after_a_colleague(row: Initiative) -> Initiative:
        Initiative.objects.filter(pk=row.pk).update(grant_call=call)
        return lock(row)

    monkeypatch.setattr(workflow, "lock", after_a_colleague)
    fields = {"title": initiative.title, "kind": "statutory", "neighbourhoods": [ugorek.pk], "summary": "x", "lang": "pl",
              "project": initiative.project_id, "paper_supporters": 0}  # fmt: skip
    answer = client.post(f"{HERE}{initiative.pk}/change/", fields)
    assert answer.status_code == 200
    assert Initiative.objects.get().kind == "mini_project"


# --- Before it runs -----------------------------------------------------------------------------------------------------------


SIGNED = {"signer": "adult", "number": "W/1/2026", "signed_on": "2026-05-04", "grosze": "1 500,00", "starts_on": "2026-05-05",
          "ends_on": "2026-09-30", "payer_note": "przelewem"}  # fmt: skip


def test_an_agreement_is_written_down_and_complete(client: Client, animator: Any, ugorek: Any) -> None:
    author = a_person(birth_year=1950)
    initiative = an_initiative(ugorek, kind="mini_project", status="agreement", proposed_by=author)
    assert client.post(f"{HERE}{initiative.pk}/agreement/", {**SIGNED, "person": author.pk}).status_code == 302
    agreement = InitiativeAgreement.objects.get()
    assert (agreement.person, agreement.grosze, agreement.is_complete) == (author, 150_000, True)
    page = said(client.get(f"{HERE}{initiative.pk}/change/"))
    assert "W/1/2026" in page
    assert "1 500 zł".replace(" ", "\N{NO-BREAK SPACE}") in page


@pytest.mark.parametrize(
    ("status", "fields", "code"),
    [
        ("submitted", {}, "not_now"),
        ("finished", {}, "not_now"),
        ("agreement", {"person": ""}, "one_signer"),
        ("agreement", {"signer": "organisation"}, "one_signer"),
        ("agreement", {"birth_year": timezone.localdate().year - 17}, "under_age"),
        ("agreement", {"outsider": True}, "not_of_the_group"),
        ("agreement", {"ends_on": "2026-05-04"}, "days_turned"),
    ],
)
def test_an_agreement_that_cannot_be_is_refused(
    client: Client, animator: Any, ugorek: Any, status: str, fields: dict[str, Any], code: str
) -> None:
    typed = dict(fields)
    author = a_person(birth_year=typed.pop("birth_year", 1980))
    initiative = an_initiative(ugorek, kind="mini_project", status=status, proposed_by=author)
    signer = a_person() if typed.pop("outsider", False) else author
    answer = client.post(f"{HERE}{initiative.pk}/agreement/", {**SIGNED, "person": signer.pk, **typed})
    assert answer.status_code == 200
    assert not InitiativeAgreement.objects.exists()
    assert 'value="W/1/2026"' in said(answer)
    if code != "not_of_the_group":  # that one is not offered at all, so the list refuses it first
        assert "error" in said(answer)


def test_ground_is_named_then_agreed(client: Client, animator: Any, ugorek: Any) -> None:
    initiative = an_initiative(ugorek, kind="mini_project", status="agreement")
    typed = {"place": "Trawnik przy klubie", "manager": "co_operative", "manager_name": "SM Pokazowa", "consented_on": "", "reference": ""}
    client.post(f"{HERE}{initiative.pk}/ground/", typed)
    ground = Ground.objects.get()
    refused = client.post(f"{HERE}{initiative.pk}/ground/{ground.pk}/", {**typed, "consented_on": "2026-05-04"})
    assert refused.status_code == 200
    client.post(f"{HERE}{initiative.pk}/ground/{ground.pk}/", {**typed, "consented_on": "2026-05-04", "reference": "SM/12"})
    ground.refresh_from_db()
    assert (Ground.objects.count(), ground.reference) == (1, "SM/12")


@pytest.mark.parametrize(
    "fields",
    [
        {"filed_mark": ""},
        {"filed_on": ""},
        {"outcome": ""},
        {"decided_on": "2026-01-01"},
        {"settled_on": "2026-02-01"},
        {"settled_on": "2027-01-05"},
    ],
)
def test_a_filing_that_cannot_be_is_refused_with_a_sentence(client: Client, animator: Any, ugorek: Any, fields: dict[str, str]) -> None:
    initiative = an_initiative(ugorek, kind="statutory", status="plan")
    typed = {"filed_on": "2026-02-02", "filed_mark": "PS-02.1", "decided_on": "2026-03-03", "outcome": "Uwzględniono.", "settled_on": ""}
    assert client.post(f"{HERE}{initiative.pk}/filing/", {**typed, **fields}).status_code == 200
    assert not Filing.objects.exists()
    assert client.post(f"{HERE}{initiative.pk}/filing/", typed).status_code == 302
    assert "PS-02.1" in said(client.get(f"{HERE}{initiative.pk}/change/"))


def test_only_a_statutory_one_is_filed(client: Client, animator: Any, ugorek: Any) -> None:
    assert client.get(f"{HERE}{an_initiative(ugorek).pk}/filing/").status_code == 409


# --- Team and partners --------------------------------------------------------------------------------------------------------


def test_somebody_comes_into_the_team_once_and_goes(client: Client, animator: Any, ugorek: Any) -> None:
    initiative = an_initiative(ugorek)
    typed = {"who": "Jan Przykładny", "contact": "jan@example.org", "role": "volunteer"}
    assert client.post(f"{HERE}{initiative.pk}/team/", typed).status_code == 302
    assert client.post(f"{HERE}{initiative.pk}/team/", typed).status_code == 200
    member = initiative.members.get()
    assert (member.person.name, member.role, Person.objects.filter(email="jan@example.org").count()) == ("Jan Przykładny", "volunteer", 1)
    assert client.post(f"{HERE}{initiative.pk}/team/{member.pk}/off/").status_code == 302
    assert not initiative.members.exists()


def test_somebody_must_lead(client: Client, animator: Any, ugorek: Any) -> None:
    initiative = an_initiative(ugorek)
    leader = initiative.members.create(person=a_person(), role="leader")
    assert client.post(f"{HERE}{initiative.pk}/team/{leader.pk}/off/").status_code == 200
    assert initiative.members.count() == 1


def test_a_partner_has_a_role_once(client: Client, animator: Any, ugorek: Any) -> None:
    initiative, organisation = an_initiative(ugorek), an_organisation()
    for status in (302, 200):
        assert client.post(f"{HERE}{initiative.pk}/partner/", {"organisation": organisation.pk, "role": "host"}).status_code == status
    assert initiative.partnerships.count() == 1


def test_looking_at_the_team_leaves_a_trace(client: Client, ugorek: Any) -> None:
    client.force_login(an_officer())
    initiative = an_initiative(ugorek)
    member = initiative.members.create(person=a_person(), role="leader")
    page = said(client.get(f"{HERE}{initiative.pk}/change/"))
    assert member.person.email in page
    assert AccessLog.objects.get(action="read", subject="participants.person").subject_ids == [member.person_id]


def test_whoever_rings_reads_what_became_of_it_and_why(client: Client, animator: Any, ugorek: Any) -> None:
    author = a_person(email="", phone="+48600100200")
    initiative = an_initiative(ugorek, status="running", title="Kino pod blokiem", proposed_by=author)
    workflow.move(initiative, "partly_finished", actor=animator, reason="Spadł deszcz.")
    task = CallTask.objects.get(person=author)
    page = said(client.get(f"/panel/projects/calltask/{task.pk}/change/"))
    for words in ("Kino pod blokiem", "Zakończona częściowo", "Spadł deszcz."):
        assert words in page


@pytest.mark.parametrize("day", ["9999-12-31", "0202-05-04", "20260504", "2026-13-01"])
def test_days_nobody_means_are_refused(client: Client, animator: Any, ugorek: Any, day: str) -> None:
    author = a_person(birth_year=1950)
    initiative = an_initiative(ugorek, kind="mini_project", status="agreement", proposed_by=author)
    answer = client.post(f"{HERE}{initiative.pk}/agreement/", {**SIGNED, "person": author.pk, "ends_on": day})
    assert answer.status_code == 200
    assert not InitiativeAgreement.objects.exists()


def test_a_leader_who_leaves_keeps_no_way_in(client: Client, animator: Any, ugorek: Any) -> None:
    old, new = a_person(), a_person()
    initiative = an_initiative(ugorek, proposed_by=old)
    leaving = initiative.members.create(person=old, role="leader")
    initiative.members.create(person=new, role="leader")
    key = initiative.own_key
    assert client.post(f"{HERE}{initiative.pk}/team/{leaving.pk}/off/", {"sure": "yes"}).status_code == 302
    initiative.refresh_from_db()
    assert initiative.proposed_by == new
    assert client.get(f"/moje/inicjatywy/{key}/").status_code == 404
    assert list(Message.objects.values_list("template", "recipient")) == [("initiative_key_renewed", new.email)]


def test_the_kind_stays_while_the_plan_is_for_a_call(client: Client, animator: Any, ugorek: Any) -> None:
    initiative = an_initiative(ugorek, kind="mini_project", status="idea", grant_call=a_grant_call())
    fields = {"title": initiative.title, "kind": "statutory", "neighbourhoods": [ugorek.pk], "summary": "x", "lang": "pl",
              "project": initiative.project_id}  # fmt: skip
    assert client.post(f"{HERE}{initiative.pk}/change/", fields).status_code == 200
    initiative.refresh_from_db()
    assert initiative.kind == "mini_project"
