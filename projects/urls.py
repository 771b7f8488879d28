from django.urls import path

from projects import subscription_views, views

urlpatterns = [
    path("projekty/", views.project_list, name="project_list"),
    path("projekty/<slug:slug>/", views.project_detail, name="project_detail"),
    path("projekt/", views.project_current, name="project_current"),
    path("projekt/<path:rest>", views.project_current, name="project_current_page"),
    path("osiedla/", views.neighbourhood_list, name="neighbourhood_list"),
    path("inicjatywy/", views.initiative_list, name="initiative_list"),
    path("inicjatywy/<slug:slug>/", views.initiative_detail, name="initiative_detail"),
    path("organizacje/", views.organisation_list, name="organisation_list"),
    path("biuletyn/", subscription_views.newsletter, name="newsletter"),
    path("biuletyn/wyslane/", subscription_views.newsletter_sent, name="newsletter_sent"),
    path("biuletyn/potwierdz/<str:key>/", subscription_views.newsletter_confirm, name="newsletter_confirm"),
    path("biuletyn/wypisz/<str:key>/", subscription_views.newsletter_end, name="newsletter_end"),
    path("moje/biuletyn/", subscription_views.newsletter_own, name="newsletter_own"),
]
