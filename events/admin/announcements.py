"""Messages of the team to an event's people: written, looked at, sent; and what became of each mail."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from active_citizens.core.refusal import RuleBroken
from events.domain import announcements
from events.emails.announcements import preview
from events.models import Announcement, Event
from participants.domain import access_log
from participants.models import AccessLog, Message
from projects.admin_base import RuledAdmin
from projects.models import CallMatter

PER_PAGE = 100
# In the order one looks for trouble.
COLUMNS = (Message.Status.SENT, Message.Status.QUEUED, Message.Status.SENDING, Message.Status.FAILED, Message.Status.CHECK,
           Message.Status.DROPPED)  # fmt: skip


class AnnouncementForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)
    audience = forms.ChoiceField(
        label=gettext_lazy("To whom"), choices=Announcement.Audience, widget=forms.RadioSelect, initial=Announcement.Audience.CONFIRMED
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=160)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy("The greeting, the date, the place and a link to the own sign-up are added by themselves."),
    )
    call_others = forms.BooleanField(label=gettext_lazy("Put those without e-mail on the call list"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4()


class AnnouncementPages(RuledAdmin):
    """The pages of EventAdmin for writing to participants."""

    own_pages = (("announce", "announce"), ("announcements", "announcements"))

    def announce(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Type, look at one mail and at the numbers, then send; what was typed stays whatever is refused."""
        event = self.one(request, pk)
        form = AnnouncementForm(request.POST or None)
        shown = None
        if request.method == "POST" and form.is_valid() and "_edit" not in request.POST:
            typed = form.cleaned_data
            if "_send" in request.POST:
                try:
                    written = announcements.announce(event, actor=request.user, **typed)
                except RuleBroken as broken:
                    broken.show_in(form)
                else:
                    return self._sent(request, event, written)
            else:
                text = preview(Announcement(event=event, subject=typed["subject"], body=typed["body"]))
                shown = {"text": text, "reach": announcements.reach_of(event, typed["audience"]), "call_others": typed["call_others"]}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "event": event, "form": form, "shown": shown, "title": _("Write to participants"),
            "lately": announcements.written_lately(event), "back": self.address("announcements", pk),
        }  # fmt: skip
        return TemplateResponse(request, "admin/announcement.html", context)

    def _sent(self, request: HttpRequest, event: Event, written: Announcement) -> HttpResponse:
        self.log_change(request, event, str(Announcement._meta.verbose_name))
        said = ngettext("%(count)s mail is on its way.", "%(count)s mails are on their way.", written.by_mail) % {"count": written.by_mail}
        if written.by_phone:
            calls = ngettext("%(count)s person is on the call list.", "%(count)s people are on the call list.", written.by_phone)
            said = f"{said} {calls % {'count': written.by_phone}}"
        messages.success(request, said)
        return redirect(self.address("announcements", event.pk))

    def announcements(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the team wrote so far and how it went; with ``?of=`` one of them, recipient by recipient."""
        event = self.one(request, pk)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "event": event, "title": _("Messages to participants")}
        if "of" in request.GET:
            return TemplateResponse(request, "admin/announcement_recipients.html", context | self._recipients(request, event))
        counts = announcements.tallies(event)
        written = list(event.announcements.select_related("sent_by"))
        for each in written:
            own = counts.get(each.pk, {})
            each.states = [(status.label, own[status]) for status in COLUMNS if own.get(status)]
        return TemplateResponse(request, "admin/announcements.html", {**context, "written": written})

    def _recipients(self, request: HttpRequest, event: Event) -> dict[str, Any]:
        if not request.GET["of"].isdecimal():
            raise Http404
        written = get_object_or_404(event.announcements.select_related("sent_by"), pk=int(request.GET["of"]))
        mails = announcements.messages_of(event).filter(context__announcement=written.pk)
        page = Paginator(mails.select_related("person").order_by("pk"), PER_PAGE).get_page(request.GET.get("page"))
        calls = CallMatter.objects.filter(person__in=event.registrations.values("person"), reason=announcements.KIND)
        calls = list(calls.filter(context__announcement=written.pk).select_related("person").order_by("pk"))
        people = {row.person_id for row in (*page, *calls)}
        if people:
            access_log.record(
                AccessLog.Action.READ, "participants.person", actor=request.user, ids=people, row_count=len(people),
                detail={"event": event.pk, "announcement": written.pk},
            )  # fmt: skip
        return {"announcement": written, "page": page, "calls": calls}
