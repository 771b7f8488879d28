"""Pages composed of several apps."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from active_citizens.content.models import News
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.search_words import words_of
from active_citizens.forms import SearchForm
from active_citizens.search.finding import Asked, Found, estates_named
from active_citizens.search.kinds import KINDS
from active_citizens.search.results import results
from events.domain import overlaps, places, queue
from events.domain.own import PAST_SHOWN, claimable
from events.models import Event, Registration, StudyTrip
from events.rules import helped_events
from events.views.own import calendar_url, own_row
from participants.links import consents_path
from participants.models import Person
from projects.current import current_project
from projects.domain import takedown
from projects.models import HistoryItem, Initiative, Neighbourhood
from projects.rules import authored_initiatives
from projects.views.programme import shapes, stage_of

# Of the own initiatives so many stand on „Moje”, the newest first.
OWN_SHOWN = 20

SEARCH_PER_PAGE = 20


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The estates, what is on next, what became of ideas, and the programme below."""
    now = timezone.now()
    project = current_project(request)
    upcoming = Event.objects.published().upcoming(now).filter(status=Event.Status.PUBLISHED).for_lists()
    initiatives = Initiative.objects.published().prefetch_related("neighbourhoods").newest_first()
    context = {
        "now": now,
        "project": project,
        "neighbourhoods": Neighbourhood.objects.published().in_order().only("slug", "name", "district"),
        "upcoming": upcoming[:4],
        "initiatives": initiatives[:3],
        "news": News.objects.published(now).newest_first().for_lists()[:3],
        "stages": project.stages.order_by("number") if project else [],
    }
    return render(request, "home.html", context)


@require_safe
def neighbourhood_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One estate: what is on, what residents do, where it lies, what happened there before."""
    now = timezone.now()
    place = get_object_or_404(Neighbourhood.objects.published(), slug=slug)
    events = Event.objects.published().in_neighbourhood(place)
    ahead, behind = events.upcoming(now).values("pk")[:5], events.past(now).values("pk")[:3]
    near = Event.objects.filter(Q(pk__in=ahead) | Q(pk__in=behind)).for_lists().order_by("starts_at", "pk")
    upcoming, past = [event for event in near if event.ends_at >= now], [event for event in near if event.ends_at < now]
    initiatives = Initiative.objects.published().in_neighbourhood(place)
    context = {
        "neighbourhood": place,
        "now": now,
        "upcoming": upcoming,
        "past": past[::-1],
        "initiatives": initiatives.prefetch_related("neighbourhoods").newest_first()[:6],
        "news": News.objects.published(now).in_neighbourhood(place).newest_first().for_lists()[:3],
        "history": HistoryItem.objects.published().filter(neighbourhoods=place),
        "streets": place.streets.all(),
        # The map of one place leads nowhere: its page is this one.
        "shapes": [shape | {"url": ""} for shape in shapes([place])],
    }
    return render(request, "projects/neighbourhood_detail.html", context)


@require_safe
def stage_detail(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One stage with what belongs to it."""
    now = timezone.now()
    stage = stage_of(slug, number)
    events = Event.objects.published().filter(stage=stage)
    stages = list(stage.project.stages.all())
    context = {
        "stage": stage,
        "stages": stages,
        "previous": next((other for other in reversed(stages) if other.number < number), None),
        "following": next((other for other in stages if other.number > number), None),
        "now": now,
        "upcoming": events.upcoming(now).for_lists()[:10],
        "past": events.past(now).select_related("venue")[:10],
        "initiatives": Initiative.objects.published().filter(stage=stage).prefetch_related("neighbourhoods").order_by("title_order")[:20],
        "trips": StudyTrip.objects.published().filter(project=stage.project),
    }
    return render(request, "projects/stage_detail.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What answers the typed words, twenty at a time; nothing of what was typed is kept."""
    places = list(Neighbourhood.objects.published().in_order().for_links())
    form = SearchForm(request.GET, places)
    chosen = form.chosen()
    words = words_of(chosen.get("q", ""))
    asked = Asked(
        words,
        timezone.now(),
        kinds=[KINDS[chosen["kind"]]] if "kind" in chosen else tuple(KINDS.values()),
        place=next((place.pk for place in places if place.slug == chosen.get("neighbourhood")), None),
        named=estates_named(words, places),
    )
    found = Found(asked)
    page = Paginator(found, SEARCH_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "query": chosen.get("q", ""),
        "filtered": "kind" in chosen or "neighbourhood" in chosen,
        "page": page,
        "way": found.way.value,
        "results": results(page.object_list, found.asked.words, places),
        "project": current_project(request),
    }
    return render(request, "search.html", context)


@never_cache
@login_required
@require_safe
def my_page(request: HttpRequest) -> HttpResponse:
    """The signed-in person's sign-ups: what is first, then what can be done."""
    now = timezone.now()
    own = Registration.objects.live().filter(person__user=request.user.pk).with_places().order_by("event__starts_at", "pk")
    coming = list(own.filter(event__ends_at__gte=now))
    positions, clashes = queue.positions(coming), overlaps.among(coming)
    rows = [own_row(registration, positions.get(registration.pk), now, clashes.get(registration.pk, ())) for registration in coming]
    past = own.filter(event__ends_at__lt=now, event__ends_at__gte=now - PAST_SHOWN).order_by("-event__starts_at").prefetch_related(None)
    person = Person.objects.filter(user=request.user.pk).first()
    context = {
        "coming": rows,
        "past": past,
        "now": now,
        "claimable": claimable(request.user),
        "initiatives": authored_initiatives(request.user).order_by("-status_since", "pk")[:OWN_SHOWN],
        "helping": helped_events(request.user),
        "calendar_url": calendar_url(person),
        "consents_url": consents_path(person) if person else "",
    }
    return render(request, "my_page.html", context)


@never_cache
@login_required
def cancel_own(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel from my page; somebody else's sign-up is not found. Whoever comes by a link, as after signing in, goes there."""
    if request.method != "POST":
        return redirect("my_page")
    registration = get_object_or_404(Registration, pk=pk, person__user=request.user.pk)
    try:
        places.cancel(registration)
    except RuleBroken as broken:
        return render(request, "refusal.html", {"message": broken.message, "code": broken.code}, status=409)
    return redirect("my_page")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answers 200 "ok" when the portal and its database do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "robots.txt", content_type="text/plain")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell about a hole (RFC 9116); the address is the programme's, the date a year from now at most."""
    project = current_project(request)
    contact = (project.contact_email if project else "") or settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">")
    expires = (timezone.now() + timedelta(days=180)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [f"Contact: mailto:{contact}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: pl, en"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404; and 410 where something stood that was taken down: that it was, when, and whom to ask, but not why."""
    match = getattr(request, "resolver_match", None)
    found = takedown.at_match(match) if match is not None else None
    if found is None or found[1].taken_down_at is None:
        return defaults.page_not_found(request, exception)
    noun, row = found
    if noun.is_file:
        response = HttpResponse(_("This was taken down.") + "\n", status=410, content_type="text/plain; charset=utf-8")
    else:
        response = render(request, "410.html", {"taken_down_at": row.taken_down_at}, status=410)
    # Restored, it must be found again: nobody keeps this answer.
    response.headers["Cache-Control"] = "no-store"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection ran out: say so, and lead back to the form."""
    return render(request, "403_csrf.html", {"back_url": request.path}, status=403)
