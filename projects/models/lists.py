import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped


class ListImport(Timestamped):
    """A list of people brought from a file: where it comes from, what became of it; the rows are sealed and wiped.

    ``sealed`` holds the rows until they are taken or the list is dropped; ``sealed_rest`` what was not taken, for a week.
    ``columns`` says what each column of the file is; ``chosen`` are numbers of rows taken although they look like somebody known.
    """

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("to be checked")
        TAKEN = "taken", _("taken over")
        DROPPED = "dropped", _("given up")

    neighbourhood = models.ForeignKey(
        "projects.Neighbourhood", verbose_name=_("neighbourhood"), on_delete=models.PROTECT, related_name="list_imports"
    )
    source = models.CharField(_("where the list comes from, and on what basis"), max_length=300)
    file_name = models.CharField(_("file"), max_length=200)
    key = models.UUIDField(_("one-time key of the form"), default=uuid.uuid4, unique=True, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("brought by"), on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("state"), max_length=8, choices=Status, default=Status.UPLOADED, editable=False)
    sealed = models.BinaryField(null=True, blank=True, editable=False)
    columns = models.JSONField(_("columns"), default=dict, editable=False)
    chosen = models.JSONField(_("taken although similar"), default=list, editable=False)
    rows_read = models.PositiveIntegerField(_("rows"), default=0, editable=False)
    rows_taken = models.PositiveIntegerField(_("taken"), default=0, editable=False)
    rows_left = models.PositiveIntegerField(_("not taken"), default=0, editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("settled by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    sealed_rest = models.BinaryField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("list of people from a file")
        verbose_name_plural = _("lists from files")
        indexes = [
            models.Index(fields=["created_at"], name="list_import_to_drop", condition=Q(status="uploaded")),
            models.Index(fields=["settled_at"], name="list_import_to_wipe", condition=Q(sealed_rest__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="list_import_says_where_from"),
            models.CheckConstraint(
                condition=Q(status="uploaded", sealed__isnull=False, settled_at=None)
                | Q(status__in=["taken", "dropped"], sealed=None, settled_at__isnull=False),
                name="list_import_sealed_until_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.neighbourhood}: {self.file_name}"
