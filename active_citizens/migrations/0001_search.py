from django.db import migrations

from active_citizens.core.search import Searchable


def in_all(*names: str) -> list[str]:
    """The columns of texts that staff write in three languages."""
    return [f"{name}_{language}" for name in names for language in ("pl", "en", "uk")]


class Migration(migrations.Migration):
    """Lets initiatives, events, news, pages, history and organisations be found by their words."""

    initial = True
    dependencies = [
        ("participants", "0005_names_found_while_typing"),
        ("projects", "0001_initial"),
        ("content", "0003_news_and_photos"),
        ("events", "0001_initial"),
    ]
    operations = [
        Searchable("projects_initiative", {"A": ["title"], "B": ["summary"], "C": ["place", "date_note"]}),
        Searchable("events_event", {"A": in_all("title"), "B": in_all("summary"), "C": in_all("description")}),
        Searchable("content_news", {"A": in_all("title"), "B": in_all("lead"), "C": in_all("body")}),
        Searchable("content_page", {"A": in_all("title"), "B": in_all("lead"), "C": in_all("body")}),
        Searchable(
            "projects_historyitem",
            {"A": in_all("title"), "B": in_all("note"), "C": in_all("place", "organiser", "date_text")},
        ),
        Searchable("participants_organisation", {"A": ["name"], "B": in_all("about")}),
    ]
