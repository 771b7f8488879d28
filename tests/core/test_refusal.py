"""How a refusal meets a form: beside its field, or above a form that does not ask for it; never a fault of ours."""

import pytest
from django import forms

from active_citizens.core.refusal import RuleBroken


class Form(forms.Form):
    day = forms.DateField(required=False)


@pytest.mark.parametrize(("field", "place"), [("day", "day"), (None, "__all__"), ("of_another_form", "__all__")])
def test_the_sentence_stands_where_the_form_can_show_it(field: str | None, place: str) -> None:
    form = Form({})
    RuleBroken("past_day", "To już było.", field=field).show_in(form)
    assert form.errors == {place: ["To już było."]}


@pytest.mark.parametrize(("code", "status"), [("throttled", 429), ("past_day", 409)])
def test_programs_are_told_whether_to_come_back(code: str, status: int) -> None:
    assert RuleBroken(code, "Nie.").status == status
