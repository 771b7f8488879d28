"""What ``manage.py check --database default`` and ``check --deploy`` say about the machine."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import connections


@register(Tags.database)
def polish_letters(databases: list[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The database lowers Polish letters; a cluster made with the C locale does not, and search would miss words."""
    problems: list[CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT lower('ZAŻÓŁĆ')")
            if cursor.fetchone()[0] != "zażółć":
                hint = "Create it with LC_CTYPE C.UTF-8 or pl_PL.UTF-8."
                problems.append(checks.Error("The database does not lower Polish letters.", hint=hint, id="core.E001"))
    return problems


@register(Tags.security, deploy=True)
def outgoing_mail(**kwargs: Any) -> list[CheckMessage]:
    """Mail leaves from an address of the city's own, or residents never see it (SEC-07)."""
    if "example.org" in settings.DEFAULT_FROM_EMAIL:
        return [checks.Warning("DEFAULT_FROM_EMAIL is still the example address.", id="core.W001")]
    return []
