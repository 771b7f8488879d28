from django.db import migrations

from active_citizens.core.search import Searchable


def in_all(*names: str) -> list[str]:
    """The columns of texts that staff write in three languages."""
    return [f"{name}_{language}" for name in names for language in ("pl", "en", "uk")]


class Migration(migrations.Migration):
    """Lets neighbourhoods and study trips be found by their words."""

    dependencies = [("portal", "0001_search")]
    operations = [
        Searchable(
            "projects_neighbourhood",
            {"A": ["name", "name_locative"], "B": in_all("summary"), "C": in_all("description", "streets_note", "district")},
        ),
        Searchable(
            "events_studytrip",
            {"A": in_all("title"), "B": in_all("destination", "summary"), "C": in_all("known", "unknown", "host", "date_note")},
        ),
    ]
