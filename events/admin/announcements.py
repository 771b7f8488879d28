"""Messages of the team to an event's people."""

from projects.admin_base import RuledAdmin


class AnnouncementPages(RuledAdmin):
    """The pages of EventAdmin for writing to participants."""

    own_pages = ()
