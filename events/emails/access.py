"""What residents are told about their access needs; what they need, and why, stands in no mail."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.days import after_quiet
from events import links
from events.emails.frame import letter_about
from events.models import AccessRequest
from participants.domain import messages
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message
from projects.domain import calls
from projects.models import CallMatter

# That the request came in they heard from whoever wrote it down; an answer cannot wait till they ring.
CALLED_ABOUT = ("access_answer", "access_late")
CALL_WITHIN = timedelta(days=1)


def access_url(request: AccessRequest) -> str:
    """The full address of the page for what one needs, behind the mailed link of the sign-up."""
    return links.registration_url(request.registration) + "potrzeby/"


def tell(request: AccessRequest, kind: str, at: datetime, *, due_at: datetime | None = None) -> None:
    """Book the message, or the call in its place, in the transaction of what it tells."""
    registration = request.registration
    person = registration.person
    context = {"registration": registration.pk, "access_request": request.pk}
    if request.answered_at is not None:
        # An answer given anew has a letter of its own, and the earlier one is dropped unsent.
        context["answered"] = _stamp(request)
    message = messages.book(kind, person, context, at=at, due_at=due_at)
    unreached = message is None or message.status == Message.Status.DROPPED
    if unreached and person.phone and kind in CALLED_ABOUT:
        starts_at = registration.event.starts_at
        place = registration.event.neighbourhoods.values_list("pk", flat=True).first()
        due_at = min(after_quiet(at + CALL_WITHIN), starts_at)
        calls.put_on_list([calls.News(person, kind, {"registration": registration.pk}, due_at, starts_at, place)])


def drop_calls(request: AccessRequest, at: datetime) -> None:
    """Take what was to be said about the request off the call list: it no longer holds."""
    calls.drop(CallMatter.objects.filter(reason__in=CALLED_ABOUT, context={"registration": request.registration_id}), at)


@letter("access_asked", name=gettext_lazy("access needs: the request came"))
def asked(message: Message) -> Letter:
    return _letter(_waiting(message), _("We have your request: %(event)s"))


@letter("access_late", name=gettext_lazy("access needs: the answer is late"))
def late(message: Message) -> Letter:
    return _letter(_waiting(message), _("We are late with an answer: %(event)s"))


@letter("access_answer", name=gettext_lazy("access needs: the answer"))
def answer(message: Message) -> Letter:
    request = _request(message)
    if _stamp(request) != message.context["answered"]:
        raise NoLongerNeeded("there is a newer answer, or none")
    return _letter(request, _("The answer to your request: %(event)s"))


def _stamp(request: AccessRequest) -> int:
    """Tells one answer of a request from another."""
    return int(request.answered_at.timestamp() * 1_000_000) if request.answered_at is not None else 0


def _request(message: Message) -> AccessRequest:
    related = ("registration__event__project", "registration__event__venue", "registration__person")
    request = AccessRequest.objects.select_related(*related).filter(pk=message.context["access_request"]).first()
    if request is None or request.status == AccessRequest.Status.WITHDRAWN:
        raise NoLongerNeeded("the request was taken back")
    return request


def _waiting(message: Message) -> AccessRequest:
    request = _request(message)
    if request.status != AccessRequest.Status.ASKED:
        raise NoLongerNeeded("the request has been answered")
    return request


def _letter(request: AccessRequest, subject: str) -> Letter:
    built = letter_about(request.registration, subject)
    built.context.update(asked=request, access_url=access_url(request))
    return built
