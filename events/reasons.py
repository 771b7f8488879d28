"""What the caller says, by the message a call stands for."""

from django.utils.translation import gettext_lazy as _

from projects.models import CallTask

REASONS = {
    "registration_held": _("Ask whether they come: the place is held for them."),
    "registration_promoted": _("A place has come free for them. Ask whether they come."),
    "registration_again": _("Somebody typed this number a second time. Ask what they need."),
    "event_cancelled": _("The event has been cancelled."),
}


def reason_of(call: CallTask) -> str:
    return str(REASONS.get(call.reason, call.reason))
