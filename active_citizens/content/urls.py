from django.urls import path, re_path
from django.views.decorators.http import require_safe

from active_citizens.content import views
from active_citizens.content.feeds import NewsFeed

# Files stand outside the language prefixes.
file_patterns = [
    re_path(r"^zdjecia/(?P<key>[0-9a-f]{24})-(?P<width>480|1280)\.webp$", views.photo, name="photo"),
]

urlpatterns = [
    path("aktualnosci/", views.news_list, name="news_list"),
    path("aktualnosci/rss/", require_safe(NewsFeed()), name="news_feed"),
    path("aktualnosci/<slug:slug>/", views.news_detail, name="news_detail"),
    path("aktualnosci/<slug:slug>/wersje/<int:number>/", views.news_version, name="news_version"),
    path("moje/inicjatywy/<str:key>/dziennik/", views.own_diary, name="own_diary"),
    path("deklaracja-dostepnosci/", views.declaration, name="declaration"),
    path("prywatnosc/", views.privacy, name="privacy"),
    path("regulamin/", views.page, {"slug": "regulamin"}, name="terms"),
    path("pomoc/", views.page, {"slug": "pomoc"}, name="help"),
    path("kontakt/", views.page, {"slug": "kontakt"}, name="contact"),
    path("standardy-ochrony-maloletnich/", views.page, {"slug": "standardy-ochrony-maloletnich"}, name="child_protection"),
    path(
        "standardy-ochrony-maloletnich/dla-dzieci/",
        views.page,
        {"slug": "standardy-ochrony-maloletnich-dla-dzieci"},
        name="child_protection_children",
    ),
]
