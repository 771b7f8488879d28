"""What happens while an initiative runs and when it ends, in the panel: money, hours, who leads, the report and its story."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from participants.domain import access_log
from participants.models import AccessLog, Person
from projects.admin_base import RuledAdmin
from projects.domain import leaders, outcomes, reporting, running
from projects.forms.running import ExpenseForm, WorkForm, as_typed
from projects.models import Initiative, InitiativeMember
from projects.views.own_running import receipt_file


class ReportFilter(admin.SimpleListFilter):
    """Whose report is late, and whose lies with the team."""

    title = gettext_lazy("report")
    parameter_name = "report"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", _("overdue")), ("to_read", _("handed in, to be read"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "overdue":
            return queryset.filter(pk__in=reporting.overdue().order_by().values("pk"))
        if self.value() == "to_read":
            return queryset.filter(status=Initiative.Status.REPORTING, report__handed_in_at__isnull=False)
        return queryset


class LeaderForm(forms.Form):
    """The next leader is somebody of the team of the initiative, so nobody is found by typing names."""

    to = forms.ModelChoiceField(Person.objects.none(), label=gettext_lazy("Who leads next"), widget=forms.RadioSelect, empty_label=None)
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What is to be changed"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("The authors will read it."),
    )  # fmt: skip


class RunningPages(RuledAdmin):
    """The pages of InitiativeAdmin for what runs and what ends."""

    OWN = (
        ("running", "running"), ("running/spend", "spend"), ("running/hours", "note_hours"), ("running/leader", "hand_over"),
        ("running/ask-again", "ask_again"), ("running/story", "story"),
    )  # fmt: skip
    NUMBERED = (
        ("expense", "correct_expense"), ("work", "correct_work"),
        ("expense-off", "expense_off"), ("hours-off", "hours_off"), ("receipt", "receipt"),
    )  # fmt: skip

    def get_urls(self) -> list[Any]:
        def named(address: str) -> str:
            return "projects_initiative_" + address.replace("/", "_").replace("-", "_")

        view = self.admin_site.admin_view
        own = [path(f"<int:pk>/{address}/", view(getattr(self, name)), name=named(address)) for address, name in self.OWN]
        rows = [
            path(f"<int:pk>/running/{address}/<int:number>/", view(getattr(self, name)), name=named(f"running/{address}"))
            for address, name in self.NUMBERED
        ]
        return [*own, *rows, *super().get_urls()]

    def running(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everything on one page: money, hours, the report, changes of leader; it names nobody."""
        initiative = self.one(request, pk)
        expenses = list(initiative.expenses.select_related("budget_line"))
        rows = list(initiative.volunteer_work.all())
        report, worked = reporting.report_of(initiative), running.worked(initiative, rows)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "original": initiative, "title": _("Money, hours, report"), "expenses": expenses, "rows": rows,
            "account": running.account(initiative, expenses), "worked": worked, "own": running.own_part(initiative, worked),
            "is_open": running.is_open(initiative, report), "report": report, "channels": outcomes.channels_of(report),
            "is_over": initiative.status in reporting.OVER, "goes_on": initiative.status in running.RUNS,
            "takes_report": reporting.takes_report(initiative), "leader_changes": list(initiative.leader_changes.select_related("actor")),
            "takedown": self.takedown_of(request, report) if report.pk else None,
        }  # fmt: skip
        return TemplateResponse(request, "admin/running.html", context)

    def _back(self, pk: int) -> str:
        return self.address("running", pk)

    def spend(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One more receipt, typed in by the team."""
        initiative = self.one(request, pk)
        form = ExpenseForm(request.POST or None, request.FILES or None, initiative=initiative)
        del form.fields["website"]

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            running.spend(initiative, form.spent(), picture=typed["picture"], key=typed["key"])
            return self._back(pk), _("Written down.")

        return self.step(request, initiative, form, verb, title=_("Add a receipt"), button=_("Write down"), back=self._back(pk))

    def note_hours(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One more day of work, typed in by the team."""
        initiative = self.one(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            running.note_work(initiative, **typed)
            return self._back(pk), _("Written down.")

        form = WorkForm(request.POST or None)
        return self.step(request, initiative, form, verb, title=_("Add a day of work"), button=_("Write down"), back=self._back(pk))

    def correct_expense(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Put a receipt right."""
        initiative = self.one(request, pk)
        expense = get_object_or_404(initiative.expenses, pk=number)
        form = ExpenseForm(request.POST or None, request.FILES or None, initiative=initiative, expense=expense)
        del form.fields["website"]

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            running.correct_expense(initiative, number, form.spent(), picture=typed["picture"])
            return self._back(pk), _("Put right.")

        title = _("Put the receipt right")
        return self.step(request, initiative, form, verb, title=title, button=_("Save"), back=self._back(pk))

    def correct_work(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Put the hours of a day right."""
        initiative = self.one(request, pk)
        form = WorkForm(request.POST or None, initial=as_typed(get_object_or_404(initiative.volunteer_work, pk=number)))

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            running.correct_work(initiative, number, **typed)
            return self._back(pk), _("Put right.")

        title = _("Put the hours right")
        return self.step(request, initiative, form, verb, title=title, button=_("Save"), back=self._back(pk))

    def expense_off(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Take off a receipt that was mistyped."""
        return self._take_off(request, pk, number, "expenses", running.take_off_expense)

    def hours_off(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Take off hours that were mistyped."""
        return self._take_off(request, pk, number, "volunteer_work", running.take_off_work)

    def _take_off(self, request: HttpRequest, pk: int, number: int, rows: str, take_off: Any) -> HttpResponse:
        initiative = self.one(request, pk)
        row = getattr(initiative, rows).filter(pk=number).first()
        if row is None:
            raise Http404

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            take_off(initiative, number)
            return self._back(pk), _("Taken off.")

        return self.confirm(
            request, initiative, verb, title=_("Take off"), button=_("Take off"), sentence=str(row), danger=True,
            back=self._back(pk),
        )  # fmt: skip

    def receipt(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """The picture of a receipt, for those who manage the initiative."""
        return _kept_nowhere(request, self.one(request, pk), number)

    def hand_over(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Somebody of the team leads from now on."""
        initiative = self.one(request, pk)
        people = Person.objects.filter(pk__in=InitiativeMember.objects.filter(initiative=initiative).values("person")).in_order()
        access_log.record(
            AccessLog.Action.READ, Person._meta.label_lower, actor=request.user, ids=[person.pk for person in people], row_count=len(people)
        )
        form = LeaderForm(request.POST or None, people=people)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            leaders.hand_over(initiative, typed["to"], typed["reason"], actor=request.user)
            return self._back(pk), _("Somebody else leads now. Both get to know, and the old link does not work any more.")

        sentence = _("Choose somebody of the team of the initiative; whoever is not there yet is added to the team first.")
        return self.step(
            request, initiative, form, verb, title=_("Change the leader"), button=_("Change"), sentence=sentence, back=self._back(pk)
        )

    def ask_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the report back."""
        initiative = self.one(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            reporting.ask_again(initiative, typed["reason"])
            return self._back(pk), _("The authors have been told what is to be changed.")

        form = ReasonForm(request.POST or None)
        return self.step(request, initiative, form, verb, title=_("Give the report back"), button=_("Give back"), back=self._back(pk))

    def story(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish the story for everybody."""
        initiative = self.one(request, pk)

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            reporting.publish_story(initiative)
            return self._back(pk), _("Everybody can read the story now.")

        title, sentence = _("Publish the story"), _("It stands at the top of the page of the initiative, with photos of the diary.")
        return self.confirm(request, initiative, verb, title=title, button=title, sentence=sentence, back=self._back(pk))


@never_cache
def _kept_nowhere(request: HttpRequest, initiative: Initiative, number: int) -> FileResponse:
    return receipt_file(initiative, number)
