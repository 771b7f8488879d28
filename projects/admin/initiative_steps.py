"""What the team writes down about one initiative, each on a small page of its own: a form before one verb."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from active_citizens.core import pdf
from active_citizens.core.refusal import RuleBroken
from participants.domain import access_log
from participants.models import AccessLog
from projects import papers
from projects.admin.initiative_forms import AgreementForm, FilingForm, GroundForm, IdeaEntryForm, MemberForm, PartnerForm, TwinForm
from projects.admin_base import RuledAdmin
from projects.domain import agreements, ideas, plans, teams, telling
from projects.emails.frame import own_url
from projects.models import Filing, GrantResult, Initiative, InitiativeAgreement, Project

Page = Callable[..., HttpResponse]


def idea(panel: RuledAdmin, request: HttpRequest) -> HttpResponse:
    """Enter an idea for somebody; then the slip with its number to give them."""
    if not panel.may_add(request.user):
        raise PermissionDenied
    project = Project.objects.current()
    form = IdeaEntryForm(request.POST or None, user=request.user)

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        if project is None:
            raise RuleBroken(
                "no_edition", _("No edition is published, so there is none to take the idea in. The coordinator publishes one.")
            )
        email, phone = typed["contact"]
        told = ideas.Idea(typed["what"], typed["where"], typed["who"], email, phone, place=typed["place"])
        made = ideas.propose(told, project, actor=request.user)
        return panel.address("slip", made.pk), _("The idea is in. Give the slip to whoever told it.")

    blank = Initiative(title=_("New idea"))
    return panel.step(
        request, blank, form, verb, title=_("Enter an idea"), button=_("Enter the idea"), back=panel.address("changelist"),
        sentence=_("Whoever told it gets a slip with a number, and an answer in so many days as the programme promises."),
    )  # fmt: skip


def slip(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The slip of an idea: its number, by when there is an answer, where to ask; the address of its page for whoever has no e-mail."""
    initiative = panel.one(request, pk, to_change=False)
    address = own_url(initiative) if any(not person.email for person in telling.authors_of(initiative)) else ""
    if address:
        access_log.record(AccessLog.Action.READ, "projects.initiative", actor=request.user, ids=[pk], row_count=1)
    context = {
        **panel.admin_site.each_context(request), "opts": panel.opts, "title": _("Slip"), "initiative": initiative, "address": address,
    }  # fmt: skip
    return TemplateResponse(request, "admin/idea_slip.html", context)


def twin(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Join an idea to another one that goes on."""
    initiative = panel.one(request, pk)
    open_ones = panel.scope(request.user).going_on().exclude(pk=pk).order_by("title_order")
    form = TwinForm(request.POST or None, found=open_ones)

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        ideas.join_twins(initiative, typed["into"], actor=request.user)
        return panel.address("change", typed["into"].pk), _("The two ideas go on as one, and both authors are told.")

    return panel.step(
        request, initiative, form, verb, title=_("Join to another idea"), button=_("Join"),
        sentence=_("This idea ends; its author and supporters come into the other one. Both authors are told."), danger=True,
    )  # fmt: skip


def agreement(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Who signs and pays, and what was agreed."""
    initiative = panel.one(request, pk)
    standing = InitiativeAgreement.objects.filter(initiative=initiative).first()
    result = GrantResult.objects.filter(initiative=initiative, call__results_published_at__isnull=False).first()
    initial = {"grosze": result.grosze} if standing is None and result else {}
    form = AgreementForm(request.POST or None, instance=standing, initial=initial, initiative=initiative)

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        agreements.sign(initiative, typed)
        return panel.address("change", pk), _("The agreement has been written down.")

    return panel.step(request, initiative, form, verb, title=_("Agreement"), button=_("Save"))


def ground(panel: RuledAdmin, request: HttpRequest, pk: int, number: int = 0) -> HttpResponse:
    """Whose ground it is, and whether its manager agreed."""
    initiative = panel.one(request, pk)
    standing = get_object_or_404(initiative.grounds, pk=number) if number else None
    form = GroundForm(request.POST or None, instance=standing)

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        agreements.name_ground(initiative, typed, standing)
        return panel.address("change", pk), _("The ground and the consent have been written down.")

    return panel.step(request, initiative, form, verb, title=_("Ground and consent"), button=_("Save"))


def filing(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The day and mark of the filing, the outcome as the office wrote it, the day of the settlement."""
    initiative = panel.one(request, pk)
    if initiative.kind != Initiative.Kind.STATUTORY:
        raise RuleBroken("not_statutory", _("Only a statutory local initiative is filed at the office."))
    form = FilingForm(request.POST or None, instance=Filing.objects.filter(initiative=initiative).first())

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        agreements.file(initiative, typed)
        return panel.address("change", pk), _("The course at the office has been written down.")

    return panel.step(request, initiative, form, verb, title=_("Course at the office"), button=_("Save"))


def member(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody into the team."""
    initiative = panel.one(request, pk)

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        email, phone = typed["contact"]
        made = teams.take_in(initiative, typed["who"], email=email, phone=phone, role=typed["role"])
        return panel.address("change", pk), _("In the team now: %(name)s.") % {"name": made.person.name}

    form = MemberForm(request.POST or None)
    return panel.step(request, initiative, form, verb, title=_("Take somebody into the team"), button=_("Take in"))


def let_go(panel: RuledAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Take somebody off the team."""
    initiative = panel.one(request, pk)
    found = get_object_or_404(initiative.members.select_related("person", "initiative"), pk=number)

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        teams.let_go(found)
        return panel.address("change", pk), _("Not in the team any more: %(name)s.") % {"name": found.person.name}

    title = _("Take off the team: %(name)s") % {"name": found.person.name}
    return panel.confirm(request, initiative, verb, title=title, button=_("Take off"), danger=True)


def partner(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Note what an organisation is to the initiative."""
    initiative = panel.one(request, pk)

    def verb(typed: dict[str, Any]) -> tuple[str, str]:
        teams.join_partner(initiative, typed["organisation"], typed["role"])
        return panel.address("change", pk), _("The partner has been written down.")

    return panel.step(request, initiative, PartnerForm(request.POST or None), verb, title=_("Partner organisation"), button=_("Save"))


def application(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The application to sign and file."""
    initiative = panel.one(request, pk, to_change=False)
    return pdf.answer(papers.application(initiative), papers.file_name(initiative, "wniosek"))


def case_sheet(panel: RuledAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of the case, for the files of the office."""
    initiative = panel.one(request, pk, to_change=False)
    return pdf.answer(papers.case_sheet(initiative), papers.file_name(initiative, "karta-sprawy"))


# The address below the list of initiatives, the page, and its name.
PAGES: tuple[tuple[str, Page, str], ...] = (
    ("<int:pk>/slip/", slip, "slip"),
    ("<int:pk>/twin/", twin, "twin"),
    ("<int:pk>/agreement/", agreement, "agreement"),
    ("<int:pk>/ground/", ground, "ground"),
    ("<int:pk>/ground/<int:number>/", ground, "ground_again"),
    ("<int:pk>/filing/", filing, "filing"),
    ("<int:pk>/team/", member, "member"),
    ("<int:pk>/team/<int:number>/off/", let_go, "let_go"),
    ("<int:pk>/partner/", partner, "partner"),
    ("<int:pk>/application.pdf", application, "application"),
    ("<int:pk>/case-sheet.pdf", case_sheet, "case_sheet"),
)


def file_of(initiative: Initiative) -> dict[str, Any]:
    """What the page of an initiative shows beside its form: team, partners, agreement, ground, filing, and what is asked of it."""
    return {
        "answers": plans.answers(plans.plan_of(initiative)),
        "budget": initiative.budget.all(),
        "contributions": initiative.contributions.all(),
        "totals": plans.totals(initiative),
        "team": initiative.members.select_related("person").order_by("role", "pk"),
        "partnerships": initiative.partnerships.select_related("organisation"),
        "agreement": InitiativeAgreement.objects.select_related("organisation", "person").filter(initiative=initiative).first(),
        "grounds": initiative.grounds.all(),
        "filing": Filing.objects.filter(initiative=initiative).first(),
        "supporters": teams.supporters(initiative),
        "is_statutory": initiative.kind == Initiative.Kind.STATUTORY,
        "may_join": initiative.status in ideas.JOINABLE,
        "asks_agreement": initiative.kind != Initiative.Kind.GRASSROOTS,
    }
