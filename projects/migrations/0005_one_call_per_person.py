"""One open row of the call list per person; what to say, and each call that was made, become rows of their own."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

OUTCOMES = [
    ("reached", "reached"),
    ("no_answer", "no answer"),
    ("household", "told a member of the household"),
    ("declined", "declined"),
    ("new_number", "corrected number"),
    ("not_reached", "not reached in two calls"),
    ("dropped", "no longer needed"),
]
ANSWERS = [
    ("yes", "yes"),
    ("no", "no"),
    ("told", "told"),
    ("not_reached", "not reached in two calls"),
    ("dropped", "no longer needed"),
]
# Where "reached" meant a yes; elsewhere the person was told.
ASKED = {"registration_held", "registration_promoted", "registration_offered", "registration_first_answer", "guardian_asked"}
BECAME = {"declined": "no", "household": "not_reached", "dropped": "dropped"}


def split(apps, schema_editor):
    """Every old row becomes a matter; the open rows of one human become one row."""
    CallTask, CallMatter, CallTry = (apps.get_model("projects", name) for name in ("CallTask", "CallMatter", "CallTry"))
    homes, merged, matters, tries = {}, [], [], []
    for old in CallTask.objects.select_related("person").order_by("pk"):
        row = old
        if old.done_at is None:
            name = " ".join(old.person.name.split()).casefold()
            row = homes.setdefault(f"{old.person.phone} {name}" if old.person.phone else old.person_id, old)
            row.due_at = min(row.due_at, old.due_at)
            row.attempts = max(row.attempts, old.attempts)
        elif old.done_by_id is not None:
            tries.append(CallTry(task=old, at=old.done_at, by_id=old.done_by_id, outcome=old.outcome))
        if row is not old:
            merged.append(old.pk)
        answer = "" if old.done_at is None else BECAME.get(old.outcome) or ("yes" if old.reason in ASKED else "told")
        matters.append(CallMatter(
            task=row, person_id=old.person_id, reason=old.reason, context=old.context, due_at=old.due_at, attempts=old.attempts,
            answer=answer, settled_at=old.done_at, settled_by_id=old.done_by_id, created_at=old.created_at,
        ))  # fmt: skip
    began = [matter.created_at for matter in matters]
    made = CallMatter.objects.bulk_create(matters, batch_size=1000)
    for matter, created_at in zip(made, began, strict=True):
        matter.created_at = created_at
    CallMatter.objects.bulk_update(made, ["created_at"], batch_size=1000)
    CallTry.objects.bulk_create(tries, batch_size=1000)
    CallTask.objects.bulk_update(homes.values(), ["due_at", "attempts"], batch_size=1000)
    CallTask.objects.filter(pk__in=merged).delete()
    _check_now(schema_editor)


def join(apps, schema_editor):
    """Back: the first matter stands in the row again, the others get rows of their own."""
    CallTask, CallMatter = (apps.get_model("projects", name) for name in ("CallTask", "CallMatter"))
    back = {"not_reached": "no_answer", "yes": "reached", "told": "reached", "no": "declined", "dropped": "dropped", "": ""}
    seen = set()
    for matter in CallMatter.objects.select_related("task").order_by("pk"):
        row = matter.task
        if row.pk in seen:
            row.pk = None
        seen.add(row.pk)
        row.person_id, row.reason, row.context, row.due_at = matter.person_id, matter.reason, matter.context, matter.due_at
        row.attempts, row.outcome = matter.attempts, back[matter.answer]
        row.done_at, row.done_by_id = matter.settled_at, matter.settled_by_id
        row.save()
        CallTask.objects.filter(pk=row.pk).update(created_at=matter.created_at)
    CallTask.objects.exclude(pk__in=CallMatter.objects.values("task")).filter(reason="").delete()
    _check_now(schema_editor)


def _check_now(schema_editor):
    """Tables are changed after this in the same transaction, which no unchecked foreign key may wait for."""
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0004_people_joined"),
        ("projects", "0004_lists_from_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CallMatter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("reason", models.CharField(max_length=80, verbose_name="what to say")),
                ("context", models.JSONField(blank=True, default=dict, verbose_name="about")),
                ("about_at", models.DateTimeField(blank=True, null=True, verbose_name="starts")),
                ("due_at", models.DateTimeField(verbose_name="call before")),
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="attempts")),
                ("answer", models.CharField(blank=True, choices=ANSWERS, editable=False, max_length=12, verbose_name="answer")),
                ("settled_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="settled")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="call_matters",
                        to="participants.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="called by",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matters",
                        to="projects.calltask",
                        verbose_name="call to make",
                    ),
                ),
            ],
            options={
                "verbose_name": "matter of a call",
                "verbose_name_plural": "matters of calls",
                "ordering": [models.OrderBy(models.F("about_at"), nulls_last=True), "due_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled_at", None)), fields=("task", "reason", "context"), name="call_matter_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(settled_at=None, answer="") | models.Q(settled_at__isnull=False) & ~models.Q(answer=""),
                        name="call_matter_settled_has_answer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallTry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("outcome", models.CharField(choices=OUTCOMES, max_length=12, verbose_name="outcome")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="called by",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tries",
                        to="projects.calltask",
                        verbose_name="call to make",
                    ),
                ),
            ],
            options={"verbose_name": "call made", "verbose_name_plural": "calls made", "ordering": ["at", "pk"]},
        ),
        migrations.AddField(
            model_name="calltask",
            name="last_attempt_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last attempt"),
        ),
        migrations.AlterField(
            model_name="calltask",
            name="outcome",
            field=models.CharField(blank=True, choices=OUTCOMES, editable=False, max_length=12, verbose_name="outcome"),
        ),
        # On the way back the column comes back empty.
        migrations.AlterField(
            model_name="calltask", name="reason", field=models.CharField(max_length=80, default="", verbose_name="what to say")
        ),
        migrations.RemoveConstraint(model_name="calltask", name="call_task_once"),
        migrations.RemoveConstraint(model_name="calltask", name="call_task_done_has_outcome"),
        migrations.RunPython(split, join),
        migrations.RemoveField(model_name="calltask", name="context"),
        migrations.RemoveField(model_name="calltask", name="reason"),
        migrations.AddConstraint(
            model_name="calltask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at", None)), fields=("person",), name="call_task_one_open_per_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="calltask",
            constraint=models.CheckConstraint(
                condition=models.Q(done_at=None, outcome="") | models.Q(done_at__isnull=False) & ~models.Q(outcome=""),
                name="call_task_done_has_outcome",
            ),
        ),
    ]
