"""The diary: authors write, the team looks, everybody reads; photos come with words and without faces."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from active_citizens.content.domain import diary, photos
from active_citizens.content.domain.diary import NewPhoto
from active_citizens.content.models import DiaryEntry, Photo
from active_citizens.core.pictures import take_in
from active_citizens.core.refusal import RuleBroken
from projects.domain.following import happenings
from projects.models import Initiative
from tests import makers
from tests.makers import today

pytestmark = pytest.mark.django_db


def code_of(verb: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(RuleBroken) as refused:
        verb(*args, **kwargs)
    return refused.value.code


def a_new_photo(**fields: Any) -> NewPhoto:
    return NewPhoto(**{"picture": take_in(makers.a_picture()), "alt": "Świeżo malowana ławka.", **fields})


def shown(initiative: Initiative) -> list[str]:
    return [entry.text for entry in diary.public_diary(initiative)["entries"]]


@pytest.mark.parametrize("status", list(Initiative.Status))
def test_a_diary_is_written_while_it_runs(status: str) -> None:
    initiative = makers.an_initiative(status=status)
    if status in {"running", "reporting"}:
        assert diary.write(initiative, "Malujemy.", on=today()).pk
    else:
        assert code_of(diary.write, initiative, "Malujemy.", on=today()) == "not_running"


def test_what_authors_write_waits_and_what_the_team_writes_does_not() -> None:
    initiative, team = makers.an_initiative(), makers.an_officer()
    entry = diary.write(initiative, "Malujemy.", on=today())
    diary.write(initiative, "Byliśmy.", on=today(), author=team)
    assert shown(initiative) == ["Byliśmy."]
    assert list(DiaryEntry.objects.waiting()) == [entry]
    diary.show(entry)
    assert set(shown(initiative)) == {"Malujemy.", "Byliśmy."}
    diary.hide(entry)
    assert shown(initiative) == ["Byliśmy."]
    diary.show(entry)
    assert set(shown(initiative)) == {"Malujemy.", "Byliśmy."}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"in_days": 1}, "future_day"), ({"text": "  "}, "says_nothing"), ({"pictures": [{"alt": " "}]}, "no_alt"),
        ({"pictures": [{}, {"people": "recognisable", "paper_reference": "karta 1"}]}, "recognisable"),
    ],
)  # fmt: skip
def test_what_the_diary_refuses_leaves_nothing(fields: dict[str, Any], code: str) -> None:
    values = {"in_days": 0, "text": "Malujemy.", **fields}
    day = today() + timedelta(days=values["in_days"])
    pictures = [a_new_photo(**each) for each in values.pop("pictures", [])]
    assert code_of(diary.write, makers.an_initiative(), values["text"], on=day, pictures=pictures) == code
    assert not DiaryEntry.objects.exists()
    assert not Photo.objects.exists()


def test_the_team_brings_recognisable_people_with_their_paper() -> None:
    initiative, team = makers.an_initiative(), makers.an_officer()
    with_face = a_new_photo(people="recognisable")
    assert code_of(diary.write, initiative, "My.", on=today(), pictures=[with_face], author=team) == "no_consent"
    agreed = a_new_photo(people="recognisable", paper_reference="karta 1")
    entry = diary.write(initiative, "My.", on=today(), pictures=[agreed], author=team)
    photo = entry.photos.get()
    assert list(photo.neighbourhoods.all()) == list(initiative.neighbourhoods.all())
    assert [photo] == diary.public_diary(initiative)["photos"]
    photos.hide(photo)
    assert diary.public_diary(initiative)["photos"] == []
    assert str(initiative) in photos.uses_of([photo.pk])[photo.pk][0].label


def test_a_form_sent_twice_is_one_entry() -> None:
    initiative, key = makers.an_initiative(), uuid.uuid4()
    entries = {diary.write(initiative, "Malujemy.", on=today(), pictures=[a_new_photo()], key=key).pk for _twice in range(2)}
    assert len(entries) == 1
    assert Photo.objects.count() == 1


def typed(**fields: Any) -> dict[str, Any]:
    return {"on": today().isoformat(), "text": "Malujemy.", "key": str(uuid.uuid4()), "website": "", **fields}


def test_authors_write_by_their_key_with_photos() -> None:
    initiative = makers.an_initiative()
    page = reverse("own_diary", args=[initiative.own_key])
    pair = {"picture_1": makers.a_picture(), "alt_1": "Ławka.", "picture_3": makers.a_picture(colour="red"), "alt_3": "Krzak."}
    assert Client().post(page, typed(**pair)).status_code == 302
    assert DiaryEntry.objects.get().photos.count() == 2
    public = Client().get(initiative.get_absolute_url()).content.decode()
    assert "Malujemy." not in public
    files = [photo.small_url for photo in Photo.objects.all()]
    assert [Client().get(file).status_code for file in files] == [404, 404]
    diary.show(DiaryEntry.objects.get())
    assert [Client().get(file).status_code for file in files] == [200, 200]
    public = Client().get(initiative.get_absolute_url()).content.decode()
    assert "Malujemy." in public
    assert 'alt="Krzak."' in public
    assert Client().get(reverse("own_diary", args=["nie-ma"])).status_code == 404


def test_a_photo_the_team_hid_later_stays_hidden_however_often_the_entry_is_shown() -> None:
    entry = diary.write(makers.an_initiative(), "Malujemy.", on=today(), pictures=[a_new_photo()])
    diary.show(entry)
    photos.hide(entry.photos.get())
    diary.hide(entry)
    diary.show(entry)
    assert not Photo.objects.shown().exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": ""}, "text"), ({"picture_1": "photo"}, "alt_1"), ({"alt_2": "Krzak."}, "picture_2"),
        ({"picture_1": "photo", "alt_1": "My.", "people_1": "recognisable"}, "people_1"), ({"website": "x"}, "__all__"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field(fields: dict[str, str], field: str) -> None:
    initiative = makers.an_initiative()
    sent = typed(**fields)
    has_photo = sent.get("picture_1") == "photo"
    if has_photo:
        sent["picture_1"] = makers.a_picture()
    answer = Client().post(reverse("own_diary", args=[initiative.own_key]), sent)
    errors = answer.context["form"].errors
    assert field in errors
    assert ("picture_1" in errors) is has_photo
    assert not DiaryEntry.objects.exists()


def test_those_who_follow_hear_of_a_day_once_everybody_may_read_it() -> None:
    initiative = makers.an_initiative(status="running")
    entry = diary.write(initiative, "Skręciliśmy ławkę.", on=timezone.localdate())

    def told() -> list[str]:
        return [each.text for each in happenings(Initiative.objects.all()) if each.key.startswith("diary-")]

    assert told() == []
    diary.show(entry)
    assert told() == ["Skręciliśmy ławkę."]
    diary.hide(entry)
    assert told() == []
