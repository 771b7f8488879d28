"""What the pages composed of several apps ask for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from active_citizens.core.search_words import LONGEST_QUERY, tidy
from active_citizens.search.kinds import KINDS
from projects.models import Neighbourhood


class SearchForm(forms.Form):
    """Words, estate and kind; unknown values are ignored (SEC-02), and what no keyboard types is left out of the words."""

    q = forms.CharField(
        label=_("What are you looking for?"),
        required=False,
        max_length=LONGEST_QUERY,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    neighbourhood = forms.ChoiceField(label=_("Neighbourhood"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("all")), *((kind.code, kind.many) for kind in KINDS.values())],
    )

    def __init__(self, data: QueryDict, places: Iterable[Neighbourhood]) -> None:
        typed = data.copy()
        typed["q"] = tidy(data.get("q", ""))
        super().__init__(typed)
        self.fields["neighbourhood"].choices = [("", _("all")), *((place.slug, place.name) for place in places)]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """What holds, without what is empty or makes no sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
