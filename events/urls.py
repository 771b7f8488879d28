from django.urls import path

from events.views import calendars, events, own, sign_ups, trips

# Files stand outside the language prefixes.
file_patterns = [
    path("wydarzenia/kalendarz.ics", calendars.calendar, name="calendar"),
    path("wydarzenia/<slug:slug>/kalendarz.ics", calendars.event_calendar, name="event_calendar"),
]

urlpatterns = [
    path("wydarzenia/", events.event_list, name="event_list"),
    path("wydarzenia/<slug:slug>/", events.event_detail, name="event_detail"),
    path("wydarzenia/<slug:slug>/zapisy/", sign_ups.event_sign_up, name="event_sign_up"),
    path("zapis/<str:text>/", sign_ups.receipt, name="receipt"),
    path("moje-zapisy/", own.registrations_link, name="registrations_link"),
    path("moje-zapisy/wyslane/", own.registrations_link_sent, name="registrations_link_sent"),
    path("moje-zapisy/<str:text>/", sign_ups.registration, name="registration"),
    path("wyjazdy/", trips.trip_list, name="trip_list"),
    path("wyjazdy/<slug:slug>/", trips.trip_detail, name="trip_detail"),
]
