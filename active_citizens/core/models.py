"""Abstract models every app may use; core itself has no tables."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Timestamped(models.Model):
    """Remembers when the row was made and last changed."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        abstract = True


class Sourced(models.Model):
    """Says where a fact of the past comes from; what the source does not say is said to be unknown."""

    source_label = models.CharField(_("source"), max_length=300, blank=True)
    source_url = models.URLField(_("address of the source"), max_length=500, blank=True)

    class Meta:
        abstract = True


class CanBeTakenDown(models.Model):
    """Public, and may have to vanish at once; only the verbs of ``projects/domain/takedown.py`` set the column."""

    taken_down_at = models.DateTimeField(_("taken down"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True


def label_of(model: type[models.Model], name: str) -> str:
    """What people call a column of the model, in the active language."""
    return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def forbid_changes(table: str) -> str:
    """The SQL of a trigger that refuses UPDATE and DELETE on ``table``.

    A purge or an erasure that the retention rules order sets ``portal.purge`` to 'on' for its own transaction.
    """
    return f"""
        CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF current_setting('portal.purge', true) = 'on' THEN
                RETURN COALESCE(NEW, OLD);
            END IF;
            RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_append_only();
    """


def allow_changes(table: str) -> str:
    """The SQL that takes the trigger of ``forbid_changes`` away again."""
    return f"DROP TRIGGER {table}_append_only ON {table}; DROP FUNCTION {table}_append_only();"
