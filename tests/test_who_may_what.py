"""Who may what: every address × GET and POST × everybody. The table is tests/who_may_what.txt; a new address must enter it.

``python -m pytest tests/test_who_may_what.py --print-table`` prints what the portal answers now, to be read before it is
believed. POST is sent empty: what matters is whether the door opens (200 with errors, 302 done, 403, 404, 405, 409).
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from active_citizens.content.domain import diary
from active_citizens.content.models import AccessibilityDeclaration, Page
from active_citizens.core.pictures import take_in
from events import own_links
from events.domain import access, certificates
from events.links import Receipt, token
from events.models import Draw, StudyTrip, Training
from participants.domain import access_log, merging
from participants.domain.people import person_of
from participants.links import consents_path
from participants.models import ConsentText, Message, Notice, Person
from projects.domain import lists, running, stories, takedown
from projects.models import AnswerTemplate, Assignment, HistoryItem, Module, Vetting
from tests import makers

TABLE = Path(__file__).parent / "who_may_what.txt"
EVERYBODY = ("anonymous", "resident", "animator", "other animator", "former animator", "officer", "coordinator")
# Doors of libraries that say nothing of ours: Django's catch-alls and allauth's key ceremonies need a session of their own.
UNNAMED = {"None", "admin:None"}
INITIATIVE_PAGES = ("initiative_detail", "initiative_support", "initiative_atom", "initiative_follow", "question_list", "question_ask")
PAGES = ("regulamin", "kontakt", "pomoc", "prywatnosc", "standardy-ochrony-maloletnich", "standardy-ochrony-maloletnich-dla-dzieci")


@pytest.fixture(autouse=True)
def papers_are_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the door to a certificate opens is asked here, not how it is set."""
    monkeypatch.setattr(certificates, "as_pdf", lambda certificate: b"%PDF")


def addresses(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """The names of all addresses of the portal."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry, f"{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern) and f"{namespace}{entry.name}" not in UNNAMED:
            yield f"{namespace}{entry.name}"


class World:
    """One of everything, on Ugorek; and everybody who might come by."""

    def __init__(self) -> None:
        ugorek, azory = makers.a_neighbourhood("Ugorek"), makers.a_neighbourhood("Azory")
        self.people = {
            "anonymous": None,
            "resident": makers.a_user(),
            "animator": makers.an_animator(ugorek),
            "other animator": makers.an_animator(azory),
            "former animator": makers.a_former_animator(ugorek),
            "officer": makers.an_officer(),
            "coordinator": makers.a_coordinator(),
        }
        project = makers.the_project()
        project.questions_open = True
        stage = makers.a_stage(project)
        event = makers.an_event(ugorek, project=project, stage=stage, venue=makers.a_venue(neighbourhood=ugorek))
        own = makers.signed_up(event, person_of(self.people["resident"]))
        initiative = makers.an_open_initiative(ugorek)
        asked = makers.a_question(initiative, shown=True)
        trip = StudyTrip.objects.create(project=project, slug="gdansk", title="Gdańsk", destination="Gdańsk", is_published=True)
        now = timezone.now()
        metka = {"publisher": "UMK", "author": "Zespół", "entered_by": "Zespół", "made_on": now.date(), "published_at": now}
        pages = [Page.objects.create(slug=slug, title=slug, body=".", **metka) for slug in PAGES]
        declaration = AccessibilityDeclaration.objects.create(
            body_name="UMK", site_name="Portal", site_published_on=now, site_changed_on=now, drawn_up_on=now, method=".", gaps=".",
            contact_name="Zespół", contact_email="zespol@example.org", contact_phone="12 000 00 00", architecture=".", communication=".",
        )  # fmt: skip
        text = ConsentText.objects.create(purpose="image", language="pl", version=1, text=".", published_at=now)
        history = HistoryItem.objects.create(project=project, slug="bylo", happened_on=now, date_text="dawno", title="Było")
        call = makers.a_call(own)
        organisation = makers.an_organisation()
        makers.a_notice(Notice.Purpose.PHONE)
        entry = access_log.record("read", "person", actor=None)
        module = Module.objects.create(project=project, number=1, title="Ja")
        officer = self.people["officer"]
        check = Vetting.objects.create(
            user=officer, checked_on=now.date(), next_due_on=now.date() + timedelta(days=365), checked_by=officer, reference="KRS/1"
        )
        role = self.people["animator"].assignments.get()
        stands_in = Assignment.objects.create(
            user=makers.a_user(), role=role.role, neighbourhood=ugorek, authorisation="TEST/2", ends_on=now.date(), stands_in_for=role
        )
        makers.a_helper(event)
        self.rows = {
            type(row)._meta.label_lower.replace(".", "_"): row
            for row in (project, stage, history, ugorek, event.venue, organisation, initiative, role, entry,
                        asked, makers.a_notice(), text, call, event, module, check,
                        Message.objects.first(), own.person, own, trip, pages[0], declaration)
        }  # fmt: skip
        lottery = makers.an_event(
            ugorek, venue=event.venue, promotion="lottery", draw_at=event.starts_at - timedelta(days=1), project=project, stage=stage
        )
        Draw.objects.create(event=lottery)
        self.rows["events_accessrequest"] = access.ask(own, ["loop"], "", "", False)
        photo, news = makers.a_photo(ugorek), makers.some_news(ugorek)
        leader = makers.a_leader(ugorek)
        self.rows |= {"content_photo": photo, "content_news": news, "projects_leaderprofile": leader}
        taken_down = makers.some_news(ugorek)
        self.rows["projects_takedown"] = takedown.take_down(taken_down, why="other", sentence=".", actor=officer)
        letter = makers.a_subscription(ugorek)
        second = makers.a_person(name=own.person.name)
        self.rows["participants_personmerge"] = merging.merge(own.person, second, actor=officer)
        self.rows["projects_listimport"] = makers.a_list(ugorek, ["Ola Przykładna;;;"], actor=officer)
        taken = makers.a_list(ugorek, ["Ula Przykładna;;;", "Ola Przykładna;12;;"], actor=officer)
        lists.take(taken, Person.objects.unmerged(), actor=officer)
        project.certificate_threshold = 50
        project.save()
        lesson = makers.an_event(ugorek, module=module, in_days=-3, project=project, stage=stage, venue=event.venue)
        traveller = makers.came_to(lesson, own.person).person
        certificate = certificates.issue(traveller, project, actor=officer)
        survey = makers.a_survey(lesson)
        training = Training.objects.create(project=project, title="Szkolenie", held_on=now.date(), minutes=60, trained_by="ktoś")
        for row in (certificate, survey, survey.questionnaire, training):
            self.rows[type(row)._meta.label_lower.replace(".", "_")] = row
        grant_call = self.rows["projects_grantcall"] = makers.a_grant_call(closes_at=now - timedelta(hours=1))
        self.rows["projects_answertemplate"] = AnswerTemplate.objects.create(title="Dziękujemy", text="Dziękujemy.")
        promised = self.rows["projects_milestone"] = makers.a_promise(initiative, owner="group")
        ground = initiative.grounds.create(place="Skwer", manager="city", manager_name="Zarząd Zieleni")
        member = initiative.members.create(person=makers.a_person(), role="volunteer")
        day = now.date()
        expense = running.spend(initiative, running.Spent(day, "Farby", 100, "1"), picture=take_in(makers.a_picture()))
        work = running.note_work(initiative, done_on=day, people=1, minutes=60, what="Malowanie")
        told = stories.from_paper(initiative, stories.Told("Cisza.", "Rozmowy.", "Tak."), "karta 1")
        self.rows |= {"content_diaryentry": diary.write(initiative, "Malujemy.", on=day), "projects_changestory": told}
        slug, behind, everything = {"slug": event.slug}, {"text": token(own)}, {"text": own_links.token("ala@example.org")}
        self.arguments: dict[str, dict[str, Any]] = {
            "event_detail": slug, "event_sign_up": slug, "event_calendar": slug,
            "neighbourhood_detail": {"slug": "ugorek"}, "project_detail": {"slug": project.slug},
            "project_current_page": {"rest": "etapy/1/"},
            "stage_detail": {"slug": project.slug, "number": 1}, "trip_detail": {"slug": "gdansk"},
            "organisation_detail": {"slug": organisation.slug},
            "leader_write": {"key": leader.key}, "admin:projects_leaderprofile_enter": {"pk": own.person.pk},
            **{name: {"slug": initiative.slug} for name in INITIATIVE_PAGES},
            "own_initiative": {"key": initiative.own_key}, "own_plan": {"key": initiative.own_key, "step": "potrzeba"},
            "own_application": {"key": initiative.own_key},
            "admin:projects_initiative_ground_again": {"pk": initiative.pk, "number": ground.pk},
            "admin:projects_initiative_let_go": {"pk": initiative.pk, "number": member.pk},
            "own_questions": {"key": initiative.own_key}, "own_answer": {"key": initiative.own_key, "pk": asked.pk},
            "own_question": {"key": asked.key},
            "story_tell": {"slug": initiative.slug}, "story_thanks": {"slug": initiative.slug},
            **{name: {"key": initiative.own_key} for name in ("own_spending", "own_hours", "own_report", "own_diary")},
            "own_report_step": {"key": initiative.own_key, "step": "ludzie"},
            **{name: {"key": initiative.own_key, "number": expense.pk} for name in ("own_expense", "own_expense_off", "own_receipt")},
            **{name: {"key": initiative.own_key, "number": work.pk} for name in ("own_work", "own_work_off")},
            **{
                f"admin:projects_initiative_running_{name}": {"pk": initiative.pk, "number": expense.pk}
                for name in ("expense", "expense_off", "receipt")
            },
            **{f"admin:projects_initiative_running_{name}": {"pk": initiative.pk, "number": work.pk} for name in ("work", "hours_off")},
            **{f"admin:{label}_write": {"pk": initiative.pk} for label in ("content_diaryentry", "projects_changestory")},
            "receipt": {"text": Receipt(event.pk, "held", "ala@example.org", by_mail=True).url().split("/")[-2]},
            "registration": behind, "party": behind, "access_request": behind, "cancel_own": {"pk": own.pk},
            "guardian": {"text": "nie-ma"}, "event_draw": {"slug": lottery.slug}, "neighbourhood_calendar": {"slug": "ugorek"},
            "neighbourhood_feed": {"slug": "ugorek"}, "own_calendar": {"key": "x" * 43}, "own_overview": everything,
            "own_data": {**everything, "extension": "json"}, "consents": {"token": consents_path(own.person).split("/")[-2]},
            "newsletter_confirm": {"key": letter.key}, "newsletter_end": {"key": letter.key},
            "admin:mails_to_check": {}, "admin:handbook_chapter": {"slug": "moja-praca"},
            "admin:events_accessrequest_enter": {"pk": own.pk},
            "event_paper": {**slug, "kind": "plakat"}, "short_event": {"number": event.pk},
            "month_paper": {"slug": "ugorek", "kind": "wydarzenia", "year": "2090", "number": "06"},
            "admin:events_event_paper": {"pk": event.pk, "kind": "lista-obecnosci"}, "admin:events_event_month_papers": {},
            "survey": {"code": survey.code}, "survey_thanks": {"code": survey.code}, "own_certificate": {"pk": certificate.pk},
            **{f"admin:events_certificate_{verb}": {"pk": project.pk} for verb in ("journey", "export", "issue")},
            "admin:events_questionnaire_start": {},
            **{f"admin:door{page}": {"pk": event.pk} for page in ("", "_ticks", "_walk_in", "_heads")},
            "admin:events_event_end_help": {"pk": event.pk, "helper_pk": event.helpers.get().pk},
            "admin:projects_assignment_end_substitution": {"pk": stands_in.pk},
            "admin:events_registration_take_out": {"pk": own.pk, "seat_pk": own.seats.get().pk},
            "admin:projects_takedown_take": {"label": "content.news", "object_id": news.pk}, "admin:projects_takedown_find": {},
            "admin:projects_takedown_restore": {"label": "content.news", "object_id": taken_down.pk},
            "report_detail": {"slug": "zapisy-i-frekwencja"}, "report_export": {"slug": "zapisy-i-frekwencja", "extension": "xlsx"},
            "photo": {"key": photo.key, "width": 480}, "admin:content_photo_file": {"pk": photo.pk, "width": 480},
            "news_detail": {"slug": news.slug}, "news_version": {"slug": news.slug, "number": 1},
            "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"}, "account_confirm_email": {"key": "nie-ma"},
            "mfa_remove_webauthn": {"pk": 1}, "mfa_edit_webauthn": {"pk": 1},
            "admin:projects_listimport_rest": {"pk": taken.pk, "extension": "xlsx"},
            "grant_call_detail": {"slug": grant_call.slug}, "admin:projects_initiative_mine": {},
            "own_promise": {"key": initiative.own_key, "pk": promised.pk}, "admin:projects_milestone_give": {"pk": initiative.pk},
            "admin:app_list": {"app_label": "events"}, "admin:view_on_site": {"content_type_id": 1, "object_id": 1},
        }  # fmt: skip

    def address(self, name: str) -> str:
        if name in self.arguments:
            return reverse(name, kwargs=self.arguments[name])
        for label, row in self.rows.items():
            verb = name.removeprefix(f"admin:{label}_")
            if verb != name and verb not in ("changelist", "add"):
                key = "object_id" if verb in ("history", "delete", "change") else "pk"
                return reverse(name, kwargs={key: row.pk})
        return reverse(name)

    def answers(self, who: str) -> dict[str, str]:
        """What the person is answered at every address, each asked in a world of its own."""
        found = {}
        for name in sorted(set(addresses())):
            for method in ("GET", "POST"):
                found[f"{method:<4} {name}"] = self._ask(who, method, self.address(name))
        return found

    def _ask(self, who: str, method: str, address: str) -> str:
        client = Client(raise_request_exception=False)
        with transaction.atomic():
            if self.people[who] is not None:
                client.force_login(self.people[who])
            response = client.generic(method, address)
            if response.streaming:
                b"".join(response.streaming_content)
            transaction.set_rollback(True)
        to_login = response.status_code == 302 and response.headers["Location"].startswith("/konto/logowanie/")
        return "login" if to_login else str(response.status_code)


def table() -> dict[str, list[str]]:
    rows = (line.split("|") for line in TABLE.read_text().splitlines()[2:])
    return {name.strip(): [cell.strip() for cell in cells] for name, *cells in rows}


def test_every_address_is_in_the_table() -> None:
    asked = {f"{method:<4} {name}" for name in addresses() for method in ("GET", "POST")}
    assert asked - set(table()) == set(), "new addresses: decide who may and add them"
    assert set(table()) - asked == set(), "addresses that are gone"


@pytest.mark.django_db
@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_what(who: str) -> None:
    said = {name: cells[EVERYBODY.index(who)] for name, cells in table().items()}
    assert World().answers(who) == said


@pytest.mark.django_db
def test_print_the_table(request: pytest.FixtureRequest) -> None:
    """Not a rule but a tool: see the module's docstring. Without the option it checks that the table names the same people."""
    if not request.config.getoption("--print-table"):
        assert [cell.strip() for cell in TABLE.read_text().splitlines()[0].split("|")[1:]] == list(EVERYBODY)
        return
    world = World()
    columns = [world.answers(who) for who in EVERYBODY]
    width = max(map(len, columns[0]))
    lines = [f"{'':<{width}} | " + " | ".join(EVERYBODY), "-" * (width + 90)]
    lines += [f"{name:<{width}} | " + " | ".join(f"{column[name]:<5}" for column in columns) for name in columns[0]]
    TABLE.with_suffix(".now").write_text("\n".join(line.rstrip() for line in lines) + "\n")


def test_every_model_of_the_panel_is_in_the_world() -> None:
    labels = {model._meta.label_lower for model in admin.site._registry}
    assert labels <= {label.replace("_", ".", 1) for label in REGISTERED}


REGISTERED = {
    "projects_project", "projects_stage", "projects_historyitem", "projects_neighbourhood", "projects_venue", "participants_organisation",
    "projects_initiative", "projects_assignment", "participants_accesslog", "participants_notice", "participants_consenttext",
    "projects_calltask", "events_event", "participants_message", "participants_person", "events_registration", "events_studytrip",
    "content_page", "content_accessibilitydeclaration", "events_accessrequest", "projects_module", "projects_vetting",
    "participants_personmerge", "projects_listimport", "projects_takedown",
    "content_photo", "content_news",
    "events_certificate", "events_survey", "events_questionnaire", "events_training", "projects_leaderprofile",
    "projects_milestone",
    "projects_question",
    "content_diaryentry", "projects_changestory",
    "projects_grantcall", "projects_answertemplate",
}  # fmt: skip
