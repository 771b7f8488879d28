from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "active_citizens.content"
    label = "content"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from active_citizens.content.domain import readiness  # noqa: F401, PLC0415 - its line of the checklist registers on import
