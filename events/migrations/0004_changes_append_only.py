from django.db import migrations

from active_citizens.core.models import allow_changes, forbid_changes


class Migration(migrations.Migration):
    dependencies = [("events", "0003_families_offers_series")]

    operations = [
        migrations.RunSQL(forbid_changes("events_eventchange"), allow_changes("events_eventchange")),
    ]
