"""The true programme and the demo: loaded twice alike, said in three languages, sourced, and kept apart."""

import uuid
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.utils import timezone
from modeltranslation.translator import translator

from active_citizens.content.models import AccessibilityDeclaration, News, Page, Photo, Revision
from active_citizens.core.refusal import RuleBroken
from active_citizens.programmes import demo, demo_removal, loader
from events.domain import attendance, certificates, closing, leaders, parties, places, surveys
from events.models import (
    Certificate,
    Event,
    EventClosing,
    EventHelper,
    Questionnaire,
    Registration,
    Seat,
    Series,
    StudyTrip,
    Survey,
    Training,
)
from participants.domain import access_log, merging
from participants.models import AccessLog, ConsentText, Message, Notice, Organisation, Person, User
from projects.domain import dialogue, lists, takedown
from projects.models import (
    Assignment,
    CallMatter,
    GrantCall,
    HistoryItem,
    Initiative,
    LeaderProfile,
    ListImport,
    Milestone,
    Neighbourhood,
    Project,
    Question,
    Stage,
    StatusChange,
    StreetRange,
    TakeDown,
    Venue,
)
from tests.makers import a_closing, a_helper, a_list, a_photo, a_stranger, an_event, signed_up

pytestmark = pytest.mark.django_db

OURS = ("participants", "projects", "content", "events", "account", "portal", "reports")
SOURCED = (HistoryItem, Organisation, Initiative, Stage, StudyTrip, StreetRange, Project)


def rows() -> Counter[str]:
    """How many rows every table of ours holds."""
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return +Counter({model._meta.label: model.objects.count() for model in models})


def untranslated(model) -> list[str]:
    """Texts that stand in some languages only."""
    found = []
    for row in model.objects.all():
        for name in translator.get_options_for_model(model).fields:
            texts = {language: getattr(row, f"{name}_{language}") for language in sorted(loader.LANGUAGES)}
            if any(texts.values()) and not all(texts.values()):
                found.append(f"{row._meta.label} {row.pk} {name}")
    return found


@pytest.fixture
def programme():
    loader.load("krakow-2013")


@pytest.fixture
def demo_edition(programme):
    demo.load()


# --- The true programme ------------------------------------------------------------------------------------------------


def test_loading_twice_gives_the_same_rows():
    first = loader.load("krakow-2013")
    standing = rows()

    assert loader.load("krakow-2013") == Counter()
    assert (rows(), first["neighbourhood"], first["stage"]) == (standing, 3, 3)


def test_addresses_are_those_the_portal_promises(programme):
    found = {model: set(model.objects.values_list("slug", flat=True)) for model in (Project, Neighbourhood, Initiative, StudyTrip, Page)}

    assert found == {
        Project: {"krakow-2013"},
        Neighbourhood: {"ugorek", "olsza-ii", "azory"},
        Initiative: {"most-przyjazni", "ziomki-z-prl-u"},
        StudyTrip: {"gdansk"},
        Page: {"regulamin", "kontakt", "pomoc", "prywatnosc", "standardy-ochrony-maloletnich", "standardy-ochrony-maloletnich-dla-dzieci"},
    }


@pytest.mark.parametrize("model", sorted(translator.get_registered_models(abstract=False), key=str), ids=lambda model: model.__name__)
def test_texts_are_in_all_languages(model, demo_edition):
    assert untranslated(model) == []


@pytest.mark.parametrize("model", SOURCED, ids=lambda model: model.__name__)
def test_facts_name_their_source(model, programme):
    assert model.objects.exists()
    assert [str(row) for row in model.objects.all() if not (row.source_label and row.source_url.startswith("http"))] == []


def test_untranslated_columns_hold_polish_also_when_the_caller_speaks_english():
    from django.db import connection
    from django.utils import translation

    with translation.override("en"):
        loader.load("krakow-2013")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM projects_stage WHERE title <> title_pl")
        assert cursor.fetchone() == (0,)


def test_stages_are_marked_as_a_reconstruction_without_invented_days(programme):
    stages = Stage.objects.order_by("number").values_list("number", "opens", "is_reconstruction", "starts_on")

    assert list(stages) == [(1, "", True, None), (2, "events", True, None), (3, "initiatives", True, None)]


def test_both_beginnings_stand_in_the_period(programme):
    assert Project.objects.get().period_note_pl.startswith("październik/grudzień 2013 – czerwiec 2014")


def test_boundaries_are_closed_rings_and_say_that_they_are_approximate(programme):
    for estate in Neighbourhood.objects.all():
        assert estate.ring[0] == estate.ring[-1]
        assert (estate.is_approximate, bool(estate.boundary_source), estate.everyday_boundary) == (True, True, None)


def test_mini_projects_are_known_from_sources_with_lead_and_funder(programme):
    for initiative in Initiative.objects.all():
        roles = dict(initiative.partnerships.values_list("role", "organisation__slug"))
        assert (initiative.kind, initiative.status) == ("mini_project", "historical")
        assert roles == {"lead": "polskie-towarzystwo-kulturalne-krakow", "funder": "british-council"}
    assert StatusChange.objects.count() == 2


def test_true_programme_invents_no_contact(programme):
    project = Project.objects.get()

    assert (project.phone_line, project.contact_email, Event.objects.count(), Person.objects.count()) == ("", "", 0, 0)


def test_notices_and_consents_stand_for_every_purpose_and_language(programme):
    def pairs(model):
        return set(model.objects.filter(version=1, published_at__isnull=False).values_list("purpose", "language"))

    assert pairs(Notice) == {(purpose, language) for purpose in Notice.Purpose.values for language in loader.LANGUAGES}
    assert pairs(ConsentText) == {(purpose, language) for purpose in ConsentText.Purpose.values for language in loader.LANGUAGES}


def test_notice_has_all_headings_the_city_uses(programme):
    body = Notice.objects.get(purpose="sign_up", language="pl").body

    assert [line for line in body.splitlines() if line.startswith("## ")] == [
        f"## {heading['pl']}" for heading in loader.read(loader.HERE / "pages" / "notices.toml")["headings"].values()
    ]


def test_what_staff_edit_stays_unless_refreshed(programme):
    Page.objects.filter(slug="kontakt").update(title_pl="Pisz do nas", title="Pisz do nas")
    Project.objects.update(phone_line="12 616 00 00")
    Notice.objects.filter(purpose="phone", language="pl").update(body="Pokazane komuś.")
    loader.load("krakow-2013")
    assert Page.objects.get(slug="kontakt").title_pl == "Pisz do nas"

    loader.load("krakow-2013", refresh=True)

    assert Page.objects.get(slug="kontakt").title_pl == "Kontakt"
    # What the city sets itself, and what people have been shown, outlives the refresh.
    assert Project.objects.get().phone_line == "12 616 00 00"
    assert Notice.objects.get(purpose="phone", language="pl").body == "Pokazane komuś."


def test_refresh_adds_no_rows_and_no_versions_of_unchanged_pages(programme):
    standing = rows()
    loader.load("krakow-2013", refresh=True)

    assert (rows(), Revision.objects.count()) == (standing, 6)


def test_declaration_claims_no_more_than_is_true(programme):
    declaration = AccessibilityDeclaration.objects.get()

    assert (declaration.conformance, declaration.reviewed_on) == ("partial", None)
    assert (bool(declaration.gaps_pl), declaration.contact_email.endswith("@example.org")) == (True, True)


def test_text_without_a_language_is_refused():
    with pytest.raises(ValueError, match="title must be given in en, pl, uk"):
        loader.columns({"title": {"pl": "Tak", "en": "Yes"}})


def test_command_says_what_it_did_and_knows_its_programmes():
    said = StringIO()
    call_command("load_programme", "krakow-2013", stdout=said)
    call_command("load_programme", "krakow-2013", stdout=said)

    assert ["neighbourhood 3" in line for line in said.getvalue().splitlines()] == [True, False]
    with pytest.raises(CommandError, match="There is: krakow-2013"):
        call_command("load_programme", "warszawa-1999")


# --- The demo -----------------------------------------------------------------------------------------------------------


def test_demo_refuses_a_portal_that_is_no_demo(programme, settings):
    settings.DEMO = settings.TESTING = False

    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo")
    assert not Project.objects.filter(is_demo=True).exists()


def test_demo_needs_the_true_programme():
    with pytest.raises(RuleBroken) as refusal:
        demo.load()
    assert refusal.value.code == "no_programme"


def test_demo_loaded_twice_gives_the_same_rows(demo_edition):
    standing = rows()

    assert (demo.load(), demo.load(refresh=True)) == (Counter(), Counter())
    assert rows() == standing


def test_everything_of_the_demo_says_so(demo_edition):
    project = Project.objects.current()

    assert (project.slug, project.is_demo) == ("demo", True)
    for model in (Event, Venue, Person, Assignment):
        assert not model.objects.filter(is_demo=False).exists()
    assert Initiative.objects.filter(is_demo=True).count() == 8


def test_demo_shows_an_event_nearly_full_and_one_full_with_three_waiting(demo_edition):
    events = {event.title_pl: event for event in Event.objects.published().upcoming().with_places()}
    nearly, full = events["Mapa dobrych miejsc na Ugorku"], events["Gry podwórkowe na nowo"]

    assert (nearly.capacity, nearly.taken, nearly.queue) == (12, 11, 0)
    assert (full.capacity, full.taken, full.queue) == (8, 8, 3)


def test_demo_shows_every_shape_of_event_on_every_estate(demo_edition):
    upcoming = Event.objects.upcoming()

    assert set(upcoming.values_list("sign_up", flat=True)) == {"none", "open", "invited"}
    assert Counter(upcoming.values_list("status", flat=True)) == {"published": 15, "draft": 1, "cancelled": 1}
    assert set(upcoming.published().values_list("neighbourhoods__slug", flat=True)) == {"ugorek", "olsza-ii", "azory"}
    assert Seat.objects.filter(status="held").count() == 1


@pytest.mark.parametrize("in_days", range(7))
def test_demo_is_upcoming_and_past_on_whatever_day_it_is_loaded(programme, in_days):
    at = timezone.now() + timedelta(days=in_days)
    demo.load(at=at)

    published = Event.objects.published()
    assert (published.upcoming(at).count(), published.past(at).count()) == (16, 6)
    assert published.filter(starts_at__gt=at + timedelta(days=36)).count() == 0


def test_demo_shows_a_series_with_a_module_on_every_date(demo_edition):
    dates = Event.objects.filter(series__isnull=False).order_by("starts_at")

    assert list(dates.values_list("module__number", flat=True)) == [1, 2, 3, 4]
    assert {event.series for event in dates} == set(Series.objects.filter(whole=True, is_demo=True))
    assert {event.leaders.count() for event in dates} == {2}


def test_demo_event_open_to_children_is_led_by_somebody_checked(demo_edition):
    event = Event.objects.get(open_to_minors=True)

    assert (leaders.missing_for_minors(event), event.is_published) == ([], True)


def test_past_events_have_their_attendance(demo_edition):
    past = Seat.objects.filter(event__in=Event.objects.past())

    assert Counter(past.values_list("attendance", flat=True)) == {"came": 24, "excused": 3, "absent": 3}


def test_promises_are_kept_put_off_and_late(demo_edition):
    found = Milestone.objects.filter(initiative__is_demo=True)
    assert (found.exclude(done_on=None).count(), found.exclude(delays=None).count(), found.late().count()) == (1, 1, 1)
    assert not CallMatter.objects.filter(reason="promise_put_off").exists()


def test_initiatives_stand_in_different_states_with_their_history(demo_edition):
    states = dict(Initiative.objects.filter(is_demo=True).values_list("slug", "status"))
    history = StatusChange.objects.filter(initiative__slug="pokaz-zielone-balkony").values_list("after", flat=True)

    assert Counter(states.values()) == {
        "idea": 1, "running": 1, "submitted": 1, "returned": 1, "finished": 1, "accepted": 2, "not_chosen": 1,
    }  # fmt: skip
    assert list(history) == ["idea", "plan", "submitted", "returned"]


def test_demo_has_leaders_by_account_and_from_paper_and_an_account_stays_one(demo_edition):
    assert set(LeaderProfile.objects.public().values_list("channel", "person__is_demo")) == {("web", True), ("paper", True)}
    demo.load(refresh=True, at=timezone.now() + timedelta(days=250))
    assert LeaderProfile.objects.count() == 2


def test_one_call_takes_plans_and_one_shows_its_results(demo_edition):
    open_one, closed = GrantCall.objects.order_by("-closes_at")

    assert (list(GrantCall.objects.open()), closed.results_published_at is not None) == ([open_one], True)
    assert Counter(closed.results.values_list("is_chosen", flat=True)) == {True: 2, False: 1}
    assert open_one.initiatives.count() == 2


def test_one_question_is_answered_and_one_waits(demo_edition):
    asked = Question.objects.order_by("created_at")
    assert [(each.status, each.answers.count()) for each in asked] == [("shown", 1), ("waiting", 0)]


def test_demo_accounts_have_the_roles_they_are_promised(demo_edition):
    roles = Assignment.objects.live().values_list("user__email", "role", "neighbourhood__slug")

    assert set(roles) == {
        ("animatorka@example.org", "animator", "ugorek"),
        ("animator@example.org", "animator", "azory"),
        ("animator@example.org", "animator", "olsza-ii"),
        ("urzedniczka@example.org", "officer", None),
        ("koordynatorka@example.org", "coordinator", None),
    }
    assert all(user.check_password("aktywna-spolecznosc") for user in User.objects.all())


def test_residents_of_the_demo_can_log_in_and_have_a_person(demo_edition, client):
    for email in ("mieszkanka@example.org", "mieszkaniec@example.org"):
        assert client.login(email=email, password="aktywna-spolecznosc")
        assert User.objects.get(email=email).person.registrations.exists()
        assert User.objects.get(email=email).emailaddress_set.get().verified


def test_loading_books_no_mail_to_people_who_do_not_exist(demo_edition):
    assert Message.objects.count() == 0


def test_removing_the_demo_leaves_the_true_programme_as_it_was(programme):
    standing = rows()
    demo.load()
    said = StringIO()
    call_command("remove_demo", stdout=said)

    assert rows() == standing
    assert "events.Event 23" in said.getvalue()


def test_removing_takes_along_what_visitors_tried_out(demo_edition):
    event = Event.objects.published().upcoming().filter(sign_up="open", status="published").last()
    Event.objects.filter(pk=event.pk).update(opens_at=None)
    places.register(event, a_stranger(), [parties.Head("Ktoś Nowy")])
    dialogue.ask(Initiative.objects.get(slug="pokaz-rozmowny-klub"), "Kiedy?", email="pytajaca@example.org")
    demo_removal.remove()

    assert (Registration.objects.count(), Person.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_removing_takes_people_whose_records_were_joined(demo_edition):
    kept, gone = Person.objects.filter(is_demo=True, user=None).order_by("pk")[:2]
    merging.merge(kept, gone, actor=User.objects.get(email="urzedniczka@example.org"))
    demo_removal.remove()

    assert Person.objects.count() == 0


def test_removing_takes_along_a_whole_week_of_trying_out(demo_edition):
    animator, coordinator = (User.objects.get(email=f"{name}@example.org") for name in ("animatorka", "koordynatorka"))
    ugorek, project = Neighbourhood.objects.get(slug="ugorek"), Project.objects.get(slug="demo")
    past = Event.objects.filter(project=project, module__number=1).past().get()
    attendance.walk_in(past, "Ktoś Przechodzący", key=uuid.uuid4(), actor=animator)
    photo = a_photo(ugorek, actor=animator)
    closing.make_news(a_closing(past, pictures=[photo], what_happened="Było."), actor=animator)
    surveys.open_survey(Questionnaire.objects.get(), past)
    certificates.issue(User.objects.get(email="mieszkanka@example.org").person, project, actor=coordinator)
    a_helper(Event.objects.get(title_pl="Dzień otwarty Klubu Pokazowego"))
    lists.take(a_list(ugorek, ["Osoba z Listy;600 100 900;;"], actor=animator), Person.objects.all(), actor=animator)
    assert photo.small.storage.exists(photo.small.name)
    words = [takedown.nouns()[label].public().first() for label in ("projects.answer", "projects.question", "content.diaryentry")]
    for row in (photo, *words, News.objects.published().first(), Initiative.objects.published().filter(is_demo=True).first()):
        takedown.take_down(row, why="other", sentence="Na próbę.", actor=coordinator)
    with TestCase.captureOnCommitCallbacks(execute=True):
        demo_removal.remove()

    gone = (
        EventClosing,
        Photo,
        News,
        Survey,
        Questionnaire,
        Certificate,
        Training,
        EventHelper,
        ListImport,
        Registration,
        Person,
        Assignment,
        TakeDown,
    )
    assert [model.__name__ for model in gone if model.objects.exists()] == []
    assert not photo.small.storage.exists(photo.small.name)
    assert not User.objects.filter(is_active=True, email__endswith="ka@example.org").exists()


def test_removing_keeps_people_a_true_event_knows(demo_edition):
    true_event = an_event(Neighbourhood.objects.get(slug="ugorek"), project=Project.objects.get(slug="krakow-2013"))
    registration = signed_up(true_event)
    demo_removal.remove()

    assert list(Registration.objects.all()) == [registration]


def test_account_the_access_log_names_stays_as_an_empty_shell(demo_edition):
    animator = User.objects.get(email="animatorka@example.org")
    access_log.record(AccessLog.Action.READ, "person", actor=animator, ids=[1])
    demo_removal.remove()

    shell = User.objects.get()
    assert (shell.pk, shell.is_active, shell.name, shell.has_usable_password()) == (animator.pk, False, "", False)
    assert (access_log.broken_links(), Assignment.objects.count()) == ([], 0)


def test_demo_with_nothing_upcoming_begins_anew_only_when_asked(demo_edition):
    later = timezone.now() + timedelta(days=60)
    first = set(Event.objects.values_list("pk", flat=True))
    accounts = set(User.objects.values_list("pk", flat=True))

    assert demo.load(at=later) == Counter()
    made = demo.load(at=later, refresh=True)

    assert (made["event"], Event.objects.filter(pk__in=first).count()) == (23, 0)
    assert set(User.objects.values_list("pk", flat=True)) == accounts
    assert demo.has_upcoming(later)


def test_commands_are_silent_when_asked():
    said = StringIO()
    for command in (["load_programme", "krakow-2013"], ["load_demo"], ["remove_demo"]):
        call_command(*command, verbosity=0, stdout=said)

    assert said.getvalue() == ""


def test_command_says_when_the_demo_stands_and_when_it_is_over(demo_edition):
    said = StringIO()
    call_command("load_demo", stdout=said)
    assert "already there" in said.getvalue()
    past = {"starts_at": timezone.now() - timedelta(hours=2), "ends_at": timezone.now(), "promotion": "automatic", "draw_at": None}
    Event.objects.filter(ends_at__gt=timezone.now()).update(**past)
    call_command("load_demo", stdout=said)
    assert "--refresh" in said.getvalue()


def test_removing_names_the_rows_that_still_need_the_demo(demo_edition):
    true_event = an_event(Neighbourhood.objects.get(slug="ugorek"), project=Project.objects.get(slug="krakow-2013"))
    Event.objects.filter(pk=true_event.pk).update(venue=Venue.objects.filter(is_demo=True).first())

    with pytest.raises(CommandError, match="Event"):
        call_command("remove_demo")
    assert Project.objects.filter(is_demo=True).exists()


def test_removing_without_a_demo_removes_nothing(programme):
    assert demo_removal.remove() == Counter()
