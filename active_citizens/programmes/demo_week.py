"""What the demo's team has done and has still to do, so that every job of a week can be tried at once; made by the verbs."""

import uuid
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from active_citizens.content.domain import news, photos
from active_citizens.content.models import Photo
from active_citizens.core.pictures import take_in
from active_citizens.programmes.loader import Entry
from events.domain import closing, plans, questionnaires, surveys
from events.models import Event, HeadCount, Survey, Training, TrainingPerson
from participants.domain import consents
from participants.models import User
from projects.domain import network, takedown
from projects.models import LeaderProfile, TakeDown

if TYPE_CHECKING:
    from active_citizens.programmes.demo import Cast

STORY = {
    "what_happened": "Każda osoba powiedziała, co umie i lubi robić. Spisaliśmy to na wielkiej kartce. (Dane pokazowe).",
    "who_came": "Przyszli sąsiadki i sąsiedzi z czterech bloków.",
    "best": "Rozmowa trwała jeszcze na schodach.",
    "next_step": "Za miesiąc zrobimy mapę dobrych miejsc.",
    "differently": "Zacząć pół godziny później.",
}
TRANSLATED = {
    "title_en": "Let us meet: the first meeting on Ugorek",
    "title_uk": "Познайоммося: перша зустріч на Угорку",
    "lead_en": "Everybody said what they can do and like doing. We wrote it down on a big sheet. (Demo data.)",
    "lead_uk": "Кожна особа сказала, що вміє та любить робити. Ми записали це на великому аркуші. (Показові дані.)",
    "body_en": "Neighbours came from four blocks.\n\nThe talk went on on the stairs.\n\nIn a month we will make a map of good places.",
    "body_uk": "Прийшли сусідки й сусіди з чотирьох будинків.\n\nРозмова тривала ще на сходах.\n\nЗа місяць зробимо мапу добрих місць.",
}
# Answers of six invented sheets to the pattern „event”, by the question's number; the last two come from paper.
SHEETS = [(5, 4, 3), (4, 5, 2), (5, 5, 3), (3, 4, 2), (4, 4, 3), (5, 3, 1)]


def fill(cast: "Cast") -> None:
    """Close one event and leave others to be closed, note a training, ask a question, move a date that somebody must be rung about."""
    ugorek = cast.estates["ugorek"]
    animator = cast.animator(ugorek)
    first = Event.objects.get(project=cast.project, title_pl="Poznajmy się: pierwsze spotkanie na Ugorku")
    _count(first, animator)
    _close(cast, first, animator)
    _train(cast, animator)
    _ask(cast, first, animator)
    moved = Event.objects.get(project=cast.project, title_pl="Jak prowadzić spotkanie sąsiedzkie")
    later = moved.starts_at + timedelta(hours=1)
    plans.reschedule_event(moved, starts_at=later, reason="Sala jest wolna dopiero godzinę później.", actor=animator, at=cast.now)


def join_network(cast: "Cast", entries: list[Entry]) -> None:
    """Leaders of the network: by their own account, else as from paper, typed in by the animator; once, also when the demo begins anew.

    Nobody joins where the text of the consent has not been loaded yet: the true programme brings it.
    """
    if consents.current_text(network.LEADERS, "pl") is None:
        return
    for entry in entries:
        person, places = cast.people[entry["person"]], [cast.estates[slug] for slug in entry["neighbourhoods"]]
        if LeaderProfile.objects.filter(person=person).exists():
            continue
        words = network.Words(entry["name"], entry["offer"], places, entry["languages"], entry.get("lang", "pl"))
        if person.user is not None:
            network.join(person.user, words, is_adult=True, at=cast.now)
        else:
            network.enter(person, words, is_adult=True, reference=entry["reference"], actor=cast.animator(places[0]), at=cast.now)


def _count(event: Event, animator: User) -> None:
    """Heads counted in the room; rows, since the verb logs a look at the people of the list."""
    for dimension, value, number in (("channel", "face_to_face", 9), ("age", "senior", 4), ("age", HeadCount.NO_ANSWER, 5)):
        HeadCount.objects.create(event=event, dimension=dimension, value=value, heads=number, counted_by=animator)


def _close(cast: "Cast", event: Event, animator: User) -> None:
    """The card with its story, an agreement that is due today, a drawn picture, and news made of it."""
    picture = _picture(cast, event, animator)
    at = event.ends_at + timedelta(hours=1)
    said = closing.close(
        event,
        closing.Account(volunteer_minutes=270, cost_grosze=4_500, sentences=STORY, is_story_public=True),
        pictures=[picture],
        arrangement=closing.Arrangement(
            {"agreed": "Klub zostawi nam klucz do szafki na materiały. (Dane pokazowe)"}, owner=animator, follow_up_on=cast.day(0)
        ),
        actor=animator,
        at=at,
    )
    draft = closing.make_news(said, actor=animator, at=at)
    for name, value in TRANSLATED.items():
        setattr(draft, name, value)
    draft.save()
    news.publish(draft, actor=animator, at=at)
    _take_down_and_restore(picture, animator, at)


def _take_down_and_restore(picture: Photo, animator: User, at: datetime) -> None:
    """So that the journal has something to show, and nothing is missing."""
    why, mistake = "Ktoś pisze, że rozpoznaje sąsiadkę. (Dane pokazowe)", "To rysunek: nikogo na nim nie ma. (Dane pokazowe)"
    takedown.take_down(picture, why=TakeDown.Why.PERSONAL_DATA, sentence=why, actor=animator, at=at)
    takedown.restore(picture, sentence=mistake, actor=animator, at=at + timedelta(hours=1))


def _picture(cast: "Cast", event: Event, animator: User) -> Photo:
    """A drawing that nobody takes for a photo."""
    image = Image.new("RGB", (960, 640), "#f1e7d3")
    draw = ImageDraw.Draw(image)
    for number, colour in enumerate(("#1d643f", "#1f4b99", "#fdb833", "#8f1d21")):
        left = 90 + 210 * number
        draw.ellipse((left + 35, 190, left + 115, 270), fill=colour)
        draw.rounded_rectangle((left, 280, left + 150, 480), radius=40, fill=colour)
    out = BytesIO()
    image.save(out, "PNG")
    photo = photos.add(
        take_in(SimpleUploadedFile("pokaz.png", out.getvalue())),
        neighbourhoods=event.neighbourhoods.all(),
        alt="Rysunek pokazowy: cztery kolorowe postacie stoją obok siebie.",
        taken_on=event.starts_at.date(),
        actor=animator,
    )
    words = {
        "alt_en": "A demo drawing: four coloured figures stand side by side.",
        "alt_uk": "Показовий малюнок: чотири кольорові постаті поруч.",
    }
    Photo.objects.filter(pk=photo.pk).update(is_demo=True, **words)
    return photo


def _train(cast: "Cast", animator: User) -> None:
    training = Training.objects.create(
        project=cast.project, title="Szkolenie osób prowadzących (pokaz)", held_on=cast.day(-50), minutes=16 * 60,
        trained_by="zespół pokazowy", place="Klub Pokazowy na Ugorku", is_demo=True,
    )  # fmt: skip
    TrainingPerson.objects.create(training=training, user=animator)
    TrainingPerson.objects.create(training=training, name="Gość Szkolony (pokaz)")


def _ask(cast: "Cast", event: Event, animator: User) -> None:
    """A survey of the pattern that comes with the portal, still open, with enough sheets to be read."""
    draft = questionnaires.start_from("event", cast.project)
    type(draft).objects.filter(pk=draft.pk).update(is_demo=True)
    asked = surveys.open_survey(questionnaires.publish(draft, at=cast.now), event, closes_at=cast.now + timedelta(days=14))
    for number, sheet in enumerate(SHEETS):
        _answer(asked, sheet, animator if number >= len(SHEETS) - 2 else None, cast)


def _answer(survey: Survey, sheet: tuple[int, ...], entered_by: User | None, cast: "Cast") -> None:
    surveys.fill(survey, dict(enumerate(sheet, start=1)), key=uuid.uuid4(), entered_by=entered_by, at=cast.now)
