from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import ProtectedError

from active_citizens.programmes import demo_removal


class Command(BaseCommand):
    help = "Removes the demo edition with everything that hangs on it, its people and its accounts; the true programme stays."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            gone = demo_removal.remove()
        except ProtectedError as protected:
            rows = ", ".join(sorted({row._meta.label for row in protected.protected_objects}))
            raise CommandError(f"Nothing was removed: rows outside the demo still use it ({rows}).") from protected
        counts = ", ".join(f"{model} {count}" for model, count in sorted(gone.items())) or "nothing there / nie było czego"
        if options["verbosity"]:
            self.stdout.write(f"Demo removed / usunięto dane pokazowe: {counts}.")
