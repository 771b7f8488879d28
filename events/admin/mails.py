"""Mails: what became of them; never a working link of somebody else's."""

import re
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.visibility import visible_messages
from participants import letters
from participants.domain.messages import send_again
from participants.models import Message, User
from projects import rules
from projects.admin_base import RuledAdmin

ADDRESS = re.compile(r"https?://\S+")


def preview(message: Message) -> str:
    """The letter's text with every address taken out: a link in it would open somebody's sign-up."""
    try:
        with translation.override(message.language):
            letter = letters.build(message)
            text = render_to_string(
                f"emails/{message.template}.txt", {"subject": letter.subject, "language": message.language, **letter.context}
            )
    except KeyError:
        return _("The text of this mail is sealed.")
    except letters.NoLongerNeeded:
        return _("There is nothing left to tell: the mail would not be sent.")
    return ADDRESS.sub("[…]", f"{letter.subject}\n\n{text.strip()}")


@admin.register(Message)
class MessageAdmin(RuledAdmin):
    holds_people = True
    list_display = ["recipient", "template", "state", "due_at", "sent_at"]
    list_filter = ["status", "template"]
    ordering = ["-pk"]
    search_fields = ["recipient"]
    change_form_template = "admin/message.html"
    empty_sentence = gettext_lazy("No mails here.")
    fields = ["recipient", "template", "state", "due_at", "sent_at", "attempts", "error", "text"]
    readonly_fields = ["state", "text"]

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        return False

    def may_change(self, user: User, obj: Message | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[Message]:
        return visible_messages(user)

    def get_urls(self) -> list[Any]:
        again = path("<int:pk>/send-again/", self.admin_site.admin_view(self.send_again), name="participants_message_send_again")
        return [again, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        stuck = context["original"].status in (Message.Status.CHECK, Message.Status.FAILED)
        context["may_send_again"] = stuck and rules.is_coordinator(request.user)
        return super().render_change_form(request, context, *args, **kwargs)

    def send_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Back into the queue, by somebody who looked."""
        message = self.one(request, pk, to_change=False)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not rules.is_coordinator(request.user):
            raise PermissionDenied
        send_again(message)
        messages.success(request, _("The mail is back in the queue."))
        return redirect(self.address("change", pk))

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, message: Message) -> str:
        return message.get_status_display()

    @admin.display(description=gettext_lazy("text, without its links"))
    def text(self, message: Message) -> str:
        return preview(message)
