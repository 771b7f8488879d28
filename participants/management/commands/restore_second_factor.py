"""``manage.py restore_second_factor EMAIL``: how the operator helps the only coordinator who lost the phone."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from active_citizens.core.refusal import RuleBroken
from participants.domain.second_factor import restore
from participants.models import User


class Command(BaseCommand):
    help = "Takes the second factor off the account with that e-mail, signs it out everywhere and tells it by mail. Check first who asks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"There is no account with the e-mail {options['email']}.")
        try:
            restore(user, actor=None)
        except RuleBroken as broken:
            raise CommandError(str(broken)) from None
        self.stdout.write(self.style.SUCCESS(f"{user.email} can sign in and set up a new second factor. A mail says so."))
