from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "active_citizens"
    label = "portal"
    verbose_name = "Portal"
