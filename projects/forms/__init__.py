"""Forms of the programme's public pages."""

from projects.forms.lists import FollowForm, InitiativeFilterForm, NewsletterForm, OrganisationFilterForm
from projects.forms.network import JoinForm, LeaderFilterForm, LeaderForm, LetterForm, PaperForm

__all__ = [
    "FollowForm",
    "InitiativeFilterForm",
    "JoinForm",
    "LeaderFilterForm",
    "LeaderForm",
    "LetterForm",
    "NewsletterForm",
    "OrganisationFilterForm",
    "PaperForm",
]
