"""The views everything is measured against, behind the same middleware, server and caches as the portal's own."""

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.views.decorators.cache import never_cache

from active_citizens.urls import handler404, handler500  # noqa: F401 - answered as in the portal
from active_citizens.urls import urlpatterns as portal_urls
from events.models import Event
from participants.models import Person

PAGE = "<!doctype html><title>.</title>" + "<p>Zażółć gęślą jaźń na osiedlu.</p>" * 250
LIST = """<!doctype html><title>.</title><ul>{% for event in events %}<li>
<a href="{% url 'event_detail' event.slug %}">{{ event.title }}</a> <b>{{ event.starts_at|date:"j E Y, H:i" }}</b>
{{ event.get_kind_display }} <i>{{ event.venue.name }}, {{ event.venue.address }}</i>
{% if event.capacity %}{{ event.capacity|floatformat:0 }} {{ event.capacity|pluralize }}{% endif %}
</li>{% endfor %}</ul>"""


def constant(request: HttpRequest) -> HttpResponse:
    """Nine kilobytes that never change; kept in the page cache like any anonymous page."""
    return HttpResponse(PAGE)


@never_cache
def plain_list(request: HttpRequest) -> HttpResponse:
    """Thirty rows from one query in the plainest template."""
    template = engines["django"].from_string(LIST)
    return HttpResponse(template.render({"events": Event.objects.select_related("venue")[:30]}, request))


@never_cache
def insert(request: HttpRequest) -> HttpResponse:
    """One row in one transaction."""
    name = forms.CharField(max_length=150).clean(request.POST["name"])
    with transaction.atomic():
        Person.objects.create(name=name)
    return HttpResponse("ok")


urlpatterns = [
    path("anchor/constant/", constant),
    path("anchor/list/", plain_list),
    path("anchor/insert/", insert),
    *portal_urls,
]
