"""Emergency take-down: gone at once from every page and every cache, written down for good, and restored when it was a mistake."""

import re
import time
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from active_citizens.content.domain import diary, photos
from active_citizens.content.domain import news as news_verbs
from active_citizens.content.domain import pages as page_verbs
from active_citizens.content.models import DiaryEntry, News, NewsPhoto, Page
from active_citizens.core import page_cache
from active_citizens.core.pictures import take_in
from active_citizens.core.refusal import RuleBroken
from events.reasons import initiative_lines
from participants.domain import messages
from projects.domain import dialogue, following, reporting, stories, takedown
from projects.models import Answer, CallMatter, Initiative, InitiativeReport, Project, TakeDown
from tests import makers
from tests.server import portal_server

pytestmark = pytest.mark.django_db
LOCAL_PAGES = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}


def a_page():
    return Page.objects.create(
        slug="pomoc", title="Pomoc sąsiedzka", body="Jak to działa.", publisher="UMK", author="Zespół", entered_by="Zespół",
        made_on=timezone.localdate(), published_at=timezone.now(),
    )  # fmt: skip


def a_photo_of_news():
    photo = makers.a_photo()
    NewsPhoto.objects.create(news=makers.some_news(), photo=photo)
    return photo


# What can be taken down: how one is made, and where it stands besides its own address.
NOUNS = {
    "content.news": (
        lambda: makers.some_news(title_pl="Straszna wiadomość"),
        ["/", "/aktualnosci/", "/aktualnosci/rss/", "/sitemap.xml", "/osiedla/ugorek/"],
    ),
    "content.page": (a_page, []),
    "content.photo": (a_photo_of_news, []),
    "projects.initiative": (
        lambda: makers.an_initiative(title="Straszna inicjatywa", slug="straszna-inicjatywa"),
        ["/", "/inicjatywy/", "/sitemap.xml", "/osiedla/ugorek/"],
    ),
}
each_noun = pytest.mark.parametrize("label", NOUNS)
HARM = "Straszne słowa"


def a_running_one():
    """An initiative of somebody with a mailbox."""
    initiative = makers.an_initiative(status="running", proposed_by=makers.a_person(email="autorka@example.org"))
    Project.objects.update(questions_open=True)
    return Initiative.objects.get(pk=initiative.pk)


def a_story_of_an_initiative():
    return InitiativeReport.objects.create(
        initiative=a_running_one(), done="Wszystko.", story=HARM, handed_in_at=timezone.now(), story_published_at=timezone.now()
    )


def a_change_story(**how):
    person = makers.a_person(email="opowiada@example.org")
    makers.a_consent_text("story")
    told = stories.Told(HARM, "Zmiana.", "Ważna.")
    return stories.publish(stories.tell(a_running_one(), told, person) if not how else stories.from_paper(a_running_one(), told, **how))


def a_question(text=HARM):
    return makers.a_question(a_running_one(), text, shown=True, email="pyta@example.org")


def an_answer(by):
    answer = dialogue.answer(a_question("Kiedy?"), HARM, by=by, actor=makers.an_officer() if by != "group" else None)
    return answer if answer.is_shown else dialogue.show(answer, actor=makers.an_officer())


def a_word_back():
    question = an_answer("team").question
    Answer.objects.update(text="Jutro.")
    return dialogue.show(dialogue.reply(question.key, HARM), actor=makers.an_officer())


def a_day(**how):
    entry = diary.write(a_running_one(), HARM, on=timezone.localdate(), **how)
    diary.show(entry)
    return DiaryEntry.objects.get(pk=entry.pk)


# Words that stand on somebody else's page: how they are made, and who is told when they go.
WORDS = {
    "a story of an initiative": (a_story_of_an_initiative, ["autorka@example.org"]),
    "a story of a change": (a_change_story, ["opowiada@example.org"]),
    "a story of a change from paper": (lambda: a_change_story(paper_reference="segregator 1"), []),
    "a question": (a_question, ["pyta@example.org"]),
    "an answer of the group": (lambda: an_answer("group"), ["autorka@example.org"]),
    "an answer of the office": (lambda: an_answer("office"), []),
    "a word back": (a_word_back, ["pyta@example.org"]),
    "a day of a diary": (a_day, ["autorka@example.org"]),
    "a day the team wrote": (lambda: a_day(author=makers.an_officer()), []),
}
MAKERS = {
    **{label: make for label, (make, _lists) in NOUNS.items()},
    "projects.initiativereport": a_story_of_an_initiative, "projects.changestory": a_change_story, "projects.question": a_question,
    "projects.answer": lambda: an_answer("group"), "content.diaryentry": a_day,
}  # fmt: skip
each_kind = pytest.mark.parametrize("label", MAKERS)
each_words = pytest.mark.parametrize("what", WORDS)


def down(row, actor=None, **said):
    return takedown.take_down(row, actor=actor or makers.an_officer(), **{"why": "personal_data", "sentence": "Numer telefonu.", **said})


def back(row, actor=None, **said):
    return takedown.restore(row, actor=actor or makers.an_officer(), **{"sentence": "Pomyłka.", **said})


def address_of(row):
    return takedown.noun_of(row).address(row)


def mark_of(row):
    """What of the row stands on lists: the last part of its address."""
    return address_of(row).strip("/").rpartition("/")[2]


def code_of(verb, *args, **kwargs):
    with pytest.raises(RuleBroken) as caught:
        verb(*args, **kwargs)
    return caught.value.code


def content(answer):
    return b"".join(answer.streaming_content).decode("latin-1") if answer.streaming else answer.content.decode()


# --- What visitors see --------------------------------------------------------------------------------------------------


def test_every_registered_noun_is_in_this_table():
    assert set(takedown.nouns()) == set(MAKERS)


@each_noun
def test_its_address_answers_410_and_every_list_forgets_it(label, client):
    make, lists = NOUNS[label]
    row = make()
    mark = mark_of(row)
    assert client.get(address_of(row)).status_code == 200
    assert all(mark in content(client.get(page)) for page in lists)
    down(row, sentence="Zdradza adres pani Z.")
    answer = client.get(address_of(row))
    assert answer.status_code == 410
    assert answer["Cache-Control"] == "no-store", "restored, it must be found again"
    assert "adres pani" not in content(answer)
    assert [page for page in lists if mark in content(client.get(page))] == []
    back(row)
    assert client.get(address_of(row)).status_code == 200
    assert all(mark in content(client.get(page)) for page in lists)


@pytest.mark.parametrize("language", ["", "/en", "/uk"])
def test_the_page_says_when_and_whom_to_ask_and_repeats_nothing(language, client):
    news = makers.some_news(title_pl="Pan Iksiński kradnie", body_pl="Mieszka pod siódemką.")
    down(news, at=timezone.now().replace(year=2031, month=5, day=3, hour=12))
    page = content(client.get(language + news.get_absolute_url()))
    assert "2031" in page
    assert "kontakt/" in page
    assert 'name="robots" content="noindex"' in page
    assert not [word for word in ("Iksiński", "siódemką", "Numer telefonu", "dane osobowe", "personal data") if word in page]


def test_an_address_where_nothing_ever_was_is_not_found(client):
    down(makers.some_news())
    for address in ("/aktualnosci/nie-ma/", "/inicjatywy/nie-ma/", f"/zdjecia/{'0' * 24}-480.webp", "/nie/ma/"):
        assert client.get(address).status_code == 404


@each_words
def test_words_vanish_from_the_page_they_stand_on_and_from_letters(what, client):
    row = WORDS[what][0]()
    where = address_of(row)
    assert HARM in content(client.get(where))
    down(row)
    assert HARM not in content(client.get(where))
    assert [each for each in following.happenings(Initiative.objects.all()) if HARM in each.text] == []
    back(row)
    assert HARM in content(client.get(where))


def test_a_day_takes_its_photos_with_it_and_brings_those_back_that_went_with_it(client, mailoutbox):
    photos_of_it = [diary.NewPhoto(take_in(makers.a_picture(colour=colour)), "Ławka.") for colour in ("green", "red")]
    entry = a_day(pictures=photos_of_it)
    bench, fence = entry.photos.order_by("pk")
    down(bench)
    down(entry)
    assert [client.get(photo.large_url).status_code for photo in (bench, fence)] == [410, 410]
    back(entry)
    assert [client.get(photo.large_url).status_code for photo in (bench, fence)] == [410, 200], "one had gone by itself"
    messages.deliver_due()
    told = [mail.subject.partition(" – ")[0] for mail in mailoutbox if "portal" in mail.subject]
    assert told == ["Zdjęto z portalu: zdjęcie", "Znowu na portalu: wpis w dzienniku"]


def test_what_nobody_saw_is_not_said_to_have_stood_there(client):
    idea = makers.an_initiative(status="idea")
    assert code_of(down, idea) == "not_public"
    assert client.get(idea.get_absolute_url()).status_code == 404


def test_a_photo_vanishes_from_the_page_it_stands_on_in_both_widths(client):
    photo = a_photo_of_news()
    [news] = photo.news.all()
    assert photo.small_url in content(client.get(news.get_absolute_url()))
    down(photo)
    page = client.get(news.get_absolute_url())
    assert (page.status_code, photo.key in content(page)) == (200, False)
    assert [client.get(url).status_code for url in (photo.small_url, photo.large_url)] == [410, 410]


def test_a_piece_of_news_takes_its_versions_with_it_and_those_from_before_never_come_back(client):
    news = makers.some_news(at=timezone.now() - timedelta(days=2))
    first = reverse("news_version", args=[news.slug, 1])
    assert client.get(first).status_code == 200
    down(news, at=timezone.now() - timedelta(days=1))
    assert client.get(first).status_code == 410
    back(news)
    assert [version.number for version in news_verbs.public_versions(news)] == [2]
    assert client.get(first).status_code == 404
    assert client.get(reverse("news_version", args=[news.slug, 2])).status_code == 200
    assert [version.number for version in news_verbs.versions(news)] == [2, 1], "the team keeps both"


# --- In every cache -----------------------------------------------------------------------------------------------------


class Process:
    """What one server process keeps: a page cache of its own, and the generation it knows."""

    def __init__(self, name):
        self.name, self.generation = name, page_cache.Generation()

    def get(self, monkeypatch, address):
        with monkeypatch.context() as patched:
            patched.setattr(page_cache.KeepPageMiddleware, "cache", property(lambda middleware: caches[self.name]))
            patched.setattr(page_cache.ShowKeptPageMiddleware, "cache", property(lambda middleware: caches[self.name]))
            patched.setattr(page_cache.ShowKeptPageMiddleware, "generation", self.generation)
            return Client().get(address)


@pytest.fixture
def processes(settings):
    """Two processes whose page caches never run out by themselves during a test."""
    settings.CACHES = {
        **settings.CACHES, **{name: {**LOCAL_PAGES, "LOCATION": name, "TIMEOUT": None} for name in ("pages one", "pages two")},
    }  # fmt: skip
    settings.CACHE_MIDDLEWARE_SECONDS = 600
    return Process("pages one"), Process("pages two")


@each_noun
def test_two_processes_that_keep_the_page_forget_it_at_once(label, processes, monkeypatch):
    monkeypatch.setattr(page_cache, "LOOKS_AFTER", 0)
    make, lists = NOUNS[label]
    row = make()
    pages = [address_of(row), *lists]
    if label == "content.photo":
        pages = [row.news.get().get_absolute_url()]
    before = [[content(process.get(monkeypatch, page)) for page in pages] for process in processes for _once in range(2)]
    assert before[0] == before[1] == before[2] == before[3]
    type(row).objects.filter(pk=row.pk).update(taken_down_at=timezone.now())
    assert content(processes[1].get(monkeypatch, pages[0])) == before[0][0], "the page comes from the cache, or nothing is proved"
    type(row).objects.filter(pk=row.pk).update(taken_down_at=None)
    down(row)
    mark = row.key if label == "content.photo" else mark_of(row)
    for process in processes:
        answers = [process.get(monkeypatch, page) for page in pages]
        if label != "content.photo":
            assert answers.pop(0).status_code == 410
        assert [mark in content(answer) for answer in answers] == [False] * len(answers)


def test_a_page_made_while_something_is_taken_down_is_not_kept_as_new(processes, monkeypatch):
    """Read before the commit, kept after it: it carries the generation from before."""
    monkeypatch.setattr(page_cache, "LOOKS_AFTER", 0)
    news, (process, _other) = makers.some_news(title_pl="Straszna wiadomość"), processes
    process.get(monkeypatch, "/pomoc/")
    original = page_cache.KeepPageMiddleware.process_response

    def late(middleware, request, response):
        monkeypatch.setattr(page_cache.KeepPageMiddleware, "process_response", original)
        down(news)
        return original(middleware, request, response)

    monkeypatch.setattr(page_cache.KeepPageMiddleware, "process_response", late)
    assert news.slug in content(process.get(monkeypatch, "/aktualnosci/"))
    assert news.slug not in content(process.get(monkeypatch, "/aktualnosci/"))


def test_a_kept_page_costs_one_query_in_a_tenth_of_a_second(processes, monkeypatch, django_assert_num_queries):
    process, _other = processes
    monkeypatch.setattr(page_cache, "LOOKS_AFTER", 60)
    for _once in range(3):
        process.get(monkeypatch, "/aktualnosci/")
    with django_assert_num_queries(0):
        assert process.get(monkeypatch, "/aktualnosci/").status_code == 200


@pytest.mark.parametrize("address", ["/", "/aktualnosci/", "/aktualnosci/rss/", "/sitemap.xml", "/inicjatywy/"])
def test_browsers_and_proxies_ask_before_they_show_a_page_again(address, processes, monkeypatch):
    process, _other = processes
    for _fresh_then_kept in range(3):
        answer = process.get(monkeypatch, address)
        assert (answer["Cache-Control"], answer.has_header("Expires")) == ("no-cache", False)


def test_a_browser_that_keeps_a_photo_asks_and_hears_that_it_is_gone(client, processes, monkeypatch):
    process, _other = processes
    photo = makers.a_photo()
    first = process.get(monkeypatch, photo.large_url)
    assert first["Cache-Control"] == "public, no-cache, max-age=0"
    again = client.get(photo.large_url, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", first["Cache-Control"])
    assert client.get(photo.small_url, headers={"if-none-match": first["ETag"]}).status_code == 200, "another file"
    down(photo)
    gone = client.get(photo.large_url, headers={"if-none-match": first["ETag"]})
    assert gone.status_code == 410


def test_an_answer_without_a_body_is_not_kept_for_those_who_have_no_photo(processes, monkeypatch):
    photo, (process, _other) = makers.a_photo(), processes
    tag = process.get(monkeypatch, photo.large_url)["ETag"]
    with monkeypatch.context() as patched:
        patched.setattr(page_cache.KeepPageMiddleware, "cache", property(lambda middleware: caches[process.name]))
        patched.setattr(page_cache.ShowKeptPageMiddleware, "cache", property(lambda middleware: caches[process.name]))
        assert Client().get(photo.large_url, headers={"if-none-match": tag}).status_code == 304
    assert process.get(monkeypatch, photo.large_url).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_server_processes_that_keep_pages_for_ten_minutes_forget_one_at_once(monkeypatch):
    """As in production: two gunicorns with a cache each; what the panel's process writes, both hear from the database."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.load.settings")
    monkeypatch.setenv("PAGE_CACHE_SECONDS", "600")
    news = makers.some_news(title_pl="Straszna wiadomość")
    with portal_server(workers=1) as one, portal_server(workers=1) as two:
        for server in (one, two, one, two):
            assert "Straszna wiadomość" in read(f"{server}/aktualnosci/")[1]
            assert read(server + news.get_absolute_url())[0] == 200
        News.objects.update(title_pl="Poprawiona wiadomość")
        assert all("Straszna wiadomość" in read(f"{server}/aktualnosci/")[1] for server in (one, two)), "it is kept, or nothing is proved"
        down(news)
        time.sleep(page_cache.LOOKS_AFTER)
        for server in (one, two):
            assert "wiadomość" not in read(f"{server}/aktualnosci/")[1]
            assert read(server + news.get_absolute_url())[0] == 410


def read(address):
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


# --- The verbs and the journal ------------------------------------------------------------------------------------------


@each_kind
def test_the_journal_says_what_why_who_and_when(label):
    row, officer, now = MAKERS[label](), makers.an_officer(), timezone.now()
    act = down(row, officer, why="offends", sentence="  Wyzwiska.  ", at=now)
    row.refresh_from_db()
    assert row.taken_down_at == now
    assert (act.label, act.object_id, act.number, act.act, act.why, act.sentence, act.actor, act.at) == (
        label, row.pk, 1, "down", "offends", "Wyzwiska.", officer, now,
    )  # fmt: skip
    assert down(row, why="other", sentence="Jeszcze raz.") == act, "taken down already, it stays as it was"
    up = back(row)
    row.refresh_from_db()
    assert (up.number, up.act, up.why, row.taken_down_at) == (2, "restored", "", None)
    assert back(row) == up
    assert down(row).number == 3
    assert list(TakeDown.objects.standing().values_list("number", flat=True)) == [3]


def test_both_verbs_want_a_sentence_and_something_to_do():
    news = makers.some_news()
    assert code_of(down, news, sentence="  ") == "needs_reason"
    assert code_of(back, news) == "not_down"
    down(news)
    assert code_of(back, news, sentence="") == "needs_reason"
    assert code_of(news_verbs.publish, news) == "taken_down"


def test_the_journal_can_be_neither_changed_nor_shortened():
    act = down(makers.some_news())
    for change in (lambda: TakeDown.objects.filter(pk=act.pk).update(sentence="Nic."), act.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 1},
        {"number": 3, "act": "restored", "why": ""},
        {"number": 2},
        {"number": 2, "act": "restored"},
        {"number": 3, "why": ""},
        {"number": 3, "sentence": ""},
    ],
)
def test_the_database_knows_the_order_of_acts(wrong):
    act = down(makers.some_news())
    same = {name: getattr(act, name) for name in ("label", "object_id", "act", "why", "sentence", "actor", "at")}
    with pytest.raises(IntegrityError), transaction.atomic():
        TakeDown.objects.create(**{**same, "number": 3, **wrong})


def test_saving_a_page_that_was_taken_down_meanwhile_does_not_restore_it(client):
    page = a_page()
    opened = Page.objects.get(pk=page.pk)
    down(page)
    opened.title_pl = "Poprawiona"
    page_verbs.publish_page(opened)
    assert client.get("/pomoc/").status_code == 410


def test_a_photo_taken_down_is_cleaned_up_but_comes_in_again_by_no_back_door():
    picture = take_in(makers.a_picture(colour="orange"))

    def add():
        return photos.add(picture, neighbourhoods=[makers.a_neighbourhood("Ugorek")], alt="Sąsiedzi.", once_for="a take-down")

    photo = add()
    down(photo)
    assert code_of(add) == "taken_down"
    photos.remove_files(photo)
    assert code_of(back, photo) == "files_removed"
    assert code_of(photos.show_again, photo) == "files_removed"


def test_a_photo_hidden_for_a_consent_stays_hidden_when_it_is_restored(client):
    photo = makers.a_photo()
    down(photo)
    photos.hide(photo)
    assert code_of(photos.show_again, photo) == "taken_down"
    back(photo)
    assert client.get(photo.large_url).status_code == 404


# --- Whose words they were ----------------------------------------------------------------------------------------------


@each_words
def test_whoever_wrote_it_is_told_once_why_and_how_to_object(what, mailoutbox):
    make, told = WORDS[what]
    row = make()
    messages.deliver_due()
    mailoutbox.clear()
    down(row, why="offends", sentence="Wyzwiska wobec sąsiada.")
    down(row, why="offends", sentence="Jeszcze raz.")
    messages.deliver_due()
    assert [mail.to for mail in mailoutbox] == [[address] for address in told]
    for mail in mailoutbox:
        assert takedown.noun_of(row).name in mail.subject
        words = " ".join(mail.body.split())
        said = (
            "obraża kogoś albo mu grozi",
            "Wyzwiska wobec sąsiada.",
            "osoba z zespołu, a nie automat",
            "zbada sprawę ponownie",
            "/regulamin/",
        )
        assert [each for each in said if each not in words] == []
        assert HARM not in words
    mailoutbox.clear()
    back(row)
    messages.deliver_due()
    assert [(mail.to, "Znowu na portalu" in mail.subject) for mail in mailoutbox] == [([address], True) for address in told]


def test_an_initiative_that_goes_is_told_to_those_behind_it_without_its_title(mailoutbox):
    initiative = a_running_one()
    down(initiative)
    messages.deliver_due()
    assert [mail.to for mail in mailoutbox] == [["autorka@example.org"]]
    assert initiative.title not in mailoutbox[0].subject + mailoutbox[0].body
    assert initiative.reference.split("-")[0] in mailoutbox[0].body


def test_a_letter_that_waited_says_nothing_that_is_not_so_any_more(mailoutbox):
    row = a_question()
    messages.deliver_due()
    mailoutbox.clear()
    down(row)
    back(row)
    messages.deliver_due()
    assert ["Znowu na portalu" in mail.subject for mail in mailoutbox] == [True]


def test_somebody_without_a_mailbox_is_rung():
    initiative = makers.an_initiative(status="running", proposed_by=makers.a_person(email="", phone="+48126165555"))
    act = down(initiative, why="copyright", sentence="Zdjęcie z gazety.")
    matter = CallMatter.objects.get(reason="taken_down")
    assert (matter.context["act"], matter.task.person) == (act.pk, initiative.proposed_by)
    assert initiative_lines(matter)[-1] == "cudza praca, bez zgody. Zdjęcie z gazety."


def test_nobody_reads_out_by_phone_what_was_taken_down():
    initiative = makers.an_initiative(status="running", proposed_by=makers.a_person(email="", phone="+48126165555"))
    Project.objects.update(questions_open=True)
    question = makers.a_question(Initiative.objects.get(pk=initiative.pk), HARM, shown=True)
    asked = CallMatter.objects.get(reason="question_asked")
    assert HARM in initiative_lines(asked)
    down(question)
    assert HARM not in initiative_lines(asked)
    down(initiative)
    told = CallMatter.objects.get(reason="taken_down")
    assert len(initiative_lines(told)) > 1
    back(initiative)
    assert initiative_lines(told) == [initiative.title], "that is not so any more"


def test_what_is_hidden_meanwhile_is_not_said_to_be_there_again(mailoutbox):
    question = a_question()
    down(question)
    dialogue.hide(question, reason="Nie na temat.", actor=makers.an_officer())
    messages.deliver_due()
    mailoutbox.clear()
    panel = signed_in(makers.an_officer())
    page = content(panel.post(step(question, "restore"), {"sentence": "Pomyłka."}, follow=True))
    assert "nikt tego jeszcze nie widzi" in page
    messages.deliver_due()
    assert mailoutbox == []


def test_whoever_asked_reads_on_their_own_page_why_the_question_went(client):
    question = a_question()
    down(question, why="offends", sentence="Wyzwiska.")
    page = content(client.get(reverse("own_question", args=[question.key])))
    assert "Wyzwiska." in page
    assert "Każdy może przeczytać" not in page


@pytest.mark.parametrize(
    ("make", "show"),
    [
        (a_story_of_an_initiative, lambda row: reporting.publish_story(row.initiative)),
        (a_change_story, stories.publish),
        (a_question, lambda row: dialogue.show(row, actor=makers.an_officer())),
        (lambda: an_answer("group"), lambda row: dialogue.show(row, actor=makers.an_officer())),
        (a_day, diary.show),
    ],
    ids=["story", "change story", "question", "answer", "day"],
)
def test_what_was_taken_down_is_restored_and_not_shown_by_another_verb(make, show):
    row = make()
    down(row)
    assert code_of(show, row) == "taken_down"


# --- The panel ----------------------------------------------------------------------------------------------------------


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def step(row, verb="take"):
    return reverse(f"admin:projects_takedown_{verb}", args=[row._meta.label_lower, row.pk])


def change_page(row):
    if row._meta.label_lower == "projects.initiativereport":
        return reverse("admin:projects_initiative_running", args=[row.initiative_id])
    row = takedown.noun_of(row).stands_with(row)
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


@each_kind
@pytest.mark.parametrize(
    ("who", "may"),
    [
        (makers.a_coordinator, True),
        (makers.an_officer, True),
        (lambda: makers.an_animator(makers.a_neighbourhood("Ugorek")), None),
        (lambda: makers.an_animator(makers.a_neighbourhood("Azory")), False),
    ],
    ids=["coordinator", "officer", "own animator", "other animator"],
)
def test_the_office_takes_anything_down_and_animators_what_is_of_their_neighbourhoods(label, who, may):
    row, panel = MAKERS[label](), signed_in(who())
    may = may if may is not None else label != "content.page"
    asked = panel.get(step(row))
    assert asked.status_code == (200 if may else 404)
    sent = panel.post(step(row), {"why": "copyright", "sentence": "Zdjęcie z gazety."})
    assert sent.status_code == (302 if may else 404)
    row.refresh_from_db()
    assert (row.taken_down_at is not None) == may
    if may:
        assert panel.get(sent["Location"]).status_code == 200
        assert panel.post(step(row, "restore"), {"sentence": "Jest zgoda gazety."}).status_code == 302
        row.refresh_from_db()
        assert row.taken_down_at is None


def test_what_the_office_took_down_an_animator_does_not_restore():
    news = makers.some_news()
    down(news)
    panel = signed_in(makers.an_animator(makers.a_neighbourhood("Ugorek")))
    assert panel.get(step(news, "restore")).status_code == 403
    assert panel.post(step(news, "restore"), {"sentence": "Ja chcę."}).status_code == 403
    page = content(panel.get(change_page(news)))
    assert step(news, "restore") not in page
    assert step(news) not in page


@each_kind
def test_the_button_stands_on_the_page_of_the_thing(label):
    row, panel = MAKERS[label](), signed_in(makers.a_coordinator())
    page = content(panel.get(change_page(row)))
    assert step(row) in page
    assert "Zdejmij natychmiast" in page
    down(row, sentence="Numer telefonu sąsiadki.")
    page = content(panel.get(change_page(row)))
    assert step(row) not in page
    assert step(row, "restore") in page
    assert "Numer telefonu sąsiadki." in page


def test_a_step_without_a_reason_keeps_what_was_typed():
    news, panel = makers.some_news(), signed_in(makers.an_officer())
    page = content(panel.post(step(news), {"sentence": "Nieprawda o sąsiedzie."}))
    assert "Nieprawda o sąsiedzie." in page
    page = content(panel.post(step(news), {"why": "false", "sentence": ""}))
    assert re.search(r'value="false"[^>]* checked', page)
    assert "dziennik" in page
    assert TakeDown.objects.count() == 0


def test_at_night_the_address_is_enough(client):
    news, page, photo = makers.some_news(), a_page(), makers.a_photo()
    panel, find = signed_in(makers.an_officer()), reverse("admin:projects_takedown_find")
    for row, typed in (
        (news, f"https://portal.example.org/en{news.get_absolute_url()}?utm=x#versions"),
        (page, " /pomoc/ "),
        (photo, f"http://testserver{photo.small_url}"),
    ):
        answer = panel.post(find, {"address": typed})
        assert (answer.status_code, answer["Location"]) == (302, step(row))
    for typed in ("", "https://example.org/nie/ma", "/aktualnosci/", "ogłoszenie o psie", "http://[", "/panel/content/news/1/change/"):
        assert panel.post(find, {"address": typed}).status_code == 200
    other = signed_in(makers.an_animator(makers.a_neighbourhood("Azory")))
    assert other.post(find, {"address": news.get_absolute_url()}).status_code == 200


def test_the_journal_shows_what_it_was_and_restores_from_there():
    news, panel = makers.some_news(title_pl="Straszna wiadomość"), signed_in(makers.an_officer())
    journal = reverse("admin:projects_takedown_changelist")
    act = down(news, sentence="Numer telefonu sąsiadki.")
    page = content(panel.get(journal))
    assert "Straszna wiadomość" in page
    assert "Numer telefonu sąsiadki." in page
    one = reverse("admin:projects_takedown_change", args=[act.pk])
    assert step(news, "restore") in content(panel.get(one))
    back(news)
    assert step(news, "restore") not in content(panel.get(one))
    assert "Straszna wiadomość" not in content(panel.get(journal + "?state=standing"))
    question = a_question()
    down(question)
    page = content(panel.get(journal))
    assert question.initiative.title in page
    assert HARM not in page
    assert panel.post(reverse("admin:projects_takedown_delete", args=[act.pk])).status_code == 403


def test_the_journal_asks_as_often_for_many_as_for_one(django_assert_max_num_queries):
    panel = signed_in(makers.an_officer())
    journal = reverse("admin:projects_takedown_changelist")
    for make in MAKERS.values():
        down(make())
    panel.get(journal)
    with django_assert_max_num_queries(16) as few:
        panel.get(journal)
    for make in (makers.some_news, makers.an_initiative, a_question, a_day, a_story_of_an_initiative):
        down(make())
    with django_assert_max_num_queries(len(few.captured_queries)):
        panel.get(journal)


def test_the_notices_the_law_asks_for_stay_when_their_introduction_is_taken_down(client):
    page = a_page()
    Page.objects.filter(pk=page.pk).update(slug="prywatnosc")
    notice = makers.a_notice("phone")
    assert "Jak to działa." in content(client.get("/prywatnosc/"))
    down(Page.objects.get(pk=page.pk))
    left = client.get("/prywatnosc/")
    assert left.status_code == 200
    assert notice.title in content(left)
    assert "Jak to działa." not in content(left)
    assert "Pomoc sąsiedzka" not in content(left)
