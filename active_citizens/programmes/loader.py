"""Programmes as data: the TOML files of a folder become rows, each under the address the file gives it."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone, translation

from active_citizens.content.models import AccessibilityDeclaration, Page, Revision
from events.models import StudyTrip
from participants.models import ConsentText, Notice, Organisation
from projects.domain import workflow
from projects.models import HistoryItem, Initiative, Neighbourhood, Partnership, Project, ProjectPartner, Stage

HERE = Path(__file__).resolve().parent
LANGUAGES = frozenset({"pl", "en", "uk"})
# What a city sets itself, also where the files leave it empty; no refresh takes it back.
CITYS_OWN = frozenset({"is_published", "is_current", "published_at", "contact_email", "contact_phone", "phone_line"})
NOTICE_PARTS = ("controller", "officer", "purposes", "duty", "recipients", "retention", "rights", "complaint", "profiling")

Entry = dict[str, Any]
Row = TypeVar("Row", bound=models.Model)


def known() -> list[str]:
    """The addresses of the programmes that lie here as folders."""
    return sorted(path.parent.name.replace("_", "-") for path in HERE.glob("*/project.toml"))


def load(slug: str, *, refresh: bool = False) -> Counter[str]:
    """Load the programme and the portal's pages in one transaction and say how many rows of each kind were made.

    What is there already stays as it is; with ``refresh`` its texts and facts are written anew from the files.
    """
    tables = read_folder(HERE / slug.replace("-", "_"))
    loading = Loading(refresh=refresh)
    # Untranslated columns hold the Polish text, whatever the language of the caller.
    with transaction.atomic(), translation.override("pl"):
        project, _touched = loading.put(Project, {"slug": tables["project"]["slug"]}, tables["project"])
        _organisations(loading, project, tables)
        _neighbourhoods(loading, tables)
        _stages_and_history(loading, project, tables)
        _initiatives(loading, project, tables)
        for entry in tables.get("trip", []):
            loading.put(StudyTrip, {"slug": entry["slug"]}, {**entry, "project": project})
        _pages(loading)
        _notices(loading)
        _declaration(loading)
    return loading.made


def read(path: Path) -> Entry:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_folder(folder: Path) -> Entry:
    """The tables of all files of a folder."""
    return {name: table for path in sorted(folder.glob("*.toml")) for name, table in read(path).items()}


def columns(entry: Entry) -> Entry:
    """The entry by columns: a text given per language fills one column each. A language left out is a ValueError."""
    flat: Entry = {}
    for name, value in entry.items():
        if not isinstance(value, dict) or not value.keys() & LANGUAGES:
            flat[name] = value
        elif value.keys() != LANGUAGES:
            raise ValueError(f"{name} must be given in {', '.join(sorted(LANGUAGES))}: {value}")
        else:
            flat |= {f"{name}_{language}": text.strip() for language, text in value.items()}
    return flat


class Loading:
    """One run: what it makes, and whether it writes over what is there."""

    def __init__(self, *, refresh: bool = False) -> None:
        self.refresh = refresh
        self.made: Counter[str] = Counter()

    def put(self, model: type[Row], key: Entry, entry: Entry) -> tuple[Row, bool]:
        """The row under ``key``, made when missing, and whether this run wrote it.

        Of the entry only columns count: relations and lists of other rows are the caller's.
        """
        names = {field.name for field in model._meta.concrete_fields}
        values = {name: value for name, value in columns(entry).items() if name in names and name not in key}
        row = model._default_manager.filter(**key).first()
        if row is None:
            self.made[model._meta.model_name or ""] += 1
            return model._default_manager.create(**key, **values), True
        if self.refresh:
            for name in values.keys() - CITYS_OWN:
                setattr(row, name, values[name])
            row.save()
        return row, self.refresh


def _organisations(loading: Loading, project: Project, tables: Entry) -> None:
    for entry in tables.get("organisation", []):
        loading.put(Organisation, {"slug": entry["slug"]}, entry)
    for entry in tables.get("partner", []):
        organisation = Organisation.objects.get(slug=entry["organisation"])
        loading.put(ProjectPartner, {"project": project, "organisation": organisation, "role": entry["role"]}, {"note": entry["note"]})


def _neighbourhoods(loading: Loading, tables: Entry) -> None:
    for entry in tables.get("neighbourhood", []):
        row, touched = loading.put(Neighbourhood, {"slug": entry["slug"]}, entry)
        if touched:
            row.projects.add(*Project.objects.filter(slug__in=entry["projects"]))
        # Streets without numbers only: the unique key of the table counts an unknown number as one value.
        standing = set(row.streets.filter(first_number=None).values_list("street", flat=True))
        for street in entry.get("street", []):
            if street["street"] not in standing:
                row.streets.create(**street)
                loading.made["streetrange"] += 1


def _stages_and_history(loading: Loading, project: Project, tables: Entry) -> None:
    for entry in tables.get("stage", []):
        loading.put(Stage, {"project": project, "number": entry["number"]}, {**entry, "project": project})
    for entry in tables.get("history", []):
        item, touched = loading.put(HistoryItem, {"slug": entry["slug"]}, {**entry, "project": project})
        if touched:
            item.neighbourhoods.set(Neighbourhood.objects.filter(slug__in=entry["neighbourhoods"]))


def _initiatives(loading: Loading, project: Project, tables: Entry) -> None:
    for entry in tables.get("initiative", []):
        stage = Stage.objects.get(project=project, number=entry["stage"])
        texts = {name: value for name, value in entry.items() if name not in {"status", "partners", "neighbourhoods"}}
        missing = not Initiative.objects.filter(slug=entry["slug"]).exists()
        if missing:
            # Born in its state: what sources tell of has no moves of ours, but its first row of history.
            workflow.start(Initiative(**{**texts, "project": project, "stage": stage}, status=entry["status"]))
            loading.made["initiative"] += 1
        initiative, touched = loading.put(Initiative, {"slug": entry["slug"]}, {**texts, "project": project, "stage": stage})
        if missing or touched:
            initiative.neighbourhoods.set(Neighbourhood.objects.filter(slug__in=entry["neighbourhoods"]))
            for partner in entry["partners"]:
                organisation = Organisation.objects.get(slug=partner["organisation"])
                Partnership.objects.get_or_create(initiative=initiative, organisation=organisation, role=partner["role"])


def _pages(loading: Loading) -> None:
    now = timezone.now()
    for path in sorted((HERE / "pages").glob("*.toml")):
        for entry in read(path).get("page", []):
            page, touched = loading.put(Page, {"slug": entry["slug"]}, {**entry, "published_at": now})
            names = [f"{name}_{language}" for name in ("title", "lead", "body") for language in sorted(LANGUAGES)]
            texts = {name: getattr(page, name) for name in names}
            newest = page.revisions.first()
            # A published version is never lost: what the refresh wrote becomes the next one (BIP-02).
            if touched and (newest is None or newest.fields != texts):
                Revision.objects.create(page=page, number=(newest.number if newest else 0) + 1, fields=texts, at=now)


def _notices(loading: Loading) -> None:
    """Notices and consent texts, one row per language; what people have been shown is never rewritten, also not by a refresh."""
    notices, consents = read(HERE / "pages" / "notices.toml"), read(HERE / "pages" / "consents.toml")
    fresh = Loading()
    now = timezone.now()
    for language in sorted(LANGUAGES):
        for entry in notices["notice"]:
            key = {"purpose": entry["purpose"], "language": language, "version": notices["version"]}
            texts = {"title": entry["title"][language], "summary": entry["summary"][language], "body": _body(notices, entry, language)}
            fresh.put(Notice, key, {**texts, "published_at": now})
        for entry in consents["consent"]:
            key = {"purpose": entry["purpose"], "language": language, "version": consents["version"]}
            fresh.put(ConsentText, key, {"text": entry["text"][language], "published_at": now})
    loading.made += fresh.made


def _body(notices: Entry, entry: Entry, language: str) -> str:
    if "body" in entry:
        return entry["body"][language].strip()
    parts = ((notices["headings"][part][language], (entry.get(part) or notices["common"][part])[language]) for part in NOTICE_PARTS)
    return "\n\n".join(f"## {heading}\n\n{text}" for heading, text in parts)


def _declaration(loading: Loading) -> None:
    entry = read(HERE / "pages" / "accessibility.toml")["declaration"]
    standing = AccessibilityDeclaration.objects.order_by("pk").first()
    if standing is None:
        AccessibilityDeclaration.objects.create(**columns(entry))
        loading.made["accessibilitydeclaration"] += 1
    elif loading.refresh:
        loading.put(AccessibilityDeclaration, {"pk": standing.pk}, entry)
