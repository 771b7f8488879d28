"""Makers that read aloud: ``an_event(capacity=1)``, ``a_person()``, ``an_animator(of=azory)``."""

import itertools
import uuid
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from active_citizens.content.domain import news as news_verbs
from active_citizens.content.domain import photos
from active_citizens.content.models import News, Photo
from active_citizens.core.pictures import take_in
from active_citizens.core.text import plain
from events.domain import closing, questionnaires, surveys
from events.domain.parties import Head
from events.domain.places import register
from events.models import Event, EventClosing, EventHelper, Moment, Question, Questionnaire, Registration, Seat, Series, Survey, SurveySheet
from participants.domain import consents
from participants.models import ConsentText, Notice, Organisation, Person, User
from projects.domain import calls, dialogue, lists, workflow
from projects.models import (
    Assignment,
    CallTask,
    Filing,
    GrantCall,
    Initiative,
    InitiativeAgreement,
    InitiativeReport,
    LeaderProfile,
    ListImport,
    Milestone,
    Module,
    Neighbourhood,
    Plan,
    Project,
    Stage,
    Subscription,
    Venue,
)
from projects.models import Question as AskedQuestion

_numbers = itertools.count(1)


def a_project(**fields: Any) -> Project:
    number = next(_numbers)
    return Project.objects.create(**{
        "slug": f"projekt-{number}",
        "title": f"Projekt {number}",
        "is_published": True,
        "phone_line": "12 000 00 00",
        "phone_hours": "pn.–pt. 9–15",
        "contact_email": "program@example.org",
        **fields,
    })  # fmt: skip


def the_project() -> Project:
    """The current project, made at the first need."""
    return Project.objects.filter(is_current=True).first() or a_project(slug="biezacy", title="Bieżący projekt", is_current=True)


def a_stage(project: Project | None = None, number: int = 1, **fields: Any) -> Stage:
    return Stage.objects.create(**{"project": project or the_project(), "number": number, "title": f"Etap {number}", **fields})


def a_neighbourhood(name: str = "", **fields: Any) -> Neighbourhood:
    name = name or f"Osiedle {next(_numbers)}"
    slug = plain(name).replace(" ", "-")
    place, made = Neighbourhood.objects.get_or_create(slug=slug, defaults={"name": name, "name_locative": name, **fields})
    if made:
        place.projects.add(the_project())
    return place


def a_venue(**fields: Any) -> Venue:
    number = next(_numbers)
    return Venue.objects.create(**{
        "name": f"Klub {number}",
        "address": f"ul. Przykładowa {number}",
        "directions": "Z przystanku prosto.",
        "step_free": Venue.StepFree.YES,
        "access_note": "Wejście bez progu.",
        **fields,
    })  # fmt: skip


def today() -> date:
    """Asked when it is needed: a day kept from the beginning of the run would be yesterday after midnight."""
    return timezone.localdate()


def an_event(*neighbourhoods: Neighbourhood, in_days: float = 7, **fields: Any) -> Event:
    """A published event by sign-up, a week from now unless said."""
    number = next(_numbers)
    starts_at = fields.pop("starts_at", timezone.now() + timedelta(days=in_days))
    status = fields.pop("status", Event.Status.PUBLISHED)
    values = {
        "project": the_project(),
        "slug": f"wydarzenie-{number}",
        "title": f"Wydarzenie {number}",
        "summary": "Spotkanie sąsiedzkie.",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "access_contact": "12 000 00 00",
        "status": status,
        "published_at": timezone.now() if status != Event.Status.DRAFT else None,
        **fields,
    }
    values.setdefault("venue", a_venue())
    event = Event.objects.create(**values)
    event.neighbourhoods.set(neighbourhoods or [a_neighbourhood("Ugorek")])
    return event


def a_person(**fields: Any) -> Person:
    """A verified person with an e-mail, unless said otherwise."""
    number = next(_numbers)
    return Person.objects.create(**{
        "name": f"Osoba {number}",
        "email": f"osoba{number}@example.org",
        "verified_at": timezone.now(),
        **fields,
    })  # fmt: skip


def a_stranger(**fields: Any) -> Person:
    """Somebody unsaved and unverified, as the public form makes them."""
    number = next(_numbers)
    return Person(**{"name": f"Nowa Osoba {number}", "email": f"nowa{number}@example.org", **fields})


def signed_up(event: Event, person: Person | None = None, heads: int = 1, **how: Any) -> Registration:
    person = person or a_person()
    return register(event, person, [Head(f"{person.name} {number}" if number else person.name) for number in range(heads)], **how)


def a_call(
    registration: Registration,
    reason: str = "registration_held",
    *,
    person: Person | None = None,
    of: Neighbourhood | None = None,
    due_at: datetime | None = None,
) -> CallTask:
    """The open row of the contact (or of ``person``), with this to say in it."""
    person, event = person or registration.person, registration.event
    place = of or event.neighbourhoods.first()
    about = {"registration": registration.pk}
    calls.put_on_list([calls.News(person, reason, about, due_at or event.starts_at, event.starts_at, place and place.pk)])
    return CallTask.objects.open().get(matters__person=person, matters__reason=reason, matters__context=about)


def said_to_all(call: CallTask, answer: str = "yes") -> dict[int, str]:
    """The same answer to every question of the call."""
    return dict.fromkeys(call.matters.open().values_list("pk", flat=True), answer)


def a_user(email: str = "", **fields: Any) -> User:
    email = email or f"konto{next(_numbers)}@example.org"
    user = User.objects.create_user(email, "aktywna-spolecznosc", **{"name": f"Konto {email.split('@')[0]}", **fields})
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def staff(role: str, *, of: Neighbourhood | None = None, starts_on: Any = None, ends_on: Any = None, **fields: Any) -> User:
    user = a_user(**fields)
    Assignment.objects.create(
        user=user,
        role=role,
        neighbourhood=of,
        authorisation="TEST/1",
        starts_on=starts_on or timezone.localdate() - timedelta(days=30),
        ends_on=ends_on,
    )
    return user


def an_animator(of: Neighbourhood, **fields: Any) -> User:
    return staff(Assignment.Role.ANIMATOR, of=of, **fields)


def a_former_animator(of: Neighbourhood) -> User:
    return an_animator(of, ends_on=timezone.localdate() - timedelta(days=1))


def a_helper(event: Event, **fields: Any) -> User:
    """Somebody let in for the event's door, on its day."""
    day = timezone.localdate(event.starts_at)
    user = staff(Assignment.Role.HELPER, of=event.neighbourhoods.first(), starts_on=day, ends_on=day, **fields)
    EventHelper.objects.create(event=event, assignment=user.assignments.get())
    return user


def an_officer() -> User:
    return staff(Assignment.Role.OFFICER)


def a_coordinator() -> User:
    return staff(Assignment.Role.COORDINATOR)


def an_initiative(*neighbourhoods: Neighbourhood, **fields: Any) -> Initiative:
    number = next(_numbers)
    initiative = workflow.start(Initiative(**{
        "project": the_project(),
        "slug": f"inicjatywa-{number}",
        "kind": Initiative.Kind.GRASSROOTS,
        "status": Initiative.Status.RUNNING,
        "title": f"Inicjatywa {number}",
        "summary": "Coś dobrego dla osiedla.",
        **fields,
    }))  # fmt: skip
    initiative.neighbourhoods.set(neighbourhoods or [a_neighbourhood("Ugorek")])
    return initiative


def a_promise(initiative: Initiative | None = None, in_days: int = 10, **fields: Any) -> Milestone:
    """A promise of the office, ten days ahead unless said; with negative days a late one."""
    values = {"what": f"Obietnica {next(_numbers)}", "owner": Milestone.Owner.OFFICE, **fields}
    return Milestone.objects.create(
        initiative=initiative or an_initiative(), due_on=timezone.localdate() + timedelta(days=in_days), **values
    )


def an_open_initiative(*neighbourhoods: Neighbourhood, **fields: Any) -> Initiative:
    """A running initiative whose project takes questions."""
    Project.objects.filter(pk=the_project().pk).update(questions_open=True)
    return Initiative.objects.get(pk=an_initiative(*neighbourhoods, **fields).pk)


def a_question(initiative: Initiative | None = None, text: str = "Kiedy zaczynacie?", *, shown: bool = False, **how: Any) -> AskedQuestion:
    """A question that waits, or that the team has shown."""
    asked = dialogue.ask(initiative or an_open_initiative(), text, **how)
    return dialogue.show(asked, actor=an_officer()) if shown else asked


def ready(initiative: Initiative) -> Initiative:
    """Everything the requirements ask of any move, so that only the table and the roles decide."""
    day = timezone.localdate()
    Plan.objects.get_or_create(initiative=initiative, defaults=dict.fromkeys(Plan.NEEDED, "Tak."))
    initiative.budget.get_or_create(what="Farby", defaults={"grosze": 10_000})
    initiative.contributions.get_or_create(kind="work", what="Malowanie", defaults={"minutes": 600})
    signed = {"number": "W/1", "signed_on": day, "grosze": 10_000, "starts_on": day, "ends_on": day + timedelta(days=30)}
    if not InitiativeAgreement.objects.filter(initiative=initiative).exists():
        InitiativeAgreement.objects.create(initiative=initiative, signer="organisation", organisation=an_organisation(), **signed)
    initiative.grounds.get_or_create(
        place="Plac", defaults={"manager": "city", "manager_name": "Zarząd Zieleni", "consented_on": day, "reference": "ZZ.1"}
    )
    filing = {"filed_on": day, "filed_mark": "PS.1", "decided_on": day, "outcome": "Uwzględniono.", "settled_on": day}
    Filing.objects.get_or_create(initiative=initiative, defaults=filing)
    InitiativeReport.objects.get_or_create(initiative=initiative, defaults={"done": "Zrobione.", "handed_in_at": timezone.now()})
    return Initiative.objects.get(pk=initiative.pk)


def a_grant_call(**fields: Any) -> GrantCall:
    """A published call that takes plans now, with 20,000 zł for three mini-projects."""
    now, number = timezone.now(), next(_numbers)
    return GrantCall.objects.create(**{
        "project": the_project(),
        "slug": f"nabor-{number}",
        "title": f"Nabór {number}",
        "opens_at": now - timedelta(days=10),
        "closes_at": now + timedelta(days=20),
        "pool_grosze": 2_000_000,
        "places": 3,
        "is_published": True,
        **fields,
    })  # fmt: skip


def an_organisation(**fields: Any) -> Organisation:
    number = next(_numbers)
    return Organisation.objects.create(**{
        "name": f"Stowarzyszenie {number}",
        "slug": f"stowarzyszenie-{number}",
        "kind": Organisation.Kind.NGO,
        **fields,
    })  # fmt: skip


def a_notice(purpose: str = Notice.Purpose.SIGN_UP, version: int = 1, language: str = "pl", **fields: Any) -> Notice:
    return Notice.objects.create(**{
        "purpose": purpose,
        "version": version,
        "language": language,
        "title": "Informacja",
        "summary": "W skrócie.",
        "body": "W całości.",
        "published_at": timezone.now(),
        **fields,
    })  # fmt: skip


def statuses(event: Event) -> list[str]:
    """The states of the event's seats, in the order of signing up."""
    return list(event.seats.order_by("registration_id", "number").values_list("status", flat=True))


def warsaw(text: str) -> datetime:
    """A moment by the clocks of Kraków: ``warsaw("2026-10-25 02:30")``."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone.get_default_timezone())


def a_consent_text(purpose: str = "newsletter", version: int = 1, language: str = "pl", **fields: Any) -> ConsentText:
    values = {"text": f"Zgoda {purpose}, wersja {version}.", "published_at": timezone.now(), **fields}
    return ConsentText.objects.create(purpose=purpose, version=version, language=language, **values)


def a_subscription(subject: Neighbourhood | Initiative, email: str = "", person: Person | None = None, **fields: Any) -> Subscription:
    """A live subscription of the weekly letter about a place or an initiative, consent included; its text is published when it was not."""
    if not ConsentText.objects.filter(purpose="newsletter").exists():
        a_consent_text("newsletter")
    person = person or a_person(**({"email": email} if email else {}))
    values = {"email": email or person.email, "confirmed_at": timezone.now(), "language": person.language, **fields}
    which = "neighbourhood" if isinstance(subject, Neighbourhood) else "initiative"
    subscription = Subscription.objects.create(person=person, **{which: subject}, **values)
    if subscription.is_live:
        consents.give(person, "newsletter", scope=subscription.scope)
    return subscription


def a_list(place: Neighbourhood, rows: list[str], *, actor: User, heading: str = "imię i nazwisko;telefon;e-mail;rok urodzenia",
           **how: Any) -> ListImport:  # fmt: skip
    """A list from a CSV with those lines under the heading, brought and not taken yet."""
    content = "\n".join([heading, *rows]).encode()
    return lists.upload(content, "lista.csv", place, **{"source": "lista obecności", "key": uuid.uuid4(), "actor": actor, **how})


def a_picture(size: tuple[int, int] = (60, 40), kind: str = "JPEG", name: str = "zdjecie.jpg", **how: Any) -> SimpleUploadedFile:
    """A file as a phone sends it: one colour, of the size and kind."""
    out = BytesIO()
    Image.new(how.pop("mode", "RGB"), size, how.pop("colour", "green")).save(out, kind, **how)
    return SimpleUploadedFile(name, out.getvalue())


def a_photo(*neighbourhoods: Neighbourhood, **fields: Any) -> Photo:
    """A photo of the library, of nobody unless said."""
    values = {"alt": "Sąsiedzi sadzą krzewy przy bloku.", **fields}
    return photos.add(take_in(a_picture()), neighbourhoods=neighbourhoods or [a_neighbourhood("Ugorek")], **values)


def some_news(*neighbourhoods: Neighbourhood, published: bool = True, at: datetime | None = None, **fields: Any) -> News:
    """A piece of news, out since ``at`` (now) unless it is to stay a draft."""
    number = next(_numbers)
    news = news_verbs.save_new(News(**{
        "project": the_project(),
        "title_pl": f"Aktualność {number}",
        "lead_pl": "W skrócie.",
        "body_pl": "W całości.",
        "publisher": "Urząd Miasta Krakowa",
        "author": "Zespół",
        "entered_by": "Redakcja",
        **fields,
    }))  # fmt: skip
    news.neighbourhoods.set(neighbourhoods or [a_neighbourhood("Ugorek")])
    return news_verbs.publish(news, at=at) if published else news


def a_closing(event: Event, *, at: datetime | None = None, pictures: Any = (), **fields: Any) -> EventClosing:
    """The closing card of an event that is over: ``a_closing(event, heads=12, what_happened="Sadziliśmy.")``."""
    sentences = {name: fields.pop(name) for name in EventClosing.QUESTIONS if name in fields}
    return closing.close(event, closing.Account(sentences=sentences, **fields), pictures=pictures, at=at)


def a_module(project: Project | None = None, number: int = 1, **fields: Any) -> Module:
    """A module of two planned hours, unless said otherwise."""
    values = {"title": f"Moduł {number}", "planned_minutes": 120, **fields}
    return Module.objects.create(project=project or the_project(), number=number, **values)


def came_to(event: Event, person: Person | None = None, heads: int = 1) -> Registration:
    """Signed up with a place, and all of the party noted as present."""
    registration = signed_up(event, person, heads, at=event.starts_at - timedelta(hours=1))
    registration.seats.update(status=Seat.Status.CONFIRMED, held_until=None, held_for="", attendance=Seat.Attendance.CAME)
    return registration


def a_questionnaire(
    purpose: str = Moment.EVENT, *, published: bool = True, kinds: tuple[str, ...] = ("scale", "text"), **fields: Any
) -> Any:
    """A questionnaire with a question of each kind; scales carry a sign for comparing."""
    made = Questionnaire.objects.create(**{"project": the_project(), "title": "Ankieta", "purpose": purpose, **fields})
    for number, kind in enumerate(kinds, start=1):
        options = "tak\nnie\nnie wiem" if kind in ("one", "several") else ""
        sign = f"znak-{number}" if kind == "scale" else ""
        Question.objects.create(
            questionnaire=made, number=number, kind=kind, text=f"Pytanie {number}?", options=options, low_label="wcale",
            high_label="bardzo", pair_code=sign,
        )  # fmt: skip
    return questionnaires.publish(made) if published else made


def a_survey(subject: Event | Series | None = None, purpose: str = Moment.EVENT, **fields: Any) -> Survey:
    """A survey open from yesterday for a week, about a past event unless said otherwise."""
    now = timezone.now()
    days = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=7)}
    questionnaire = fields.pop("questionnaire", None) or a_questionnaire(purpose)
    return surveys.open_survey(questionnaire, subject or an_event(in_days=-2), **days | fields)


def a_sheet(survey: Survey, answers: dict[int, Any] | None = None, **how: Any) -> SurveySheet:
    return surveys.fill(survey, answers or {1: 4}, key=uuid.uuid4(), **how)


def a_leader(*neighbourhoods: Neighbourhood, person: Person | None = None, **fields: Any) -> LeaderProfile:
    """Somebody of the leaders' network, their consent included; its text is published when it was not."""
    if not ConsentText.objects.filter(purpose="leaders").exists():
        a_consent_text("leaders")
    today = timezone.localdate()
    values = {
        "person": person or a_person(),
        "name_shown": f"Lider {next(_numbers)}",
        "offer": "Pomogę napisać pismo.",
        "confirmed_on": today - timedelta(days=100),
        "valid_until": today + timedelta(days=265),
        **fields,
    }
    leader = LeaderProfile.objects.create(**values)
    leader.neighbourhoods.set(neighbourhoods or [a_neighbourhood("Ugorek")])
    consents.give(leader.person, "leaders")
    return leader
