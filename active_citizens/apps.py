from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "active_citizens"
    label = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        from active_citizens.core import work  # noqa: PLC0415 - jobs and letters register once the models are there
        from active_citizens.panel import silence_letter  # noqa: PLC0415 - as above

        work.register("silence list", silence_letter.book_due)
