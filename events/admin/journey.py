"""The learning journey in the panel: who has which hours, certificates, and trainings of facilitators."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core import pdf
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.tables import Column, Kind, Table
from active_citizens.core.text import hours_and_minutes
from events.admin.exports import ExportForm, file_of
from events.domain import certificates, journey
from events.domain.journey import Traveller
from events.models import Certificate, Training, TrainingPerson
from events.rules import may_annul_certificates, may_issue_certificates, may_record_trainings, visible_trainings
from events.visibility import visible_certificates, visible_people
from participants.domain import access_log
from participants.models import AccessLog, User
from projects import rules
from projects.admin_base import RuledAdmin
from projects.models import Project

PER_PAGE = 50


class AnnulForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


@admin.register(Certificate)
class CertificateAdmin(RuledAdmin):
    """Certificates are issued from the journey's page and never rewritten."""

    holds_people = True
    list_display = ["number", "person", "project", "issued_on", "hours", "state"]
    list_select_related = ["person", "project"]
    search_fields = ["number", "person__name"]
    list_filter = ["project", "year"]
    fields = ["number", "person", "edition", "hours", "threshold", "issued_on", "issued_by", "state", "annul_reason"]
    readonly_fields = ["edition", "hours", "state"]
    change_form_template = "admin/certificate.html"
    pages = (
        ("journey/<int:pk>/", "journey"),
        ("journey/<int:pk>/export/", "export"),
        ("journey/<int:pk>/issue/", "issue"),
        ("<int:pk>/paper/", "paper"),
        ("<int:pk>/annul/", "annul"),
    )
    change_list_template = "admin/certificate_list.html"
    empty_sentence = gettext_lazy("No certificates yet. Open the learning journey of a project to give the first one.")

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        return False

    def may_change(self, user: User, obj: Certificate | None = None) -> bool:
        return False

    def scope(self, user: User) -> QuerySet[Certificate]:
        return visible_certificates(user)

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-year", "-sequence"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        projects = Project.objects.filter(modules__isnull=False).distinct().order_by("-starts_on", "pk")
        return super().changelist_view(request, {"projects": projects, **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context |= {"title": capfirst(str(self.opts.verbose_name)), "may_annul": may_annul_certificates(request.user)}
        return super().render_change_form(request, context, *args, **kwargs)

    # --- The journey ------------------------------------------------------------------------------------------------

    def journey(self, request: HttpRequest, pk: int) -> HttpResponse:
        """People and modules of a project with hours; ``?enough=1`` shows those who may have a certificate and have none."""
        project = self._project(request, pk)
        found = journey.travellers(project, visible_people(request.user))
        given = self._given(project, found)
        waiting = [each for each in found if each.journey.is_enough and each.person_id not in given]
        enough = "enough" in request.GET
        page = Paginator(waiting if enough else found, PER_PAGE).get_page(request.GET.get("page"))
        self._note_people(request, project, [each.person_id for each in page])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "project": project, "title": _("Learning journey"), "page": page, "enough": enough, "waiting": len(waiting),
            "steps": found[0].journey.steps if found else (), "export_form": ExportForm(),
            "lines": [(each, given.get(each.person_id)) for each in page],
            "may_issue": may_issue_certificates(request.user),
            "unplanned": any(step.planned is None for step in (found[0].journey.steps if found else ())),
        }  # fmt: skip
        return TemplateResponse(request, "admin/journey.html", context)

    def export(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The same people and hours as a file, with what it is for; the log tells of it before it leaves."""
        project = self._project(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = ExportForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Write what the file is for, and choose its kind."))
            return redirect(self.address("journey", pk))
        found = journey.travellers(project, visible_people(request.user))
        people = [each.person_id for each in found]
        table = _table(project, found, self._given(project, found))
        return file_of(table, form, "sciezka-nauki", actor=request.user, ids=people, detail={"project": pk})

    def issue(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A certificate for one of the people one sees; a rule that refuses says so above the list."""
        project = self._project(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not may_issue_certificates(request.user):
            raise PermissionDenied
        number = request.POST.get("person", "")
        person = get_object_or_404(visible_people(request.user), pk=int(number) if number.isdecimal() else 0)
        try:
            made = certificates.issue(person, project, actor=request.user)
        except RuleBroken as broken:
            messages.error(request, f"{person}: {broken}")
            return redirect(self.address("journey", pk))
        messages.success(request, _("Certificate %(number)s is issued.") % {"number": made.number})
        return redirect(self.address("change", made.pk))

    def _project(self, request: HttpRequest, pk: int) -> Project:
        if not self.may_see(request.user):
            raise Http404
        return get_object_or_404(Project, pk=pk)

    def _given(self, project: Project, found: list[Traveller]) -> dict[int, Certificate]:
        people = [each.person_id for each in found]
        return {each.person_id: each for each in Certificate.objects.live().filter(project=project, person__in=people)}

    def _note_people(self, request: HttpRequest, project: Project, people: list[int]) -> None:
        if people:
            access_log.record(
                AccessLog.Action.READ, "participants.person", actor=request.user, ids=people, row_count=len(people),
                detail={"journey": project.pk},
            )  # fmt: skip

    # --- One certificate --------------------------------------------------------------------------------------------

    def paper(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The PDF to print and sign."""
        found = self.one(request, pk, to_change=False)
        made = certificates.as_pdf(found)
        self.note_reading(request, [pk])
        return pdf.answer(made, certificates.file_name(found), to_keep=True)

    def annul(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say why, then it is worth nothing any more; its number is not given again."""
        found = self.one(request, pk, to_change=False)
        if not may_annul_certificates(request.user):
            raise PermissionDenied
        self.note_reading(request, [pk])

        def verb(typed: dict[str, Any]) -> tuple[str, str]:
            certificates.annul(found, typed["reason"], actor=request.user)
            return self.address("change", pk), _("The certificate is annulled. A new one may be issued.")

        return self.step(
            request, found, AnnulForm(request.POST or None), verb, title=_("Annul the certificate"), button=_("Annul"), danger=True,
            sentence=str(found.person),
        )  # fmt: skip

    @admin.display(description=gettext_lazy("project"))
    def edition(self, certificate: Certificate) -> str:
        return str(certificate.project)

    @admin.display(description=gettext_lazy("hours"))
    def hours(self, certificate: Certificate) -> str:
        return hours_and_minutes(certificate.minutes)

    @admin.display(description=gettext_lazy("state"))
    def state(self, certificate: Certificate) -> str:
        return _("valid") if certificate.is_live else _("annulled")


def _table(project: Project, found: list[Traveller], given: dict[int, Certificate]) -> Table:
    """People down, modules across, in hours with two decimal places."""
    steps = found[0].journey.steps if found else ()
    columns = (
        Column("person", _("First and last name")),
        *(Column(f"module_{step.number}", f"{step.number}. {step.title}", Kind.DECIMAL, _("Hours of this module.")) for step in steps),
        Column("hours", _("Hours together"), Kind.DECIMAL, _("Hours of all modules.")),
        Column("percent", _("Share (%)"), Kind.INTEGER, _("Hours that count, as a share of the whole.")),
        Column("certificate", _("Certificate"), meaning=_("Number of the certificate, when there is one.")),
    )
    rows = [
        [
            each.name, *(step.minutes / 60 for step in each.journey.steps), each.journey.minutes / 60, each.journey.percent,
            given[each.person_id].number if each.person_id in given else "",
        ]
        for each in found
    ]  # fmt: skip
    return Table(_("Learning journey"), columns, rows, notes=((_("Project"), project.title),))


class TrainingPersonInline(admin.TabularInline):
    """Who was trained; whoever sees the training sees them."""

    model = TrainingPerson
    extra = 3

    def has_view_permission(self, request: HttpRequest, obj: Training | None = None) -> bool:
        return rules.is_staff(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Training | None = None) -> bool:
        return may_record_trainings(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Training | None = None) -> bool:
        return may_record_trainings(request.user)

    has_delete_permission = has_change_permission

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Accounts with a role, now or once: facilitators are of the team."""
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(assignments__isnull=False).distinct().order_by("name", "email")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, admin.widgets.RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


@admin.register(Training)
class TrainingAdmin(RuledAdmin):
    """The office records trainings; an animator sees the own ones."""

    holds_people = True
    inlines = [TrainingPersonInline]
    list_display = ["title", "held_on", "hours", "trainer", "project"]
    list_select_related = ["project", "organisation"]
    fields = ["project", "title", "held_on", "minutes", "trained_by", "organisation", "place"]
    empty_sentence = gettext_lazy("No trainings recorded yet.")

    def may_see(self, user: User) -> bool:
        return rules.is_staff(user)

    def may_add(self, user: User) -> bool:
        return may_record_trainings(user)

    def may_change(self, user: User, obj: Training | None = None) -> bool:
        return may_record_trainings(user)

    def may_delete(self, user: User, obj: Training) -> bool:
        return may_record_trainings(user)

    def scope(self, user: User) -> QuerySet[Training]:
        return visible_trainings(user)

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-held_on", "-pk"]

    @admin.display(description=gettext_lazy("hours"), ordering="minutes")
    def hours(self, training: Training) -> str:
        return hours_and_minutes(training.minutes)

    @admin.display(description=gettext_lazy("who trained"))
    def trainer(self, training: Training) -> str:
        return training.trained_by or str(training.organisation)
