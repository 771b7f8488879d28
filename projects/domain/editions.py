"""An edition's own life: begun empty, published once it is ready, taken off, and put on the home page."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.domain import access_log
from participants.models import AccessLog, User
from projects import rules
from projects.domain import readiness
from projects.models import Module, Project, Stage

# What a new edition may take over from another; never events, people, sign-ups or dates.
TAKEN_OVER = ("contacts", "neighbourhoods", "stages", "modules")
CONTACTS = ("controller", "protection_officer", "phone_hours")
PLAIN_CONTACTS = ("contact_email", "phone_line", "duty_from", "duty_until", "certificate_threshold", "languages")
LANGUAGES = ("pl", "en", "uk")


def publish(project: Project, *, actor: User, at: datetime | None = None) -> Project:
    """Show the edition to everybody, once every line of its checklist is green. Publishing twice changes nothing.

    Locks the project. Raises RuleBroken: ``not_allowed``, ``not_ready`` with the lines that are missing.
    """
    now = at or timezone.now()
    _check_allowed(actor)
    with transaction.atomic():
        project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        if project.is_published:
            return project
        lacking = readiness.missing(project, timezone.localdate(now))
        if lacking:
            said = " ".join(answer.missing for answer in lacking)
            raise RuleBroken("not_ready", _("The edition is not ready yet. %(missing)s") % {"missing": said}, lacking=lacking)
        _note(project, actor, now, is_published=True)
    return project


def take_off(project: Project, *, actor: User, at: datetime | None = None) -> Project:
    """Hide the edition with all its events from the public; nothing is deleted. Doing it twice changes nothing.

    Locks the project. Raises RuleBroken ``not_allowed``.
    """
    _check_allowed(actor)
    with transaction.atomic():
        project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        if project.is_published:
            _note(project, actor, at or timezone.now(), is_published=False)
    return project


def start_empty(
    title: str,
    slug: str,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
    like: Project | None = None,
    take_over: Collection[str] = (),
    actor: User,
) -> Project:
    """Begin an edition nobody sees yet, with what it takes over from ``like``: texts and lists, never events or people.

    Stages come along without their dates and sources. Raises RuleBroken: ``not_allowed``, ``slug_taken``,
    ``ends_before_start``.
    """
    _check_allowed(actor)
    if starts_on and ends_on and ends_on < starts_on:
        raise RuleBroken("ends_before_start", _("The end cannot come before the start."), field="ends_on")
    with transaction.atomic():
        if Project.objects.filter(slug=slug).exists():
            raise RuleBroken("slug_taken", _("Another edition has this address."), field="slug")
        project = Project(title_pl=title.strip(), slug=slug, starts_on=starts_on, ends_on=ends_on)
        if like is not None and "contacts" in take_over:
            _copy_contacts(like, project)
        project.save()
        if like is not None:
            _copy_lists(like, project, take_over)
        access_log.record(AccessLog.Action.CHANGE, "project", actor=actor, ids=[project.pk], detail={"verb": "start"})
    return project


def _check_allowed(actor: User) -> None:
    if not rules.may_write_programme(actor):
        raise RuleBroken("not_allowed", _("Only a coordinator begins, publishes or takes off an edition."))


def _note(project: Project, actor: User, now: datetime, *, is_published: bool) -> None:
    project.is_published = is_published
    project.save(update_fields=["is_published", "updated_at"])
    verb = "publish" if is_published else "take_off"
    access_log.record(AccessLog.Action.CHANGE, "project", actor=actor, ids=[project.pk], detail={"verb": verb}, at=now)


def _copy_contacts(like: Project, project: Project) -> None:
    for name in (*(f"{name}_{language}" for name in CONTACTS for language in LANGUAGES), *PLAIN_CONTACTS):
        setattr(project, name, getattr(like, name))


def _copy_lists(like: Project, project: Project, take_over: Collection[str]) -> None:
    if "neighbourhoods" in take_over:
        project.neighbourhoods.set(like.neighbourhoods.all())
    if "stages" in take_over:
        texts = [f"{name}_{language}" for name in ("title", "summary", "description") for language in LANGUAGES]
        for stage in like.stages.all():
            Stage.objects.create(project=project, number=stage.number, opens=stage.opens, **{name: getattr(stage, name) for name in texts})
    if "modules" in take_over:
        texts = [f"{name}_{language}" for name in ("title", "about") for language in LANGUAGES]
        for module in like.modules.all():
            Module.objects.create(
                project=project, number=module.number, planned_minutes=module.planned_minutes,
                **{name: getattr(module, name) for name in texts},
            )  # fmt: skip
