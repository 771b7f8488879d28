from django.contrib import admin
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    default_site = "active_citizens.admin.PortalAdminSite"


class PortalAdminSite(admin.AdminSite):
    pass
