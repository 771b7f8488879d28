"""Moving an initiative in the panel: the next states with what is still missing, the reasons, the day for a completion."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.forms import DayField
from active_citizens.core.refusal import RuleBroken
from participants.models import User
from projects.admin_base import RuledAdmin
from projects.domain import grant_calls, requirements, reviews, workflow
from projects.domain.requirements import Missing
from projects.models import AnswerTemplate, Initiative

Status = Initiative.Status
# What somebody gets to complete a plan, unless another day is typed.
TO_COMPLETE = timedelta(days=14)


def steps_for(user: User, initiative: Initiative) -> list[tuple[str, str]]:
    """The states the account may move the initiative to now, with their names, in the order of the workflow."""
    return [(state, str(Status(state).label)) for state in workflow.steps_for(user, initiative)]


def lacking(initiative: Initiative, steps: list[tuple[str, str]]) -> list[tuple[str, list[Missing]]]:
    """The steps that cannot be taken yet, by their names, with what each still needs."""
    found = [(label, requirements.missing(initiative, state)) for state, label in steps]
    return [(label, missing) for label, missing in found if missing]


class MoveForm(forms.Form):
    to = forms.ChoiceField(label=gettext_lazy("Move to"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Why"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Needed when something is returned, refused or withdrawn: the author will read it."),
    )  # fmt: skip
    complete_by = DayField(
        label=gettext_lazy("To be completed by"), required=False,
        help_text=gettext_lazy("Only for what is returned: the last day to hand it in again."),
    )  # fmt: skip

    def __init__(self, *args: Any, steps: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = steps
        if Status.RETURNED not in dict(steps):
            del self.fields["complete_by"]


def move(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the next state and say why; a prepared answer is filled in by a link, and sent as it is left."""
    initiative = panel.one(request, pk)
    steps = steps_for(request.user, initiative)
    if not steps:
        raise RuleBroken("no_such_move", _("This initiative has no next step open to you."))
    to = request.GET.get("to", "")
    templates = reviews.templates_for([to] if to in dict(steps) else list(dict(steps)))
    begun = _begin(templates, request.GET.get("template", ""))
    initial = {
        "to": to or (begun.status if begun else ""), "reason": begun.text if begun else "",
        "complete_by": timezone.localdate() + TO_COMPLETE,
    }  # fmt: skip
    form = MoveForm(request.POST or None, steps=steps, initial=initial)

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        moved = workflow.move(
            initiative, typed["to"], actor=request.user, reason=typed["reason"], complete_by=typed.get("complete_by")
        )  # fmt: skip
        said = _("The initiative is now: %(state)s.") % {"state": moved.get_status_display()}
        call = grant_calls.begin_plan(moved)
        if call is not None:
            said = " ".join([said, _("Its call: %(call)s.") % {"call": call.title}])
        return panel.address("change", pk), said

    sentence = _("Now: %s") % initiative.get_status_display()
    answer = panel.step(request, initiative, form, verb, title=_("Move the initiative"), button=_("Move"), sentence=sentence)
    if isinstance(answer, TemplateResponse) and answer.context_data is not None:
        answer.template_name = "admin/move_initiative.html"
        answer.context_data |= {"templates": templates, "begun": begun, "to": to, "lacking": lacking(initiative, steps)}
    return answer


def _begin(templates: list[AnswerTemplate], chosen: str) -> AnswerTemplate | None:
    return next((template for template in templates if str(template.pk) == chosen), None)
