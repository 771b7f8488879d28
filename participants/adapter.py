"""What the portal asks of django-allauth beyond its settings."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.utils import translation

from participants.domain import messages
from participants.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Account mails become message rows like every other mail; their text is sealed until sent."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        mail = self.render_mail(template_prefix, email, {"request": self.request, **context})
        html = next((content for content, kind in getattr(mail, "alternatives", []) if kind == "text/html"), "")
        content = {"subject": mail.subject, "text": mail.body, "html": str(html)}
        messages.book_sealed(template_prefix, email, translation.get_language() or "pl", content)

    def populate_username(self, request: Any, user: User) -> None:
        """There is no user name: the e-mail is the login."""
