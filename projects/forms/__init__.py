"""Forms of the programme's public pages."""

from projects.forms.lists import FollowForm, InitiativeFilterForm, NeighbourhoodFilterForm, NewsletterForm, OrganisationFilterForm
from projects.forms.network import JoinForm, LeaderForm, LetterForm, PaperForm

__all__ = [
    "FollowForm",
    "InitiativeFilterForm",
    "JoinForm",
    "LeaderForm",
    "LetterForm",
    "NeighbourhoodFilterForm",
    "NewsletterForm",
    "OrganisationFilterForm",
    "PaperForm",
]
