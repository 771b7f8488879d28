from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from active_citizens.programmes import loader


class Command(BaseCommand):
    help = (
        "Loads a true programme and the portal's pages. Safe to repeat: rows are made when missing and left as they are "
        "otherwise; --refresh writes their texts and facts anew from the files, also over what staff have edited."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("programme", help=f"one of: {', '.join(loader.known())}")
        parser.add_argument(
            "--refresh",
            action="store_true",
            help="overwrite texts and facts; privacy notices, publication and the city's contacts are never overwritten",
        )

    def handle(self, *args: Any, programme: str, refresh: bool, **options: Any) -> None:
        if programme not in loader.known():
            raise CommandError(f"There is no programme “{programme}”. There is: {', '.join(loader.known())}.")
        made = loader.load(programme, refresh=refresh)
        counts = ", ".join(f"{model} {count}" for model, count in sorted(made.items())) or "nothing missing / niczego nie brakowało"
        if options["verbosity"]:
            self.stdout.write(f"Programme / program {programme}: {counts}.")
