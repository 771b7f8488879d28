"""The invitation a new member of the team gets."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message
from projects.models import Assignment, Project


@letter("staff_invitation")
def staff_invitation(message: Message) -> Letter:
    """Which role, where, from when; the way in is a password of one's own or a mailed code."""
    assignment = Assignment.objects.select_related("user", "neighbourhood").filter(pk=message.context["assignment"]).first()
    if assignment is None:
        raise NoLongerNeeded("the role is gone")
    context = {
        "assignment": assignment,
        "project": Project.objects.current(),
        "has_password": assignment.user.has_usable_password(),
        "panel_url": settings.SITE_URL + reverse("admin:index"),
        "code_url": settings.SITE_URL + reverse("account_request_login_code"),
        "password_url": settings.SITE_URL + reverse("account_reset_password"),
    }
    return Letter(_("You have been given a role in the team"), context)
