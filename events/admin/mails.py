"""Mails: what became of them, and what to do with those nobody knows the fate of; never a working link of somebody else's."""

import re
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from active_citizens.core.refusal import RuleBroken
from events.visibility import visible_messages
from participants import letters
from participants.domain import bounces
from participants.domain import messages as mails
from participants.models import Bounce, Message, User
from projects import rules
from projects.admin_base import RuledAdmin

ADDRESS = re.compile(r"https?://\S+")
# The states somebody has to decide about.
STUCK = (Message.Status.CHECK, Message.Status.FAILED)
# Only what left can come back.
LEFT = (Message.Status.SENT, Message.Status.CHECK)
PER_PAGE = 100


def preview(message: Message) -> str:
    """The letter's text with every address taken out: a link in it would open somebody's sign-up."""
    if message.sealed is not None:
        return _("The text of this mail is sealed.")
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


def state_of(message: Message) -> str:
    """What became of the mail, in words; ``with_bounces`` keeps lists to one query more."""
    if message.status == Message.Status.DROPPED and message.error == mails.STOPPED:
        return _("not sent: mails to this address came back")
    if message.status in LEFT and message.bounces.all():
        return _("came back")
    return message.get_status_display()


def with_bounces(found: QuerySet[Message]) -> QuerySet[Message]:
    return found.prefetch_related(Prefetch("bounces", Bounce.objects.only("message_id")))


class KindFilter(admin.SimpleListFilter):
    """The kinds by their names; asking the table which there are would read all of it."""

    title = gettext_lazy("kind")
    parameter_name = "template"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(letters.names().items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(template=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(RuledAdmin):
    holds_people = True
    list_display = ["recipient", "kind", "state", "due_at", "sent_at"]
    list_filter = ["status", KindFilter]
    ordering = ["-pk"]
    search_fields = ["recipient"]
    change_form_template = "admin/message.html"
    empty_sentence = gettext_lazy("No mails here.")
    fields = ["recipient", "kind", "state", "due_at", "sent_at", "attempts", "error", "text"]
    readonly_fields = ["kind", "state", "text"]

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        return False

    def may_change(self, user: User, obj: Message | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[Message]:
        return with_bounces(visible_messages(user))

    def get_urls(self) -> list[Any]:
        verbs = ("send_again", "mark_sent", "came_back", "write_again")
        own = [
            path(
                f"<int:pk>/{verb.replace('_', '-')}/",
                self.admin_site.admin_view(getattr(self, verb)),
                name=f"participants_message_{verb}",
            )
            for verb in verbs
        ]
        stuck = path("to-check/", self.admin_site.admin_view(self.to_check), name="mails_to_check")
        return [*own, stuck, *super().get_urls()]

    # --- Those nobody knows the fate of ------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list of those to decide about has a page that says what to do with them."""
        asked = request.GET.dict()
        if list(asked) == ["status__exact"] and asked["status__exact"] in STUCK:
            return redirect(f"{reverse('admin:mails_to_check')}?state={asked['status__exact']}")
        return super().changelist_view(request, extra_context)

    def to_check(self, request: HttpRequest) -> HttpResponse:
        """Mails in "check", or failed: who looked into the mail server's log decides, for one or for many at once."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        status = Message.Status.FAILED if request.GET.get("state") == Message.Status.FAILED else Message.Status.CHECK
        found = self.get_queryset(request).filter(status=status).order_by("-pk")
        if request.method == "POST":
            return self._decide(request, found, status)
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
        for message in page:
            message.kind = letters.name_of(message.template)
        self.note_reading(request, [message.pk for message in page])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "page": page, "status": status, "title": _("Mails to check"),
            "states": [(state, state.label) for state in STUCK], "may_decide": rules.is_coordinator(request.user),
            "newest": page[0].pk if page else 0,
        }  # fmt: skip
        return TemplateResponse(request, "admin/messages_to_check.html", context)

    def _decide(self, request: HttpRequest, found: QuerySet[Message], status: str) -> HttpResponse:
        if not rules.is_coordinator(request.user):
            raise PermissionDenied
        if "everything" in request.POST and request.POST.get("newest", "").isdecimal():
            # Those that came in after the page was shown are not meant.
            chosen = found.filter(pk__lte=int(request.POST["newest"]))
        else:
            chosen = found.filter(pk__in=[pk for pk in request.POST.getlist("pk") if pk.isdecimal()])
        if request.POST.get("verb") == "mark_sent":
            count = mails.mark_sent(chosen, actor=request.user)
            said = ngettext("%(count)s mail is marked as sent.", "%(count)s mails are marked as sent.", count)
        else:
            count = mails.send_again(chosen, actor=request.user)
            said = ngettext("%(count)s mail is back in the queue.", "%(count)s mails are back in the queue.", count)
        if count:
            messages.success(request, said % {"count": count})
        else:
            messages.warning(request, _("Nothing was chosen."))
        return redirect(f"{request.path}?state={status}")

    # --- One mail ----------------------------------------------------------------------------------------------------

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        message = context["original"]
        context |= {
            "is_stuck": message.status in STUCK,
            "may_decide": rules.is_coordinator(request.user),
            "may_come_back": message.status in LEFT and not message.bounces.all(),
            "came_back": Bounce.objects.filter(message=message).select_related("actor").first(),
            "is_stopped": bounces.is_stopped(message.recipient),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def send_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Back into the queue, by somebody who looked."""
        return self._button(request, pk, self._send_again, coordinator=True)

    def mark_sent(self, request: HttpRequest, pk: int) -> HttpResponse:
        """It did arrive, says somebody who looked."""
        return self._button(request, pk, self._mark_sent, coordinator=True)

    def came_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Somebody found it among the returned mails."""
        return self._button(request, pk, self._came_back)

    def write_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The address was checked: what came back from it counts no more."""
        return self._button(request, pk, self._write_again)

    def _button(self, request: HttpRequest, pk: int, verb: Any, *, coordinator: bool = False) -> HttpResponse:
        message = self.one(request, pk, to_change=False)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if coordinator and not rules.is_coordinator(request.user):
            raise PermissionDenied
        try:
            messages.success(request, verb(message, request.user))
        except RuleBroken as broken:
            messages.warning(request, str(broken))
        return redirect(self.address("change", pk))

    def _send_again(self, message: Message, user: User) -> str:
        if not mails.send_again(message, actor=user):
            raise RuleBroken("not_stuck", _("This mail does not wait for a decision any more."))
        return _("The mail is back in the queue.")

    def _mark_sent(self, message: Message, user: User) -> str:
        if not mails.mark_sent(message, actor=user):
            raise RuleBroken("not_stuck", _("This mail does not wait for a decision any more."))
        return _("The mail is marked as sent.")

    def _came_back(self, message: Message, user: User) -> str:
        if message.status not in LEFT:
            raise RuleBroken("not_sent", _("This mail has not left, so it cannot have come back."))
        bounces.note(message.recipient, source=Bounce.Source.HAND, message=message, actor=user)
        return _("Noted. After three returned mails nothing more is sent to the address.")

    def _write_again(self, message: Message, user: User) -> str:
        bounces.forgive(message.recipient, user)
        return _("Mails to this address go out again.")

    # --- The list ----------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("kind"), ordering="template")
    def kind(self, message: Message) -> str:
        return letters.name_of(message.template)

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, message: Message) -> str:
        return state_of(message)

    @admin.display(description=gettext_lazy("text, without its links"))
    def text(self, message: Message) -> str:
        return preview(message)
