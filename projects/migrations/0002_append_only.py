from django.db import migrations

from active_citizens.core.models import allow_changes, forbid_changes


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial")]

    operations = [
        migrations.RunSQL(forbid_changes("projects_statuschange"), allow_changes("projects_statuschange")),
    ]
