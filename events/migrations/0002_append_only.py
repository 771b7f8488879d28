from django.db import migrations

from active_citizens.core.models import allow_changes, forbid_changes


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.RunSQL(forbid_changes("events_seatmove"), allow_changes("events_seatmove")),
    ]
