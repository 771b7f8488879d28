"""The leaders' network: the public list, the letter that goes through the portal, and one's own page in it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import throttle
from active_citizens.core.refusal import RuleBroken
from participants.domain import bounces, consents
from participants.models import Person, User
from projects.domain import network, network_letters, subscriptions
from projects.forms import JoinForm, LeaderForm, LetterForm, NeighbourhoodFilterForm
from projects.models import LeaderProfile

PER_PAGE = 20
# Letters within an hour: from one visitor, under one e-mail, to one leader.
PER_VISITOR, PER_EMAIL, PER_LEADER = 20, 5, 10


@require_safe
def leader_list(request: HttpRequest) -> HttpResponse:
    """Who is in the network, by the names they chose, in Polish order; of one estate when it is chosen."""
    form = NeighbourhoodFilterForm(request.GET)
    place = form.chosen()
    found = LeaderProfile.objects.public().in_order().select_related("person").prefetch_related("neighbourhoods")
    if place:
        found = found.filter(neighbourhoods__slug=place)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    stopped = bounces.stopped_among(leader.person.email for leader in page)
    rows = [{"leader": one, "by_mail": bool(one.person.email) and one.person.email.lower() not in stopped} for one in page]
    context = {"form": form, "page": page, "rows": rows, "filtered": bool(place)}
    return render(request, "projects/leader_list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leader_write(request: HttpRequest, key: str) -> HttpResponse:
    """Write to a leader; nothing of theirs is shown. Those no mail reaches have the programme's phone instead of a form."""
    try:
        leader = network_letters.leader_behind(key)
    except RuleBroken:
        raise Http404 from None
    form = LetterForm(request.POST or None)
    context = {"form": form, "leader": leader, "by_mail": network_letters.can_be_written_to(leader)}
    status = 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            throttle.count_visitor("leader", request, PER_VISITOR)
            throttle.count("leader-from", typed["email"].lower(), PER_EMAIL)
            throttle.count("leader-to", key, PER_LEADER)
            network_letters.send_letter(key, typed["name"], typed["email"], typed["text"], form_key=str(typed["key"]))
        except RuleBroken as broken:
            broken.show_in(form)
            status = broken.status
        else:
            return redirect("leader_written")
    return render(request, "projects/leader_write.html", context, status=status)


@require_safe
def leader_written(request: HttpRequest) -> HttpResponse:
    """The letter is on its way."""
    return render(request, "projects/leader_written.html")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leader_own(request: HttpRequest) -> HttpResponse:
    """The account's own page in the network: join, say it in other words, a year more, leave."""
    assert isinstance(request.user, User)
    person = Person.objects.filter(user=request.user).first()
    profile = LeaderProfile.objects.filter(person=person).prefetch_related("neighbourhoods").first() if person else None
    form, status = _own_form(request, profile), 200
    if request.method == "POST":
        try:
            said = _act(request, person, form)
        except RuleBroken as broken:
            if not form.is_bound:
                # A button without a form: the sentence has a page of its own.
                raise
            broken.show_in(form)
            status = 409
        else:
            if said:
                messages.success(request, said)
                return redirect("leader_own")
    language = translation.get_language() or "pl"
    context = {
        "form": form,
        "profile": profile,
        "is_shown": profile is not None and LeaderProfile.objects.public().filter(pk=profile.pk).exists(),
        "has_lapsed": profile is not None and profile.has_lapsed(),
        "text": consents.current_text(network.LEADERS, language),
        "may": subscriptions.owns(request.user),
    }
    return render(request, "projects/leader_own.html", context, status=status)


def _own_form(request: HttpRequest, profile: LeaderProfile | None) -> JoinForm | LeaderForm:
    """Only the button under the form sends it; the others leave it as it stands."""
    sent = request.POST if request.POST.get("act") in ("join", "describe") else None
    if profile is None:
        name = getattr(request.user, "name", "").partition(" ")[0]
        return JoinForm(sent, name=name)
    return LeaderForm(sent, profile=profile)


def _act(request: HttpRequest, person: Person | None, form: Any) -> str:
    """Do what the button asked for and say so; nothing is said when the form has mistakes. Raises RuleBroken as the verbs do."""
    act, language, now = request.POST.get("act", ""), translation.get_language() or "pl", timezone.now()
    if act == "join" and isinstance(form, JoinForm):
        if not form.is_valid():
            return ""
        assert isinstance(request.user, User)
        network.join(request.user, form.words(language), is_adult=form.cleaned_data["is_adult"], at=now)
        return _("You are in the network. Neighbours can write to you now.")
    if person is None or act not in ("describe", "renew", "leave"):
        return ""
    if act == "describe":
        if not form.is_valid():
            return ""
        network.describe(person, form.words(language))
        return _("Saved.")
    if act == "renew":
        network.renew(person, at=now)
        return _("Thank you. You are in the network for another year.")
    network.leave(person, at=now)
    return _("You have left the network. Nothing of it is shown any more.")
