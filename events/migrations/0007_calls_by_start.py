"""The floor below keeps when the event of a call starts, so that the list can be in that order; here it is filled in."""

from django.db import migrations


def note_starts(apps, schema_editor):
    Registration = apps.get_model("events", "Registration")
    CallMatter = apps.get_model("projects", "CallMatter")
    matters = [matter for matter in CallMatter.objects.filter(about_at=None) if "registration" in matter.context]
    about = {matter.context["registration"] for matter in matters}
    starts = dict(Registration.objects.filter(pk__in=about).values_list("pk", "event__starts_at"))
    for matter in matters:
        matter.about_at = starts.get(matter.context["registration"])
    CallMatter.objects.bulk_update(matters, ["about_at"], batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("events", "0006_joined_sign_ups"), ("projects", "0005_one_call_per_person")]

    operations = [migrations.RunPython(note_starts, migrations.RunPython.noop)]
