"""Certificates: issued at the project's threshold, numbered without gaps, annulled and never erased."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from active_citizens.core import pdf
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import hours_and_minutes, plain
from events.domain.journey import hours_of
from events.models import Certificate
from participants.domain import access_log
from participants.models import AccessLog, Person, User
from projects.models import Project

PREFIX = "AS"
# Any number of our own; whoever issues waits behind it, so that each number is given once and none is left out.
NUMBER_LOCK = 20131202


def issue(person: Person, project: Project, *, actor: User, at: datetime | None = None) -> Certificate:
    """Write a certificate of the hours as they stand, in the person's language, under the next number of the year.

    Takes the lock of the numbers till the transaction ends. Raises RuleBroken: ``no_threshold``, ``below_threshold`` (with
    the figures), ``already_issued``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        _lock_numbers()
        if project.certificate_threshold is None:
            raise RuleBroken("no_threshold", _("The project has no threshold for certificates. A coordinator sets it."))
        if Certificate.objects.live().filter(person=person, project=project).exists():
            raise RuleBroken("already_issued", _("This person has a certificate of this project already."))
        with translation.override(person.language):
            journey = hours_of(person, project, now)
        if not journey.is_enough:
            percent, threshold = journey.percent, project.certificate_threshold
            sentence = _("There are %(percent)s per cent of the hours so far, and the certificate takes %(threshold)s per cent.")
            said = sentence % {"percent": percent, "threshold": threshold}
            raise RuleBroken("below_threshold", said, percent=percent, threshold=threshold, minutes=journey.minutes, whole=journey.whole)
        day = timezone.localdate(now)
        sequence = (Certificate.objects.filter(year=day.year).aggregate(last=Max("sequence"))["last"] or 0) + 1
        steps = [{"number": step.number, "title": step.title, "minutes": step.minutes} for step in journey.steps if step.minutes]
        made = Certificate.objects.create(
            person=person, project=project, year=day.year, sequence=sequence, number=f"{PREFIX}/{day.year}/{sequence:04}",
            language=person.language, minutes=journey.minutes, threshold=project.certificate_threshold, modules=steps,
            issued_on=day, issued_by=actor,
        )  # fmt: skip
        _note(made, actor, "issue", now)
    return made


def annul(certificate: Certificate, reason: str, *, actor: User, at: datetime | None = None) -> Certificate:
    """Take a certificate's worth back, saying why; its number stays used, and a new one may be issued. Once annulled stays as it was."""
    now = at or timezone.now()
    with transaction.atomic():
        current = Certificate.objects.select_for_update(no_key=True).get(pk=certificate.pk)
        if not current.is_live:
            return current
        if not reason.strip():
            raise RuleBroken("no_reason", _("Write why the certificate is annulled."), field="reason")
        current.annulled_at, current.annulled_by, current.annul_reason = now, actor, reason.strip()
        current.save(update_fields=["annulled_at", "annulled_by", "annul_reason", "updated_at"])
        _note(current, actor, "annul", now)
    return current


def is_valid(number: str, last_name: str) -> bool:
    """Whether a live certificate carries the number and the last word of its person's name is this; nothing else is told."""
    typed = "".join(number.split()).upper()
    found = Certificate.objects.live().filter(number=typed).select_related("person").first()
    return found is not None and plain(found.person.name).split()[-1:] == plain(last_name).split()[-1:]


def paper_of(certificate: Certificate) -> dict[str, Any]:
    """What the template ``certificate`` prints: ready-made texts in the certificate's language, nothing reckoned anew."""
    with translation.override(certificate.language):
        project = certificate.project
        return {
            "person": certificate.person.name,
            "project": project.title,
            "intro": _("This certifies that the hours below of the learning journey were completed by"),
            "hours": _("%(hours)s in all") % {"hours": hours_and_minutes(certificate.minutes)},
            "modules": [
                {"title": f"{module['number']}. {module['title']}", "hours": hours_and_minutes(module["minutes"])}
                for module in certificate.modules
            ],
            "number": _("No. %(number)s") % {"number": certificate.number},
            "issued": _("Issued on %(day)s") % {"day": date_format(certificate.issued_on, "DATE_FORMAT")},
            "issuer": _("For the programme"),
            "verify": _("Checked at %(address)s") % {"address": settings.SITE_URL.partition("//")[2] + reverse("check_certificate")},
        }


def as_pdf(certificate: Certificate) -> bytes:
    """The certificate as a tagged PDF in its language. Raises RuleBroken ``annulled``."""
    if not certificate.is_live:
        raise RuleBroken("annulled", _("This certificate was annulled."))
    with translation.override(certificate.language):
        title = _("Certificate")
    return pdf.render("certificate", paper_of(certificate), language=certificate.language, title=title)


def file_name(certificate: Certificate) -> str:
    return f"zaswiadczenie-{certificate.number.replace('/', '-')}.pdf"


def _lock_numbers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBER_LOCK])


def _note(certificate: Certificate, actor: User, verb: str, now: datetime) -> None:
    label, detail = "events.certificate", {"verb": verb, "person": certificate.person_id}
    access_log.record(AccessLog.Action.CHANGE, label, actor=actor, ids=[certificate.pk], row_count=1, detail=detail, at=now)
