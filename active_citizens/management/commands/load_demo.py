from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from active_citizens.core.refusal import RuleBroken
from active_citizens.programmes import demo


class Command(BaseCommand):
    help = (
        "Loads the demo edition, plainly marked as invented; only with DEMO=1. Safe to repeat: a demo that stands is left "
        "as it is, unless --refresh is given and all its events are past; then it begins anew from today."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--refresh", action="store_true", help="begin anew when nothing upcoming is left; accounts stay")

    def handle(self, *args: Any, refresh: bool, **options: Any) -> None:
        try:
            made = demo.load(refresh=refresh)
        except RuleBroken as refusal:
            raise CommandError(refusal.message) from refusal
        if not options["verbosity"]:
            return
        if made:
            counts = ", ".join(f"{model} {count}" for model, count in sorted(made.items()))
            self.stdout.write(f"Demo data / dane pokazowe: {counts}.")
        elif demo.has_upcoming():
            self.stdout.write("Demo data / dane pokazowe: already there / już są.")
        else:
            self.stdout.write("Demo data / dane pokazowe: all events are past; load_demo --refresh begins anew / od nowa.")
