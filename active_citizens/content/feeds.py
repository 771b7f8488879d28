"""News for a reader: the newest pieces, of all neighbourhoods."""

from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _

from active_citizens.content.models import News
from active_citizens.content.models.news import NewsQuerySet

LENGTH = 30


class NewsFeed(Feed):
    """In the language of its address, as the page it stands beside."""

    feed_type = Rss201rev2Feed

    def title(self) -> str:
        return _("News of the neighbourhoods")

    def description(self) -> str:
        return _("What happened on the estates and what comes next.")

    def link(self) -> str:
        return settings.SITE_URL + reverse("news_list")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("news_feed")

    def items(self) -> NewsQuerySet:
        return News.objects.published(timezone.now()).newest_first()[:LENGTH]

    def item_title(self, news: News) -> str:
        return news.title

    def item_description(self, news: News) -> str:
        return news.lead

    def item_link(self, news: News) -> str:
        return settings.SITE_URL + news.get_absolute_url()

    def item_guid(self, news: News) -> str:
        """The same for ever, whatever the language of the feed."""
        return f"{settings.SITE_URL}/aktualnosci/{news.slug}/"

    def item_pubdate(self, news: News) -> datetime | None:
        return news.published_at
