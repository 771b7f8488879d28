from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Programme")

    def ready(self) -> None:
        from active_citizens.core import page_cache, work  # noqa: PLC0415 - they register once the models are there
        from projects import emails  # noqa: F401, PLC0415 - its letters register on import
        from projects.domain import (  # noqa: F401, PLC0415 - as above
            calls,
            joining,
            lists,
            network_letters,
            network_year,
            reporting,
            stories,
            subscriptions,
            takedown,
        )
        from projects.models.takedowns import number_of_acts  # noqa: PLC0415 - as above

        work.register("unconfirmed subscriptions", subscriptions.forget_unconfirmed)
        work.register("lists from files", lists.wipe_due)
        work.register("calls nobody made", calls.drop_past)
        work.register("leaders to remind", network_year.remind_due)
        work.register("leaders whose year is over", network_year.forget_lapsed)
        work.register("letters to leaders nobody got", network_letters.forget_unsent)
        page_cache.generation_is(number_of_acts)
        work.register("reports owed", reporting.remind_due)
