from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "active_citizens.content"
    label = "content"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from active_citizens.content.domain import (  # noqa: PLC0415 - what they register needs the models
            diary,  # noqa: F401 - it says where photos are used
            joining,  # noqa: F401 - what comes over with a joined record
            news,
            photos,  # noqa: F401 - it hears of withdrawn consents
            readiness,  # noqa: F401 - its line of the checklist
            takedown,  # noqa: F401 - how its nouns are taken down
        )
        from active_citizens.core import work  # noqa: PLC0415 - as above

        work.register("news", news.keep_due)
