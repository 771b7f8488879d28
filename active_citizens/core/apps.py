from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "active_citizens.core"
    label = "core"

    def ready(self) -> None:
        from active_citizens.core import checks  # noqa: F401, PLC0415 - registering is the import's purpose
