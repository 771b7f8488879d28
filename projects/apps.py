from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Programme")

    def ready(self) -> None:
        from projects import emails  # noqa: F401, PLC0415 - its letters register on import
