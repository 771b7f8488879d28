from django.urls import path

from active_citizens.content import views

urlpatterns = [
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
