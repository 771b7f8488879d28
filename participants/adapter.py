"""What the portal asks of django-allauth beyond its settings."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from participants.domain import messages
from participants.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Account mails become message rows like every other mail; their text is sealed until sent."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        mail = self.render_mail(template_prefix, email, {"request": self.request, "email": email, **context})
        frame = {"subject": mail.subject, "text": mail.body, "site_url": settings.SITE_URL}
        content = {"subject": mail.subject, "text": mail.body, "html": render_to_string("emails/account.html", frame)}
        messages.book_sealed(template_prefix, email, translation.get_language() or "pl", content)

    def populate_username(self, request: Any, user: User) -> None:
        """There is no user name: the e-mail is the login."""
