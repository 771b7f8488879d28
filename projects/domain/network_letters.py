"""A neighbour writes to a leader: the portal carries the letter, shows no address, and keeps no text once it has left."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import has_address
from participants.domain import bounces, messages
from participants.models import Message
from projects.emails.network import LEADER_MESSAGE, leader_message_content
from projects.models import LeaderProfile

# A letter that cannot be delivered is nobody's business after that.
UNSENT_KEPT = timedelta(days=14)


def send_letter(key: str, name: str, email: str, text: str, *, form_key: str = "", at: datetime | None = None) -> Message:
    """Book the neighbour's letter to the leader behind the key; the answer goes to the neighbour, the text is sealed until it has left.

    The same form sent twice is one letter. Raises RuleBroken: ``no_such_leader``, ``not_reached``, ``links``.
    """
    leader = leader_behind(key, at)
    if not can_be_written_to(leader):
        raise RuleBroken("not_reached", _("No mail reaches this person. Ring us and we pass your message on."))
    if has_address(text):
        raise RuleBroken("links", _("Write without links and addresses. Your e-mail goes with the letter anyway."), field="text")
    content = leader_message_content(leader, name, email, text)
    once = f"{LEADER_MESSAGE}:{form_key}" if form_key else None
    return messages.book_sealed(LEADER_MESSAGE, leader.person.email, leader.person.language, content, person=leader.person, key=once)


def leader_behind(key: str, at: datetime | None = None) -> LeaderProfile:
    """The leader whom anybody may see. Raises RuleBroken ``no_such_leader``."""
    day = timezone.localdate(at) if at else None
    leader = LeaderProfile.objects.public(day).select_related("person").prefetch_related("neighbourhoods").filter(key=key).first()
    if leader is None:
        raise RuleBroken("no_such_leader", _("This person is not in the network any more."))
    return leader


def can_be_written_to(leader: LeaderProfile) -> bool:
    """Whether a mail would arrive; the others are reached by the programme's phone."""
    return bool(leader.person.email) and not bounces.is_stopped(leader.person.email)


def forget_unsent(at: datetime | None = None) -> int:
    """The worker's: wipe the text of letters that could not be sent in two weeks; says how many."""
    old = Message.objects.filter(template=LEADER_MESSAGE, sealed__isnull=False, created_at__lt=(at or timezone.now()) - UNSENT_KEPT)
    return old.update(sealed=None)
