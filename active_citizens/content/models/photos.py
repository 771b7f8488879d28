import secrets
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import CanBeTakenDown, Timestamped
from active_citizens.core.pictures import LARGE, SMALL
from participants.models import Consent, ConsentText


def new_key() -> str:
    return secrets.token_hex(12)


def file_path(photo: "Photo", name: str) -> str:
    """Where a file is kept: named by the key and the width, never by what the camera called it."""
    return f"zdjecia/{photo.key[:2]}/{name}"


class PhotoQuerySet(models.QuerySet["Photo"]):
    def shown(self) -> "PhotoQuerySet":
        """What anybody may see: neither hidden nor taken down, with files, and with the consent of everybody who can be recognised.

        A consent stands when the newest act of the ledger says so, or a paper with it is named (poland.md 2.3).
        """
        acts = Consent.objects.filter(person=OuterRef("person"), text__purpose=ConsentText.Purpose.IMAGE, scope="")
        newest = Subquery(acts.order_by("-at", "-pk").values("act")[:1])
        named = PhotoPerson.objects.filter(photo=OuterRef("pk"))
        without = named.filter(paper_reference="").annotate(act=newest).filter(Q(act=None) | ~Q(act=Consent.Act.GIVEN))
        recognised = Q(people=Photo.People.RECOGNISABLE)
        standing = self.filter(hidden_at=None, taken_down_at=None, files_removed_at=None)
        return standing.filter(~recognised | Exists(named) & ~Exists(without))

    def hidden(self) -> "PhotoQuerySet":
        return self.filter(hidden_at__isnull=False)

    def withdrawn(self) -> "PhotoQuerySet":
        """Those that came down with a consent and whose files are still kept: to be removed, or shown again."""
        return self.hidden().filter(hidden_why=Photo.Hidden.CONSENT, files_removed_at=None)


class Photo(Timestamped, CanBeTakenDown):
    """A picture of the library: what it shows in words, who is in it, and whether they agreed to be seen (copyright act, art. 81)."""

    class People(models.TextChoices):
        NONE = "none", _("nobody")
        CROWD = "crowd", _("people as a detail of a crowd or an event")
        RECOGNISABLE = "recognisable", _("people who can be recognised")

    class Hidden(models.TextChoices):
        CONSENT = "consent", _("a consent was withdrawn")
        TEAM = "team", _("hidden by the team")

    key = models.CharField(_("key"), max_length=24, unique=True, default=new_key, editable=False)
    small = models.FileField(_("small file"), upload_to=file_path, max_length=120, editable=False)
    large = models.FileField(_("large file"), upload_to=file_path, max_length=120, editable=False)
    width = models.PositiveSmallIntegerField(_("width"), editable=False)
    height = models.PositiveSmallIntegerField(_("height"), editable=False)
    alt = models.CharField(
        _("what is in the picture"), max_length=250, blank=True,
        help_text=_("One sentence, for those who do not see it: who does what, where."),
    )  # fmt: skip
    is_decorative = models.BooleanField(_("only an ornament: says nothing that matters"), default=False)
    caption = models.CharField(_("caption"), max_length=250, blank=True)
    taken_on = models.DateField(_("taken on"), null=True, blank=True)
    neighbourhoods = models.ManyToManyField("projects.Neighbourhood", verbose_name=_("neighbourhoods"), related_name="photos")
    people = models.CharField(_("who is in it"), max_length=12, choices=People, default=People.NONE)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("added by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    hidden_at = models.DateTimeField(_("hidden"), null=True, blank=True, editable=False)
    hidden_why = models.CharField(_("why hidden"), max_length=8, choices=Hidden, blank=True, editable=False)
    files_removed_at = models.DateTimeField(_("files removed"), null=True, blank=True, editable=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["-hidden_at"], name="photo_hidden", condition=Q(hidden_at__isnull=False))]
        constraints = [
            models.CheckConstraint(condition=Q(is_decorative=True) | Q(alt_pl__isnull=False) & ~Q(alt_pl=""), name="photo_has_alt"),
            models.CheckConstraint(
                condition=Q(hidden_at=None, hidden_why="") | Q(hidden_at__isnull=False) & ~Q(hidden_why=""), name="photo_hidden_says_why"
            ),
            models.CheckConstraint(
                condition=Q(files_removed_at=None) & ~Q(small="") & ~Q(large="") | Q(files_removed_at__isnull=False, small="", large=""),
                name="photo_has_files_or_lost_them",
            ),
            models.CheckConstraint(
                condition=Q(files_removed_at=None) | Q(hidden_at__isnull=False) | Q(taken_down_at__isnull=False),
                name="photo_without_files_is_hidden",
            ),
        ]

    def __str__(self) -> str:
        return self.caption or self.alt or self.key

    @property
    def small_url(self) -> str:
        return reverse("photo", args=[self.key, SMALL])

    @property
    def large_url(self) -> str:
        return reverse("photo", args=[self.key, LARGE])

    @property
    def alt_shown(self) -> str:
        """What stands in the alt attribute: an ornament is passed over."""
        return "" if self.is_decorative else self.alt

    def file_of(self, width: int) -> Any:
        return self.small if width == SMALL else self.large

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """The files go with the row, once that is certain."""
        self.drop_files()
        return super().delete(*args, **kwargs)

    def drop_files(self) -> None:
        """Let the files go when the transaction holds; a rolled back one has lost nothing."""
        names = [name for name in (self.small.name, self.large.name) if name]
        for name in names:
            transaction.on_commit(lambda name=name: default_storage.delete(name))


class PhotoPerson(models.Model):
    """Somebody who can be recognised, and where their consent is: in the ledger, or on a paper named without the person's name."""

    photo = models.ForeignKey(Photo, verbose_name=_("photo"), on_delete=models.CASCADE, related_name="persons")
    person = models.ForeignKey(
        "participants.Person", verbose_name=_("person"), null=True, blank=True, on_delete=models.PROTECT, related_name="photos"
    )
    paper_reference = models.CharField(
        _("paper consent"), max_length=80, blank=True, help_text=_("Where the paper is, without a name: „segregator 3, karta 12”.")
    )
    guardian_note = models.CharField(
        _("child: who agreed"),
        max_length=120,
        blank=True,
        help_text=_("For a child under 16: that the parent or guardian signed, and when."),
    )

    class Meta:
        verbose_name = _("person in the picture")
        verbose_name_plural = _("people in the picture")
        constraints = [
            models.UniqueConstraint(fields=["photo", "person"], name="photo_person_once"),
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(paper_reference=""), name="photo_person_has_consent"),
        ]

    def __str__(self) -> str:
        """Where the consent is, never whose: the library is read by people who do not see this person elsewhere."""
        return self.paper_reference or str(_("consent given here, person no. %(number)s") % {"number": self.person_id})
