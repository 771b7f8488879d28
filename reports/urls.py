from django.urls import path, re_path

from reports import views

urlpatterns = [
    path("raporty/", views.report_list, name="report_list"),
    path("raporty/<slug:slug>/", views.report_detail, name="report_detail"),
    re_path(r"^raporty/(?P<slug>[-\w]+)\.(?P<extension>csv|xlsx)$", views.report_export, name="report_export"),
]
