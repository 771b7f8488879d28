"""Who helps at the door of an event: let in for its day, and out again."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.forms import NameField
from active_citizens.core.refusal import RuleBroken
from events.domain import helping, noting
from projects.admin_base import RuledAdmin


class HelperForm(forms.Form):
    """Whom to let in for the day, and on what authorisation."""

    email = forms.EmailField(label=gettext_lazy("E-mail"), help_text=gettext_lazy("An invitation goes to this address."))
    name = NameField(required=False)
    authorisation = forms.CharField(label=gettext_lazy("Number of the authorisation"), max_length=80)


class HelperPages(RuledAdmin):
    """The pages of EventAdmin about its helpers."""

    own_pages = (("helpers", "helpers"), ("helpers/<int:helper_pk>/end", "end_help"))

    def helpers(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who helps at the event, and a form for one more."""
        event = self.one(request, pk)
        form = HelperForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            typed = form.cleaned_data
            try:
                helper = helping.let_help(event, typed["email"], typed["name"], typed["authorisation"], actor=request.user)
            except RuleBroken as broken:
                broken.show_in(form)
            else:
                messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": helper.assignment.user.email})
                return redirect(self.address("helpers", pk))
        day = noting.day_of(event)
        helpers = list(event.helpers.filter(ended_at=None).select_related("assignment__user").order_by("pk"))
        for helper in helpers:
            helper.of_another_day = helper.assignment.starts_on != day
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "event": event, "form": form, "helpers": helpers, "day": day, "title": _("Helpers at the door"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/event_helpers.html", context)

    def end_help(self, request: HttpRequest, pk: int, helper_pk: int) -> HttpResponse:
        """Ask once, then close the list to the helper."""
        event = self.one(request, pk)
        helper = event.helpers.select_related("assignment__user", "event").filter(pk=helper_pk).first()
        if helper is None:
            raise Http404

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            helping.end_help(helper, actor=request.user)
            return self.address("helpers", pk), _("The list is closed to them.")

        return self.confirm(
            request, event, verb, title=_("End the help"), button=_("End the help"), sentence=str(helper.assignment.user),
            danger=True, back=self.address("helpers", pk),
        )  # fmt: skip
