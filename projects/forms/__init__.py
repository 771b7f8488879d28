"""Forms of the programme's public pages."""

from projects.forms.lists import InitiativeFilterForm, NewsletterForm, OrganisationFilterForm
from projects.forms.network import JoinForm, LeaderFilterForm, LeaderForm, LetterForm, PaperForm

__all__ = [
    "InitiativeFilterForm",
    "JoinForm",
    "LeaderFilterForm",
    "LeaderForm",
    "LetterForm",
    "NewsletterForm",
    "OrganisationFilterForm",
    "PaperForm",
]
