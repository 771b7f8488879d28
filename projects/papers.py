"""Papers about an initiative: the application to file by hand, and the sheet of its case."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from active_citizens.core import pdf
from active_citizens.core.amounts import zloty
from active_citizens.core.models import label_of
from active_citizens.core.text import bind, hours_and_minutes, slug_of
from projects.domain import plans
from projects.models import Filing, Initiative, InitiativeAgreement

# Lines for signatures on the support list; the paper goes on to the end of its page.
SIGNATURES = 15


def application(initiative: Initiative, language: str = "pl") -> bytes:
    """The plan as a paper to sign and file (art. 19b for a statutory one, with its list of support): tagged PDF."""
    statutory = initiative.kind == Initiative.Kind.STATUTORY
    with override(language):
        sections = [_answers(initiative), _budget(initiative), _given(initiative), _totals(initiative)]
        sections.append(_section(_("Applicants: first and last name, address, signature"), heads=_signing_heads(), blank=4))
        if statutory:
            sections.append(_section(_("List of support"), heads=_signing_heads(), blank=SIGNATURES))
        heading = _("Local initiative: application") if statutory else _("Mini-project: plan")
        note = _("The portal prepares this paper; it counts once it is signed and filed at the office.") if statutory else ""
        return _paper(initiative, heading, [initiative.title, *_places(initiative)], sections, note, language)


def case_sheet(initiative: Initiative, language: str = "pl") -> bytes:
    """The sheet of the case: its mark, every move with who, when and why, agreement, ground, filing, promises; no contacts."""
    with override(language):
        lead = [
            initiative.title,
            _("Case number: %(mark)s") % {"mark": initiative.case_mark or "–"},
            _("Number of the idea: %(number)s") % {"number": initiative.reference},
            f"{capfirst(initiative.get_kind_display())}. {capfirst(initiative.get_status_display())}.",
            *_places(initiative),
        ]
        sections = [_moves(initiative), _agreement(initiative), _grounds(initiative), _filing(initiative), _promises(initiative)]
        note = _("Printed from the portal on %(day)s. For the files of the office.") % {"day": date_format(timezone.localdate())}
        return _paper(initiative, _("Case sheet"), lead, sections, note, language)


def file_name(initiative: Initiative, of: str) -> str:
    """A name every computer takes, made of the title (BIP-06)."""
    return f"{of}-{slug_of(initiative.title, 60, initiative.reference.lower())}.pdf"


def _paper(initiative: Initiative, heading: str, lead: list[str], sections: Iterable[dict[str, Any]], note: str, language: str) -> bytes:
    data = {
        "heading": heading,
        "programme": bind(initiative.project.title),
        "lead": [bind(line) for line in lead],
        "sections": [section for section in sections if section["texts"] or section["rows"] or section["blank"]],
        "note": note,
        "page": _("page"),
        "of": pgettext("page 1 of 3", "of"),
    }
    return pdf.render("initiative", data, language=language, title=f"{heading}: {initiative.title}")


def _section(
    title: str,
    texts: Iterable[tuple[str, str]] = (),
    heads: Sequence[str] = (),
    rows: Iterable[Sequence[str]] = (),
    blank: int = 0,
) -> dict[str, Any]:
    said = [{"label": label, "text": bind(text)} for label, text in texts]
    return {"title": title, "texts": said, "heads": list(heads), "rows": [list(row) for row in rows], "blank": blank}


def _signing_heads() -> list[str]:
    return [_("First and last name"), _("Address"), _("Signature")]


def _places(initiative: Initiative) -> list[str]:
    names = ", ".join(initiative.neighbourhoods.order_by("name_order").values_list("name", flat=True))
    return [_("Where: %(place)s") % {"place": ", ".join(filter(None, [names, initiative.place]))}] if names or initiative.place else []


# --- The plan ---------------------------------------------------------------------------------------------------------------


def _answers(initiative: Initiative) -> dict[str, Any]:
    return _section(_("The plan"), [(_("In short"), initiative.summary), *plans.answers(plans.plan_of(initiative))])


def _budget(initiative: Initiative) -> dict[str, Any]:
    rows = [(line.what, zloty(line.grosze)) for line in initiative.budget.all()]
    return _section(_("Cost estimate"), heads=[_("What for"), _("How much")], rows=rows)


def _given(initiative: Initiative) -> dict[str, Any]:
    rows = [
        (capfirst(each.get_kind_display()), each.what, hours_and_minutes(each.minutes) if each.minutes else zloty(each.grosze))
        for each in initiative.contributions.all()
    ]
    return _section(_("Own contribution"), heads=[_("Kind"), _("What"), _("How much")], rows=rows)


def _totals(initiative: Initiative) -> dict[str, Any]:
    sums = plans.totals(initiative)
    work = hours_and_minutes(sums.minutes) + (f" ({zloty(sums.work_grosze)})" if sums.work_grosze is not None else "")
    return _section(
        _("What it adds up to"),
        [(_("Money asked for"), zloty(sums.asked)), (_("Own work"), work), (_("Own contribution in all"), zloty(sums.own))],
    )


# --- The case -----------------------------------------------------------------------------------------------------------------


def _moves(initiative: Initiative) -> dict[str, Any]:
    rows = [
        (
            date_format(timezone.localtime(change.at), "SHORT_DATETIME_FORMAT"),
            capfirst(change.get_after_display()),
            str(change.actor or _("the authors, or the portal")),
            change.reason,
        )
        for change in initiative.changes.select_related("actor")
    ]
    return _section(_("What has happened so far"), heads=[_("When"), _("State"), _("Who"), _("Why")], rows=rows)


def _agreement(initiative: Initiative) -> dict[str, Any]:
    agreement = InitiativeAgreement.objects.select_related("organisation", "person").filter(initiative=initiative).first()
    if agreement is None:
        return _section(_("Agreement"))
    days = " – ".join(date_format(day) for day in (agreement.starts_on, agreement.ends_on) if day)
    signed = date_format(agreement.signed_on) if agreement.signed_on else ""
    texts = [
        (capfirst(label_of(InitiativeAgreement, "signer")), str(agreement.organisation or agreement.person)),
        (_("Number and day"), f"{agreement.number} {signed}".strip()),
        (_("Money"), zloty(agreement.grosze)),
        (_("From and to"), days),
    ]
    return _section(_("Agreement"), [(label, text) for label, text in texts if text])


def _grounds(initiative: Initiative) -> dict[str, Any]:
    rows = [
        (ground.place, ground.manager_name, date_format(ground.consented_on) if ground.consented_on else "–", ground.reference)
        for ground in initiative.grounds.all()
    ]
    return _section(_("Ground and consent"), heads=[_("Ground"), _("Manager"), _("Agreed on"), _("Where the consent is")], rows=rows)


def _filing(initiative: Initiative) -> dict[str, Any]:
    filing = Filing.objects.filter(initiative=initiative).first()
    if filing is None or filing.filed_on is None:
        return _section(_("Course at the office"))
    texts = [(_("Filed"), _("on %(day)s, mark %(mark)s") % {"day": date_format(filing.filed_on), "mark": filing.filed_mark})]
    if filing.decided_on:
        texts.append((_("Outcome of %(day)s") % {"day": date_format(filing.decided_on)}, filing.outcome))
    if filing.settled_on:
        texts.append((_("Settled"), date_format(filing.settled_on)))
    return _section(_("Course at the office"), texts)


def _promises(initiative: Initiative) -> dict[str, Any]:
    rows = [
        (each.what, capfirst(each.get_owner_display()), date_format(each.due_on), date_format(each.done_on) if each.done_on else "–")
        for each in initiative.milestones.all()
    ]
    return _section(_("Promises"), heads=[_("What"), _("Who"), _("Due on"), _("Done on")], rows=rows)
