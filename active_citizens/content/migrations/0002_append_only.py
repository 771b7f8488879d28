from django.db import migrations

from active_citizens.core.models import allow_changes, forbid_changes


class Migration(migrations.Migration):
    dependencies = [("content", "0001_initial")]

    operations = [
        migrations.RunSQL(forbid_changes("content_revision"), allow_changes("content_revision")),
    ]
