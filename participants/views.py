"""What a person agreed to: the page behind the link at the foot of every mail."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from participants import links
from participants.domain import consents as ledger
from participants.domain.people import mark_verified
from participants.models import ConsentText, Person

# What may be agreed to apart from any event; needs are told with an event they belong to.
OFFERED = (ConsentText.Purpose.IMAGE, ConsentText.Purpose.NEWSLETTER)


def consents_context(person: Person) -> dict[str, Any]:
    """What ``participants/_consents.html`` shows: what holds with its scope's name, and what may still be agreed to."""
    holding = ledger.standing(person)
    held_scopes = [row.scope for row in holding]
    names = {purpose: ledger.scope_names(purpose, held_scopes) for purpose in {row.text.purpose for row in holding}}
    standing = [{"consent": row, "scope": names[row.text.purpose].get(row.scope, row.scope)} for row in holding]
    held = {(row.text.purpose, row.scope) for row in holding}
    offers = []
    for purpose in OFFERED:
        text = ledger.current_text(purpose, translation.get_language() or person.language)
        if text is None or (purpose == ConsentText.Purpose.NEWSLETTER and not person.email):
            continue
        scopes = [(f"{purpose}:{scope}", name) for scope, name in ledger.scope_names(purpose).items() if (purpose, scope) not in held]
        if scopes:
            offers.append({"text": text, "scopes": scopes})
    return {"standing": standing, "offers": offers, "action": links.consents_path(person)}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def consents(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what holds and what may be agreed to, nothing ticked; POST gives or withdraws."""
    person = links.person_of_consents(token)
    if request.method == "POST":
        _act(request, person)
        return redirect(request.path)
    return render(request, "participants/consents.html", {"consents": consents_context(person)})


def _act(request: HttpRequest, person: Person) -> None:
    """Withdraw the one whose button was pressed, or give those that were ticked."""
    now = timezone.now()
    if "withdraw" in request.POST:
        purpose, _colon, scope = request.POST["withdraw"].partition(":")
        if ledger.withdraw(person, purpose, scope=scope, at=now) is not None:
            messages.success(request, _("You have withdrawn your consent. Nothing else changes."))
        return
    offered = {value for offer in consents_context(person)["offers"] for value, _name in offer["scopes"]}
    ticked = [value for value in request.POST.getlist("give") if value in offered]
    if ticked:
        # The link is mailed to the person's address and stands nowhere else.
        mark_verified(person, now)
    for value in ticked:
        purpose, _colon, scope = value.partition(":")
        ledger.give(person, purpose, scope=scope, language=translation.get_language() or "", at=now)
    if ticked:
        messages.success(request, _("Thank you, we have noted what you agreed to. You can withdraw it here at any time."))
