from django.urls import path

from events import views

# Files stand outside the language prefixes.
file_patterns = [
    path("wydarzenia/kalendarz.ics", views.calendar, name="calendar"),
    path("wydarzenia/<slug:slug>/kalendarz.ics", views.event_calendar, name="event_calendar"),
]

urlpatterns = [
    path("wydarzenia/", views.event_list, name="event_list"),
    path("wydarzenia/<slug:slug>/", views.event_detail, name="event_detail"),
    path("wydarzenia/<slug:slug>/zapisy/", views.event_sign_up, name="event_sign_up"),
    path("zapis/<str:text>/", views.receipt, name="receipt"),
    path("moje-zapisy/", views.registrations_link, name="registrations_link"),
    path("moje-zapisy/wyslane/", views.registrations_link_sent, name="registrations_link_sent"),
    path("moje-zapisy/<str:text>/", views.registration, name="registration"),
    path("wyjazdy/", views.trip_list, name="trip_list"),
    path("wyjazdy/<slug:slug>/", views.trip_detail, name="trip_detail"),
]
