from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    # The site stands apart: this module is read before the models are.
    default_site = "active_citizens.panel.site.PortalAdminSite"
