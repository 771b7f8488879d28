"""Keeps the translation catalogues in step with the sources."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from active_citizens.core import catalogues


class Command(BaseCommand):
    help = "Updates locale/*/LC_MESSAGES/django.po from the sources; --check only says what is missing, --compile writes the .mo files."
    # A broken translation must not keep the command from mending it.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--check", action="store_true", help="change nothing; fail and list what is stale, missing or wrong")
        what.add_argument("--compile", action="store_true", help="only write the .mo files that are out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["compile"]:
            stale = self.catch_up(write=not options["check"])
            if options["check"]:
                self.report(stale)
                return
        for path in catalogues.compile_catalogues():
            self.stdout.write(f"compiled {path.relative_to(settings.BASE_DIR)}")

    def catch_up(self, *, write: bool) -> list[str]:
        """The languages whose catalogue differs from the sources; written anew unless only asked about."""
        found = catalogues.extract_texts(settings.BASE_DIR)
        stale = []
        for language in catalogues.languages():
            path, text = catalogues.catalogue_path(language), catalogues.updated(language, found)
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(language)
                if write:
                    catalogues.write(path, text.encode())
            if write:
                left = sum(1 for _fault in catalogues.faults(language))
                self.stdout.write(f"{language}: {len(found)} texts, {left} to be done")
        return stale

    def report(self, stale: list[str]) -> None:
        """Fail with the list, if there is anything to list."""
        wrong = [f"{language}: the catalogue differs from the sources; run manage.py messages" for language in stale]
        for language in catalogues.languages():
            wrong += catalogues.faults(language)
        if wrong:
            raise CommandError("\n".join([f"{len(wrong)} faults in the translations:", *wrong]))
        self.stdout.write("The translations are complete.")
