from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Events and sign-ups")

    def ready(self) -> None:
        from active_citizens.core import work  # noqa: PLC0415 - jobs register once the models are there
        from events import emails  # noqa: F401, PLC0415 - its letters register on import
        from events.domain import access, closing, digest, joining, lottery, queue, reminders, surveys  # noqa: F401, PLC0415 - as above

        work.register("places", queue.settle_due)
        work.register("draws", lottery.draw_due)
        work.register("weekly letters", digest.book_due)
        work.register("access_late", access.tell_late)
        work.register("access_moved", access.follow_moved)
        work.register("access_gone", access.close_gone)
        work.register("access_wipe", access.wipe_due)
        work.register("closing nudges", closing.nudge_due)
        work.register("reminders", reminders.remind_due)
        work.register("surveys", surveys.invite_due)
