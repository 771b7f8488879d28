"""What is found by which words, and what never is."""

import pytest
from django.utils import timezone

from active_citizens.core.search_words import words_of
from active_citizens.search.finding import Asked, Found
from tests import makers

pytestmark = pytest.mark.django_db


def found(query, **where):
    answer = Found(Asked(words_of(query), timezone.now(), **where))
    return [next(iter(row.titles.values())) for row in answer[0:20]]


def test_x():
    makers.an_event(title="Warsztaty ceramiki", summary="Glina")
    makers.an_initiative(title="Żółć i kolory")
    assert found("warsztatów") == ["Warsztaty ceramiki"]
    assert found("zolc") == ["Żółć i kolory"]
    assert found("warzstaty") == ["Warsztaty ceramiki"]
