from django.urls import path, re_path

from events.views import access, calendars, door, draws, events, feeds, journey, own, papers, parties, sign_ups, surveys, trips

# Files stand outside the language prefixes.
file_patterns = [
    path("wydarzenia/kalendarz.ics", calendars.calendar, name="calendar"),
    path("wydarzenia/<slug:slug>/kalendarz.ics", calendars.event_calendar, name="event_calendar"),
    path("osiedla/<slug:slug>/kalendarz.ics", calendars.neighbourhood_calendar, name="neighbourhood_calendar"),
    re_path(r"^kalendarz/(?P<key>[\w-]{1,64})\.ics$", calendars.own_calendar, name="own_calendar"),
    re_path(r"^wydarzenia/(?P<slug>[-\w]+)/(?P<kind>plakat|plakat-duzy-druk|ogloszenie)\.pdf$", papers.event_paper, name="event_paper"),
    re_path(
        r"^osiedla/(?P<slug>[-\w]+)/(?P<kind>wydarzenia|wydarzenia-duzy-druk)-(?P<year>\d{4})-(?P<number>\d{2})\.pdf$",
        papers.month_paper,
        name="month_paper",
    ),
    # Short enough for a line of a poster.
    path("w/<int:number>/", papers.short_event, name="short_event"),
    path("moje/nauka/zaswiadczenie-<int:pk>.pdf", journey.own_certificate, name="own_certificate"),
]

# The pages at the door, for the panel's site to open: it knows who must show a second factor.
door_pages = [
    ("", door.door, "door"),
    ("ticks/", door.ticks, "door_ticks"),
    ("walk-in/", door.walk_in, "door_walk_in"),
    ("heads/", door.heads, "door_heads"),
]

urlpatterns = [
    path("wydarzenia/", events.event_list, name="event_list"),
    path("wydarzenia/atom.xml", feeds.event_feed, name="event_feed"),
    path("osiedla/<slug:slug>/atom.xml", feeds.neighbourhood_feed, name="neighbourhood_feed"),
    path("wydarzenia/<slug:slug>/", events.event_detail, name="event_detail"),
    path("wydarzenia/<slug:slug>/zapisy/", sign_ups.event_sign_up, name="event_sign_up"),
    path("wydarzenia/<slug:slug>/losowanie/", draws.event_draw, name="event_draw"),
    path("zgoda-opiekuna/<str:text>/", sign_ups.guardian, name="guardian"),
    path("zapis/<str:text>/", sign_ups.receipt, name="receipt"),
    path("moje-zapisy/", own.registrations_link, name="registrations_link"),
    path("moje-zapisy/wyslane/", own.registrations_link_sent, name="registrations_link_sent"),
    path("moje-zapisy/kalendarz/", own.own_calendar_address, name="own_calendar_address"),
    path("moje-zapisy/przejmij/", own.own_claim, name="own_claim"),
    path("moje-zapisy/wszystkie/<str:text>/", own.own_overview, name="own_overview"),
    re_path(r"^moje-zapisy/wszystkie/(?P<text>[^/]+)/moje-dane\.(?P<extension>json|csv)$", own.own_data_file, name="own_data"),
    path("moje-zapisy/<str:text>/", sign_ups.registration, name="registration"),
    path("moje-zapisy/<str:text>/osoby/", parties.party, name="party"),
    path("wyjazdy/", trips.trip_list, name="trip_list"),
    path("wyjazdy/<slug:slug>/", trips.trip_detail, name="trip_detail"),
    path("moje-zapisy/<str:text>/potrzeby/", access.access_request, name="access_request"),
    path("ankieta/<str:code>/", surveys.survey, name="survey"),
    path("ankieta/<str:code>/dziekujemy/", surveys.survey_thanks, name="survey_thanks"),
    path("moje/nauka/", journey.own_journey, name="own_journey"),
    path("zaswiadczenia/", journey.check_certificate, name="check_certificate"),
]
