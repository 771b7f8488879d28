from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Sourced, Timestamped
from active_citizens.core.text import PolishOrderField


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def published(self) -> "OrganisationQuerySet":
        return self.filter(is_published=True)

    def in_order(self) -> "OrganisationQuerySet":
        return self.order_by("name_order", "pk")


class Organisation(Timestamped, Sourced):
    """A body that takes part: the kinds are those the programme's founding text names and the sources show (domain.md 6.1)."""

    class Kind(models.TextChoices):
        YOUTH = "youth", _("youth group")
        WOMEN = "women", _("women's organisation")
        CULTURAL = "cultural", _("cultural organisation")
        RECREATIONAL = "recreational", _("recreational organisation")
        RELIGIOUS = "religious", _("religious group")
        NGO = "ngo", _("non-governmental organisation")
        LOCAL_GOVERNMENT = "local_government", _("local government")
        INFORMAL = "informal", _("informal group")
        HOUSING = "housing", _("housing co-operative")
        SCHOOL = "school", _("school or university")
        PARISH = "parish", _("parish")
        PUBLIC_SERVICE = "public_service", _("public service")

    name = models.CharField(_("name"), max_length=200, unique=True)
    name_order = PolishOrderField("name")
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    about = models.TextField(_("about"), blank=True)
    website = models.URLField(_("website"), blank=True)
    is_published = models.BooleanField(_("published"), default=True)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        indexes = [models.Index("name_order", name="organisation_name_order")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organisation_detail", args=[self.slug])
