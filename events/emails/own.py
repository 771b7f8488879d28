"""The letter with the way back to one's own sign-ups."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events import links, own_links
from events.emails.frame import reply_to
from events.models import Registration
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message, Person
from projects.models import Project


@letter("registration_link", name=gettext_lazy("links to one’s own sign-ups"))
def link(message: Message) -> Letter:
    """The answer to "send me my link again": one link to everything under the mailbox, and one to each live sign-up."""
    email = message.recipient.lower()
    at = timezone.now() - links.LINK_OUTLIVES_EVENT
    own = Registration.objects.with_places().live().filter(contact=email, event__ends_at__gte=at)
    registrations = list(own.order_by("event__starts_at", "pk"))
    if not registrations and not Person.objects.unmerged().filter(email=email).exists():
        raise NoLongerNeeded("nothing stands under this address any more")
    found = [{"registration": registration, "url": links.registration_url(registration)} for registration in registrations]
    project = registrations[0].event.project if registrations else Project.objects.current()
    context = {
        "found": found,
        "project": project,
        "overview_url": own_links.overview_url(email),
        "overview_hours": int(own_links.OVERVIEW_LASTS.total_seconds() // 3600),
    }
    return Letter(_("Your sign-ups"), context, reply_to=reply_to(project) if project else [])
