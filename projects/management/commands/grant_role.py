"""``manage.py grant_role EMAIL ROLE --authorisation NR``: how the operator lets in the first coordinator."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from active_citizens.core.refusal import RuleBroken
from projects.domain.assignments import grant
from projects.models import Assignment, Neighbourhood


class Command(BaseCommand):
    help = "Gives a role of the team to the account with that e-mail, made when missing, and mails an invitation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("role", choices=Assignment.Role.values)
        parser.add_argument("--authorisation", required=True, help="number of the written authorisation")
        parser.add_argument("--neighbourhood", help="slug; needed for animators and helpers")
        parser.add_argument("--name", default="", help="first and last name")
        parser.add_argument("--until", type=date.fromisoformat, help="last day, like 2027-06-30")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
            place = Neighbourhood.objects.get(slug=options["neighbourhood"]) if options["neighbourhood"] else None
            assignment = grant(
                options["email"],
                options["role"],
                authorisation=options["authorisation"],
                granted_by=None,
                neighbourhood=place,
                name=options["name"],
                ends_on=options["until"],
            )
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from None
        except Neighbourhood.DoesNotExist:
            slugs = ", ".join(Neighbourhood.objects.in_order().values_list("slug", flat=True))
            raise CommandError(f"There is no such neighbourhood; there are: {slugs or 'none yet'}.") from None
        except RuleBroken as broken:
            raise CommandError(str(broken)) from None
        self.stdout.write(self.style.SUCCESS(f"{assignment}. An invitation is on its way to {assignment.user.email}."))
