from django.db import migrations

from active_citizens.core.models import allow_changes, forbid_changes


class Migration(migrations.Migration):
    dependencies = [("participants", "0001_initial")]

    operations = [
        migrations.RunSQL(forbid_changes("participants_consent"), allow_changes("participants_consent")),
        migrations.RunSQL(forbid_changes("participants_accesslog"), allow_changes("participants_accesslog")),
    ]
