"""Says whether anybody changed the access log behind the portal's back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from participants.domain.access_log import broken_links
from participants.models import AccessLog


class Command(BaseCommand):
    help = "Walks the chain of the access log; ends with 1 and names the rows when one was changed or taken out."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = broken_links()
        if broken:
            raise CommandError(f"The chain breaks at: {', '.join(map(str, broken))}.")
        self.stdout.write(f"The chain of {AccessLog.objects.count()} entries is whole.")
