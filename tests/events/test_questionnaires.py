"""Questionnaires: from a pattern to a published version that nobody changes, and the next one after it."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from active_citizens.core.refusal import RuleBroken
from events.domain import questionnaires
from events.models import Question, Questionnaire
from tests.makers import a_questionnaire, the_project

pytestmark = pytest.mark.django_db
LANGUAGES = ("pl", "en", "uk")


def refusal(verb, *args, **how):
    with pytest.raises(RuleBroken) as refused:
        verb(*args, **how)
    return refused.value.code


@pytest.mark.parametrize("pattern", sorted(questionnaires.patterns()))
def test_patterns_are_complete_short_and_can_be_published_at_once(pattern):
    made = questionnaires.publish(questionnaires.start_from(pattern, the_project()))

    questions = list(made.questions.all())
    assert 1 <= len(questions) <= 10
    assert all(getattr(made, f"title_{language}") for language in LANGUAGES)
    for question in questions:
        assert all(getattr(question, f"text_{language}") for language in LANGUAGES)
        for name in ("low_label", "high_label", "options"):
            texts = [getattr(question, f"{name}_{language}") or "" for language in LANGUAGES]
            assert len({bool(text) for text in texts}) == 1
            assert len({text.count("\n") for text in texts}) == 1


def test_both_ends_of_a_series_carry_the_same_signs():
    signs = {
        pattern: {entry["pair_code"] for entry in questionnaires.patterns()[pattern]["question"] if "pair_code" in entry}
        for pattern in ("before", "after")
    }
    assert signs["before"] == signs["after"] != set()


def test_unknown_pattern_is_refused():
    assert refusal(questionnaires.start_from, "british-council", the_project()) == "no_pattern"


def test_publishing_twice_keeps_the_first_moment():
    first = a_questionnaire()
    assert questionnaires.publish(first).published_at == first.published_at


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (None, "no_questions"), ({"kind": "one", "options": "tak"}, "no_options"), ({"kind": "several", "options": "\n \n"}, "no_options"),
        ({"kind": "one", "options_pl": "tak\nnie", "options_en": "yes"}, "no_options"),
    ],
)  # fmt: skip
def test_what_cannot_be_published(question, code):
    made = a_questionnaire(published=False, kinds=())
    if question:
        Question.objects.create(questionnaire=made, number=1, text="?", **question)

    assert refusal(questionnaires.publish, made) == code


FROZEN = [
    lambda made: made.questions.update(text="Inaczej?"),
    lambda made: made.questions.first().delete(),
    lambda made: Question.objects.create(questionnaire=made, number=9, text="Jeszcze?"),
    lambda made: Questionnaire.objects.filter(pk=made.pk).update(title="Inaczej"),
    lambda made: Questionnaire.objects.filter(pk=made.pk).update(published_at=None),
    lambda made: Questionnaire.objects.filter(pk=made.pk).delete(),
]


@pytest.mark.parametrize("change", FROZEN)
def test_the_database_freezes_what_is_published(change):
    made = a_questionnaire()
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        change(made)


@pytest.mark.parametrize("change", FROZEN)
def test_a_draft_may_change(change):
    change(a_questionnaire(published=False))


def test_a_question_does_not_move_into_a_published_questionnaire():
    draft, published = a_questionnaire(published=False), a_questionnaire()
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        published.questions.update(questionnaire=draft)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"number": 11}, "question_one_of_ten"), ({"number": 0}, "question_one_of_ten"), ({"number": 1}, "question_one_per_number"),
        ({"kind": "text", "pair_code": "x"}, "question_only_scales_are_compared"), ({"pair_code": "znak-1"}, "question_one_per_sign"),
    ],
)  # fmt: skip
def test_the_database_holds_ten_questions_and_their_signs(fields, constraint):
    made = a_questionnaire(published=False)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Question.objects.create(**{"questionnaire": made, "number": 5, "text": "?", **fields})


def test_a_change_is_the_next_version():
    first = a_questionnaire(kinds=("scale", "one"))
    second = questionnaires.new_version(first)

    assert (second.version, second.lineage, second.is_published) == (2, first.lineage, False)
    assert list(second.questions.values_list("text", "pair_code")) == list(first.questions.values_list("text", "pair_code"))
    assert refusal(questionnaires.new_version, first) == "draft_exists"
    assert refusal(questionnaires.new_version, second) == "still_draft"
    assert questionnaires.new_version(questionnaires.publish(second)).version == 3
