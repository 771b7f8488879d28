"""Who may sign for a group: an adult, as far as anybody knows."""

from typing import Any

import pytest
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from projects.domain import agreements
from tests.makers import a_person, an_initiative

pytestmark = pytest.mark.django_db

THIS_YEAR = timezone.localdate().year


@pytest.mark.parametrize(
    ("known", "may"),
    [
        ({"birth_year": THIS_YEAR - 17}, False),
        ({"birth_year": THIS_YEAR - 18}, True),
        ({"age_band": "16_17"}, False),
        ({"age_band": "adult"}, True),
        ({"birth_year": THIS_YEAR - 40, "age_band": "16_17"}, True),
        ({}, True),
    ],
)
def test_an_adult_signs_as_far_as_anybody_knows(known: dict[str, Any], may: bool) -> None:
    signer = a_person(**known)
    initiative = an_initiative(kind="mini_project", status="agreement", proposed_by=signer)
    if may:
        assert agreements.sign(initiative, {"signer": "adult", "person": signer}).person == signer
        return
    with pytest.raises(RuleBroken) as refused:
        agreements.sign(initiative, {"signer": "adult", "person": signer})
    assert (refused.value.code, refused.value.field) == ("under_age", "person")
