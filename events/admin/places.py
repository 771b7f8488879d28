"""How an event's places are put into words in the panel."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Event


def places_sentence(event: Event) -> str:
    """„12 z 20 miejsc, 3 czeka": needs ``with_places``."""
    if event.sign_up == Event.SignUp.NONE:
        return capfirst(event.get_sign_up_display())
    if event.waits_for_draw:
        return _("%(queue)s in the draw, places: %(capacity)s") % {"queue": event.queue, "capacity": event.capacity}
    if event.capacity is None:
        taken = ngettext("%(taken)s place taken, no limit", "%(taken)s places taken, no limit", event.taken) % {"taken": event.taken}
    else:
        taken = _("%(taken)s of %(capacity)s places taken") % {"taken": event.taken, "capacity": event.capacity}
        if event.taken > event.capacity:
            taken += " (" + _("%(over)s over") % {"over": event.taken - event.capacity} + ")"
    return f"{taken}, " + _("%(queue)s waiting") % {"queue": event.queue} if event.queue else taken
