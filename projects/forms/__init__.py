"""Forms of the programme's public pages."""

from projects.forms.lists import InitiativeFilterForm, NewsletterForm

__all__ = ["InitiativeFilterForm", "NewsletterForm"]
