from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from active_citizens import views
from active_citizens.content.urls import file_patterns as photo_patterns
from active_citizens.sitemaps import SITEMAPS
from events.urls import file_patterns
from participants.urls import consent_patterns

handler404 = "active_citizens.views.not_found"
handler500 = "active_citizens.core.trouble.server_error"

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path(settings.ADMIN_PATH, admin.site.urls),
    *file_patterns,
    *photo_patterns,
]

urlpatterns += i18n_patterns(
    path("", views.home, name="home"),
    path("osiedla/<slug:slug>/", views.neighbourhood_detail, name="neighbourhood_detail"),
    path("projekty/<slug:slug>/etapy/<int:number>/", views.stage_detail, name="stage_detail"),
    path("szukaj/", views.search, name="search"),
    path("moje/", views.my_page, name="my_page"),
    path("moje/zapisy/<int:pk>/rezygnacja/", views.cancel_own, name="cancel_own"),
    path("konto/", include("participants.urls")),
    *consent_patterns,
    path("", include("projects.urls")),
    path("", include("events.urls")),
    path("", include("reports.urls")),
    path("", include("active_citizens.content.urls")),
    prefix_default_language=False,
)
