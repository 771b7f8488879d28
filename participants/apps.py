from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParticipantsConfig(AppConfig):
    name = "participants"
    verbose_name = _("People and messages")

    def ready(self) -> None:
        from active_citizens.core import work  # noqa: PLC0415 - jobs register once the models are there
        from participants import emails  # noqa: F401, PLC0415 - its letter registers on import
        from participants.domain import joining, merging, messages, returned_mail  # noqa: F401, PLC0415 - what joins two records registers on import

        work.register("messages", messages.deliver_due)
        work.register("bounces", returned_mail.read_due)
        work.register("joined records", merging.empty_due)
