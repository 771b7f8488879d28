"""The house stands as docs/architecture.md draws it: floors, rows, short functions, one door to every status.

Every rule is a function from sources to sentences, proved below on a planted violation before it judges the project.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
# The backend stands below everything and knows nobody; settings and urls are part of the topmost floor.
FLOORS = {
    "active_citizens.database": -1,
    "active_citizens.core": 0,
    "participants": 1,
    "projects": 2,
    "active_citizens.content": 3,
    "events": 4,
    "reports": 5,
    "active_citizens": 6,
}
LABELS = {name.rpartition(".")[2]: name for name in FLOORS} | {"portal": "active_citizens"}
ROWS = {
    "models": 0,
    "rules": 1,
    "domain": 2,
    "emails": 2,
    "privacy": 2,
    "forms": 3,
    "views": 4,
    "admin": 4,
    "management": 4,
    "urls": 5,
}
SHAPELESS = {"utils", "helpers", "services", "common"}
LONGEST_FUNCTION = 50

Sources = dict[str, str]


# --- Reading ------------------------------------------------------------------------------------------------------------


def project_sources() -> Sources:
    """All Python files of the apps, by their path in the project."""
    folders = sorted({name.partition(".")[0] for name in FLOORS})
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def module_name(path: str) -> str:
    return ".".join(PurePosixPath(path).with_suffix("").parts).removesuffix(".__init__")


def app_of(name: str) -> str | None:
    """The app a module (or something in it) belongs to: the longest name that fits."""
    return max((app for app in FLOORS if f"{name}.".startswith(f"{app}.")), key=len, default=None)


def imports(path: str, source: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything the module imports, also late, for types only, or by a string."""
    package = module_name(path).split(".") if path.endswith("__init__.py") else module_name(path).split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1], *filter(None, [node.module])] if node.level else [node.module]
            yield from ((node.lineno, ".".join([*base, alias.name])) for alias in node.names)
        elif isinstance(node, ast.Call):
            yield from _named_in_a_string(node)


def _named_in_a_string(call: ast.Call) -> Iterator[tuple[int, str]]:
    function = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if not call.args or not isinstance(call.args[0], ast.Constant) or not isinstance(call.args[0].value, str):
        return
    if function in {"import_module", "import_string"}:
        yield call.lineno, call.args[0].value
    elif function in {"get_model", "get_app_config"}:
        label = call.args[0].value.partition(".")[0]
        yield call.lineno, LABELS.get(label, label)


# --- The rules ------------------------------------------------------------------------------------------------------------


def upward_imports(sources: Sources) -> Iterator[str]:
    """An app imports lower floors only."""
    for path, source in sources.items():
        own = app_of(module_name(path))
        for line, name in imports(path, source):
            other = app_of(name)
            if own and other and own != other and FLOORS[other] >= FLOORS[own]:
                yield f"{path}:{line} imports {name}: floor {FLOORS[own]} must not know floor {FLOORS[other]}"


def row_name(name: str) -> str:
    """The part of a module's name that says its row: ``events.domain.seats`` stands in ``domain``."""
    return name.removeprefix(app_of(name) or "").strip(".").partition(".")[0]


def late_rows(sources: Sources) -> Iterator[str]:
    """Inside an app a module imports its own row and those before it."""
    own_imports = {
        path: [(line, name) for line, name in imports(path, source) if _same_app(path, name)] for path, source in sources.items()
    }
    graph: dict[tuple[str | None, str], set[str]] = {}
    for path, found in own_imports.items():
        module = module_name(path)
        graph.setdefault((app_of(module), row_name(module)), set()).update(row_name(name) for _line, name in found)
    for path, found in own_imports.items():
        module = module_name(path)
        own = ROWS.get(row_name(module))
        for line, name in found:
            other = _row(graph, app_of(module), row_name(name))
            if own is not None and other > own:
                yield f"{path}:{line} imports {name}, which stands in a later row"


def _same_app(path: str, name: str) -> bool:
    return app_of(module_name(path)) == app_of(name) and row_name(name) != row_name(module_name(path))


def _row(graph: dict[tuple[str | None, str], set[str]], app: str | None, name: str, seen: frozenset[str] = frozenset()) -> int:
    """A module the rows do not name stands as late as the latest module it imports."""
    if name in ROWS or name in seen:
        return ROWS.get(name, -1)
    return max((_row(graph, app, other, seen | {name}) for other in graph.get((app, name), ())), default=-1)


def shapeless_modules(sources: Sources) -> Iterator[str]:
    """No module is named by what it is not."""
    for path in sources:
        if SHAPELESS & set(PurePosixPath(path).with_suffix("").parts):
            yield f"{path}: a module is named after what it does"


def long_functions(sources: Sources) -> Iterator[str]:
    """Functions fit a screen."""
    for path, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "migrations" not in path:
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    yield f"{path}:{node.lineno} {node.name} has {length} lines"


def status_writers(sources: Sources) -> Iterator[str]:
    """Only the verbs in ``domain`` assign a status."""
    for path, source in sources.items():
        if {"domain", "migrations"} & set(PurePosixPath(path).parts) or path.endswith("/domain.py"):
            continue
        for node in ast.walk(ast.parse(source)):
            if _assigns_status(node):
                yield f"{path}:{node.lineno} assigns a status outside domain"


# Who assigns a status on the floors that know initiatives: the workflow those of initiatives; the dialogue and the lists from
# files those of their own nouns, each in one function.
STATUS_DESKS = {
    "projects/domain/workflow.py": {"carry_out"},
    "projects/domain/dialogue.py": {"_decide"},
    "projects/domain/lists.py": {"_settle"},
}


def stray_moves(sources: Sources) -> Iterator[str]:
    """On the floors of initiatives every noun with a status has one function that assigns it; that of initiatives is the workflow's."""
    for path, source in sources.items():
        if not path.startswith(("projects/", "active_citizens/content/", "active_citizens/programmes/")) or "/migrations/" in path:
            continue
        tree = ast.parse(source)
        desks = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in STATUS_DESKS.get(path, frozenset())]
        at_a_desk = {id(part) for desk in desks for part in ast.walk(desk)}
        for node in ast.walk(tree):
            if _assigns_status(node) and id(node) not in at_a_desk:
                yield f"{path}:{node.lineno} moves something past the workflow"


def _assigns_status(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        flat = [part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
        return any(isinstance(target, ast.Attribute) and target.attr == "status" for target in flat)
    if not isinstance(node, ast.Call):
        return False
    function = getattr(node.func, "attr", getattr(node.func, "id", ""))
    texts = [part.value for argument in node.args for part in ast.walk(argument) if isinstance(part, ast.Constant)]
    if function in {"setattr", "bulk_update"}:
        return "status" in texts
    return function == "update" and any(keyword.arg == "status" for keyword in node.keywords)


def is_upward(own: str, other: str) -> bool:
    """Whether a foreign key from the first app to the second points up; apps that are not ours lie below all."""
    own_app, other_app = app_of(own), app_of(other)
    return bool(own_app and other_app and own_app != other_app and FLOORS[other_app] >= FLOORS[own_app])


def upward_keys() -> Iterator[str]:
    """Foreign keys and many-to-many fields obey the floors; the account may be referred to from everywhere."""
    for model in apps.get_models(include_auto_created=True):
        for field in [*model._meta.fields, *model._meta.local_many_to_many]:
            other = field.related_model
            if other is None or isinstance(other, str) or other._meta.label == settings.AUTH_USER_MODEL:
                continue
            if is_upward(model.__module__, other.__module__):
                yield f"{model._meta.label}.{field.name} points up to {other._meta.label}"


# --- Each rule on a planted violation -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("projects/models/calls.py", "from events.models import Event"),
        ("projects/models/calls.py", "def late():\n    import events.models"),
        ("projects/rules.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from events import models"),
        ("participants/privacy.py", "from importlib import import_module\nimport_module('events.privacy')"),
        ("participants/privacy.py", "from django.apps import apps\napps.get_model('content', 'Page')"),
        ("active_citizens/core/text.py", "from active_citizens import views"),
        ("active_citizens/core/text.py", "from .. import views"),
        ("active_citizens/content/views.py", "from active_citizens.urls import urlpatterns"),
        ("active_citizens/database/base.py", "from active_citizens.core import keys"),
    ],
)
def test_import_of_an_upper_floor_is_found(path, source):
    assert len(list(upward_imports({path: source}))) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("events/models/events.py", "from projects.models import Project\nfrom . import seats\nimport json"),
        ("active_citizens/views.py", "from active_citizens.core import text\nfrom reports import figures"),
        ("active_citizens/core/text.py", "from . import keys\nfrom .formats import pl"),
    ],
)
def test_import_of_a_lower_floor_passes(path, source):
    assert list(upward_imports({path: source})) == []


@pytest.mark.parametrize(
    "sources",
    [
        {"events/models/events.py": "from events.rules import may_edit"},
        {"events/rules.py": "from .domain import seats"},
        {"events/domain/seats.py": "def late():\n    from events.forms import SignUp"},
        {"events/views.py": "from events import urls"},
        {"events/rules.py": "from events.words import places", "events/words.py": "from events.views import page"},
    ],
)
def test_import_of_a_later_row_is_found(sources):
    assert len(list(late_rows(sources))) == 1


def test_import_of_the_own_row_and_those_before_passes():
    sources = {
        "events/domain/seats.py": "from events import emails, words\nfrom events.domain.queue import settle",
        "events/words.py": "from events.models import Seat",
        "events/apps.py": "def ready(self):\n    from events import views",
    }
    assert list(late_rows(sources)) == []


@pytest.mark.parametrize("path", ["events/utils.py", "projects/services/moves.py", "active_citizens/common/x.py", "reports/helpers.py"])
def test_shapeless_module_is_found(path):
    assert len(list(shapeless_modules({path: ""}))) == 1


def test_long_function_is_found():
    def body(lines):
        return "def f():\n" + "    x = 1\n" * (lines - 1)

    found = list(long_functions({"events/a.py": body(50), "events/b.py": body(51), "events/migrations/0001.py": body(90)}))

    assert found == ["events/b.py:1 f has 51 lines"]


@pytest.mark.parametrize(
    "line",
    [
        "seat.status = 'held'",
        "a, seat.status = 1, 'held'",
        "seat.status: str = 'held'",
        "setattr(seat, 'status', 'held')",
        "Seat.objects.filter(x=1).update(held_for='', status='held')",
        "Seat.objects.bulk_update(seats, ['status'])",
    ],
)
def test_status_assigned_outside_domain_is_found(line):
    assert len(list(status_writers({"events/admin.py": line, "events/domain/seats.py": line}))) == 1


@pytest.mark.parametrize("path", ["projects/domain/ideas.py", "projects/domain/workflow.py", "active_citizens/content/domain/diary.py"])
@pytest.mark.parametrize("line", ["initiative.status = 'running'", "Initiative.objects.update(status='running')"])
def test_a_move_past_the_workflow_is_found(path, line):
    assert len(list(stray_moves({path: f"def shortcut():\n    {line}"}))) == 1


def test_the_desk_of_the_workflow_moves():
    assert list(stray_moves({"projects/domain/workflow.py": "def carry_out():\n    locked.status = to"})) == []


def test_reading_a_status_passes():
    assert list(status_writers({"events/admin.py": "print(seat.status)\nstatus = 1\nqs.filter(status=1)\ncontext.update(x=1)"})) == []


@pytest.mark.parametrize(
    ("own", "other", "upward"),
    [
        ("projects.models.calls", "events.models.events", True),
        ("active_citizens.core.models", "participants.models.people", True),
        ("events.models.events", "projects.models.places", False),
        ("events.models.events", "django.contrib.auth.models", False),
    ],
)
def test_foreign_key_to_an_upper_floor_is_found(own, other, upward):
    assert is_upward(own, other) is upward


# --- The project itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule", [upward_imports, late_rows, shapeless_modules, long_functions, status_writers, stray_moves], ids=lambda rule: rule.__name__
)
def test_project_keeps(rule):
    assert list(rule(project_sources())) == []


def test_foreign_keys_point_down():
    assert list(upward_keys()) == []


# --- Templates ------------------------------------------------------------------------------------------------------------


def grouped_keys(sources: Sources) -> Iterator[str]:
    """A row's number is never printed bare: from 1,000 on it would be grouped („1 000”), and what is sent back names no row."""
    for path, source in sources.items():
        for line, text in enumerate(source.splitlines(), start=1):
            for found in re.findall(r"\{\{ *[\w.]*(?:\.pk|\.id|_id) *\}\}|\bwith [^%]*=[\w.]*\.pk *(?=[%\w])", text):
                if not re.search(r"attrs\.id|auto_id", found):
                    yield f'{path}:{line} {found}: add |stringformat:"d"'


def test_numbers_of_rows_are_printed_as_they_are() -> None:
    folder = ROOT / "templates"
    sources = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html"))}
    assert list(grouped_keys({"planted.html": '<b id="{{ seat.pk }}">{% with number=person.pk %}'})) != []
    assert list(grouped_keys(sources)) == []


def test_no_page_hides_from_the_portal_where_its_form_comes_from() -> None:
    """Under "no-referrer" browsers send forms with the origin "null", which the check of forgeries refuses.

    "same-origin" tells nobody else either.
    """
    pages = {path.name for path in (ROOT / "templates").rglob("*.html") if '"no-referrer"' in path.read_text(encoding="utf-8")}
    assert pages == set()
