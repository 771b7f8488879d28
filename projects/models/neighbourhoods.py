from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Sourced, Timestamped
from active_citizens.core.text import PolishOrderField


class NeighbourhoodQuerySet(models.QuerySet["Neighbourhood"]):
    def published(self) -> "NeighbourhoodQuerySet":
        return self.filter(is_published=True)

    def in_order(self) -> "NeighbourhoodQuerySet":
        return self.order_by("name_order", "pk")

    def for_links(self) -> "NeighbourhoodQuerySet":
        """Only what a link or a choice shows: boundaries and texts are long, and lists show many names."""
        return self.only("slug", "name", "name_locative")


class Neighbourhood(Timestamped):
    """A housing estate: everyday boundary and the programme's wider one are two things (domain.md 5)."""

    projects = models.ManyToManyField("projects.Project", verbose_name=_("projects"), related_name="neighbourhoods", blank=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100, unique=True)
    name_order = PolishOrderField("name")
    name_locative = models.CharField(_("name after „na”"), max_length=100, help_text=_("For example: Ugorku, Olszy II, Azorach."))
    district = models.CharField(_("district"), max_length=120, blank=True)
    summary = models.TextField(_("in short"), blank=True)
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    streets_note = models.TextField(_("streets of the boundary"), blank=True)
    everyday_boundary = models.JSONField(_("everyday boundary (GeoJSON)"), null=True, blank=True)
    programme_boundary = models.JSONField(_("boundary of the programme (GeoJSON)"), null=True, blank=True)
    centre_latitude = models.DecimalField(_("centre: latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    centre_longitude = models.DecimalField(_("centre: longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    is_approximate = models.BooleanField(_("approximate boundary"), default=True)
    boundary_source = models.TextField(_("source of the boundary"), blank=True)
    is_published = models.BooleanField(_("published"), default=True)

    objects = NeighbourhoodQuerySet.as_manager()

    class Meta:
        verbose_name = _("neighbourhood")
        verbose_name_plural = _("neighbourhoods")
        indexes = [models.Index("name_order", name="neighbourhood_name_order")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("neighbourhood_detail", args=[self.slug])

    @property
    def ring(self) -> list[list[float]]:
        """The outer ring of the programme's boundary as [longitude, latitude] pairs; empty when nobody has drawn it."""
        return (self.programme_boundary or {}).get("coordinates", [[]])[0]


class StreetRange(Sourced):
    """Which house numbers of a street lie in a neighbourhood, so that a resident finds the estate by address."""

    class Parity(models.TextChoices):
        ALL = "all", _("all")
        ODD = "odd", _("odd")
        EVEN = "even", _("even")

    neighbourhood = models.ForeignKey(Neighbourhood, verbose_name=_("neighbourhood"), on_delete=models.CASCADE, related_name="streets")
    street = models.CharField(_("street"), max_length=120)
    street_order = PolishOrderField("street")
    parity = models.CharField(_("numbers"), max_length=4, choices=Parity, default=Parity.ALL)
    first_number = models.PositiveSmallIntegerField(_("from number"), null=True, blank=True)
    last_number = models.PositiveSmallIntegerField(_("to number"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("street range")
        verbose_name_plural = _("street ranges")
        ordering = ["street_order", "first_number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_number__lte=F("last_number")) | Q(first_number=None) | Q(last_number=None), name="street_range_in_order"
            ),
            models.UniqueConstraint(
                fields=["neighbourhood", "street", "parity", "first_number"], nulls_distinct=False, name="street_range_once"
            ),
        ]

    def __str__(self) -> str:
        return self.street


class VenueQuerySet(models.QuerySet["Venue"]):
    def in_order(self) -> "VenueQuerySet":
        return self.order_by("name_order", "pk")


class Venue(Timestamped):
    """A place events happen at, with what a person on wheels, deaf or tired needs to know before coming (A11Y-10)."""

    class StepFree(models.TextChoices):
        YES = "yes", _("step-free entrance")
        HELP = "help", _("step-free with help")
        NO = "no", _("steps, no lift")
        UNKNOWN = "", _("not checked")

    name = models.CharField(_("name"), max_length=200)
    name_order = PolishOrderField("name")
    address = models.CharField(_("address"), max_length=300)
    neighbourhood = models.ForeignKey(
        Neighbourhood, verbose_name=_("neighbourhood"), null=True, blank=True, on_delete=models.PROTECT, related_name="venues"
    )
    directions = models.TextField(_("how to get there"), blank=True)
    step_free = models.CharField(_("entrance"), max_length=8, choices=StepFree, blank=True)
    accessible_toilet = models.BooleanField(_("accessible toilet"), null=True, blank=True)
    hearing_loop = models.BooleanField(_("hearing loop"), null=True, blank=True)
    access_note = models.TextField(_("accessibility in words"), blank=True)
    capacity = models.PositiveSmallIntegerField(_("room for (people)"), null=True, blank=True)
    is_outdoors = models.BooleanField(_("outdoors"), default=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = VenueQuerySet.as_manager()

    class Meta:
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        indexes = [models.Index("name_order", name="venue_name_order")]
        constraints = [models.UniqueConstraint(fields=["name", "address"], name="venue_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def has_access_information(self) -> bool:
        """Whether a visitor can tell beforehand how to get there and in."""
        return bool(self.step_free and self.directions and self.access_note)


class Membership(Timestamped):
    """What a person is to a neighbourhood; „inne” and „nie wiem” are answers too (domain.md 5.1)."""

    class Kind(models.TextChoices):
        RESIDENT = "resident", _("resident")
        PARTNER = "partner", _("partner")

    class Elsewhere(models.TextChoices):
        OTHER = "other", _("another neighbourhood")
        UNKNOWN = "unknown", _("does not know")

    person = models.ForeignKey("participants.Person", verbose_name=_("person"), on_delete=models.CASCADE, related_name="memberships")
    neighbourhood = models.ForeignKey(
        Neighbourhood, verbose_name=_("neighbourhood"), null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    elsewhere = models.CharField(_("or"), max_length=8, choices=Elsewhere, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.RESIDENT)
    # The list from a file that brought the person: the team of that neighbourhood sees them before any sign-up.
    list_import = models.ForeignKey(
        "projects.ListImport", verbose_name=_("from the list"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="memberships",
    )  # fmt: skip

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                condition=Q(neighbourhood=None) & ~Q(elsewhere="") | Q(neighbourhood__isnull=False, elsewhere=""),
                name="membership_somewhere_or_elsewhere",
            ),
            models.CheckConstraint(
                condition=Q(list_import=None) | Q(neighbourhood__isnull=False), name="membership_of_a_list_is_somewhere"
            ),
            models.UniqueConstraint(fields=["person", "neighbourhood", "kind"], nulls_distinct=False, name="membership_once"),
        ]

    def __str__(self) -> str:
        return str(self.neighbourhood or self.get_elsewhere_display())

    @classmethod
    def answered(cls, home: str) -> "Membership | None":
        """What a form's answer means, unsaved: a neighbourhood's number, "other", "unknown"; None for no answer."""
        if not home:
            return None
        if home in cls.Elsewhere.values:
            return cls(elsewhere=home)
        return cls(neighbourhood_id=int(home))
