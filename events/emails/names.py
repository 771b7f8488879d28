"""What the team reads in lists of mails for the kinds that say no name where they are built."""

from django.utils.translation import gettext_lazy as _

from participants import letters

letters.name_kinds({
    "registration_held": _("confirm the place"),
    "registration_waiting": _("on the waiting list"),
    "registration_confirmed": _("the place is certain"),
    "registration_promoted": _("a place came free"),
    "registration_offered": _("offer of a place"),
    "registration_first_answer": _("a place for whoever answers first"),
    "registration_lapsed": _("the held place lapsed"),
    "registration_in_draw": _("in the draw"),
    "registration_not_drawn": _("not drawn"),
    "registration_changed": _("the sign-up was changed"),
    "registration_guardian": _("waiting for the guardian"),
    "guardian_asked": _("question to the guardian"),
    "registration_cancelled": _("the sign-up was cancelled"),
    "registration_again": _("signed up already"),
    "event_cancelled": _("the event was called off"),
    "event_moved": _("the event was moved"),
    "series_registered": _("sign-up for a series"),
    "series_cancelled": _("the series sign-up was cancelled"),
    "staff_invitation": _("invitation to the team"),
})  # fmt: skip
