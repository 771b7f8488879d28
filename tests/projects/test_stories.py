"""Stories of a change: nobody reads one before the team has, and nobody once its teller does not agree."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from participants.domain import consents, merging
from participants.models import Message, Person
from projects.domain import stories
from projects.domain.stories import Told
from projects.models import ChangeStory, Initiative
from tests.makers import a_consent_text, a_person, a_stranger, a_user, an_initiative, an_officer

pytestmark = pytest.mark.django_db
TOLD = Told("Nikt nikogo nie znał.", "Znamy się z imienia.", "Mam do kogo zapukać.", "sąsiadka z trzeciego")


@pytest.fixture(autouse=True)
def texts() -> None:
    a_consent_text("story")


def code_of(verb: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(RuleBroken) as refused:
        verb(*args, **kwargs)
    return refused.value.code


def is_public(story: ChangeStory) -> bool:
    return ChangeStory.objects.published().filter(pk=story.pk).exists()


@pytest.mark.parametrize("status", list(Initiative.Status))
def test_stories_are_told_of_what_has_begun(status: str) -> None:
    initiative = an_initiative(status=status)
    verbs = (lambda: stories.tell(initiative, TOLD, a_stranger()), lambda: stories.from_paper(initiative, TOLD, "segregator 1"))
    for verb in verbs:
        if status in stories.TELLS:
            assert verb().pk
        else:
            assert code_of(verb) == "not_begun"
    assert Person.objects.exists() is (status in stories.TELLS)


def test_a_story_is_public_once_the_team_says_so() -> None:
    story = stories.tell(an_initiative(), TOLD, a_stranger())
    assert not is_public(story)
    assert consents.holds(story.person, "story", f"story:{story.pk}")
    stories.publish(story)
    assert is_public(story)
    assert Message.objects.get(template="story_received").person == story.person


def test_sent_twice_it_is_one_story_and_typing_an_address_touches_nobody() -> None:
    initiative, key, known = an_initiative(), uuid.uuid4(), a_person(name="Kto Inny")
    first = stories.tell(initiative, TOLD, a_stranger(email=known.email), key=key)
    assert stories.tell(initiative, TOLD, a_stranger(email=known.email), key=key) == first
    assert first.person != known
    assert Message.objects.filter(template="story_received").count() == 1
    user = a_user()
    assert stories.tell(initiative, TOLD, user).person.user == user


def test_without_a_text_to_agree_to_nothing_is_kept() -> None:
    from participants.models import ConsentText

    ConsentText.objects.all().delete()
    assert code_of(stories.tell, an_initiative(), TOLD, a_stranger()) == "no_text"
    assert not ChangeStory.objects.exists()
    assert not Person.objects.exists()


def by_ledger(story: ChangeStory) -> None:
    consents.withdraw(story.person, "story", scope=f"story:{story.pk}")


def by_the_team(story: ChangeStory) -> None:
    stories.withdraw(story)


def by_joining(story: ChangeStory) -> None:
    """The other record of the same human had withdrawn: the stricter stays."""
    other = a_person()
    consents.give(other, "story", scope=f"story:{story.pk}")
    consents.withdraw(other, "story", scope=f"story:{story.pk}")
    merging.merge(other, story.person, actor=an_officer())


@pytest.mark.parametrize("withdraw", [by_ledger, by_the_team, by_joining])
def test_a_withdrawn_story_is_gone_at_once_and_for_good(withdraw: Any) -> None:
    story, other = (stories.tell(an_initiative(), TOLD, a_stranger()) for _each in range(2))
    for each in (story, other):
        stories.publish(each)
    withdraw(story)
    assert not is_public(story)
    assert is_public(other)
    assert code_of(stories.publish, ChangeStory.objects.get(pk=story.pk)) == "withdrawn"


def test_a_story_on_paper_names_the_paper_and_can_be_withdrawn() -> None:
    initiative = an_initiative()
    assert code_of(stories.from_paper, initiative, TOLD, " ") == "no_consent"
    story = stories.from_paper(initiative, TOLD, "segregator 2, karta 7")
    stories.publish(story)
    assert is_public(story)
    stories.withdraw(story)
    assert not is_public(story)


def test_a_story_whose_consent_was_never_given_is_not_published() -> None:
    story = ChangeStory.objects.create(initiative=an_initiative(), person=a_person(), before="a", change="b", why="c")
    assert code_of(stories.publish, story) == "no_consent"


def test_the_page_of_consents_names_the_initiative_and_offers_none() -> None:
    story = stories.tell(an_initiative(title="Ławka rozmów"), TOLD, a_stranger(verified_at=timezone.now()))
    assert consents.scope_names("story") == {f"story:{story.pk}": "Ławka rozmów"}


def test_undoing_a_joining_withdraws_no_story() -> None:
    """The copy of the consent goes back with the record; its teller has never said no."""
    kept, gone, officer = a_person(name="Anna Przykładna"), a_person(name="Anna Przykładna"), an_officer()
    story = stories.tell(an_initiative(), TOLD, a_user())
    ChangeStory.objects.filter(pk=story.pk).update(person=gone)
    consents.give(gone, stories.STORY, scope=stories.scope_of(story))
    stories.publish(ChangeStory.objects.get(pk=story.pk))
    merging.undo(merging.merge(kept, gone, actor=officer), actor=officer)
    found = ChangeStory.objects.get(pk=story.pk)
    assert (found.person, found.withdrawn_at) == (gone, None)
    assert list(ChangeStory.objects.published()) == [found]
