from datetime import date

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import Timestamped
from active_citizens.core.text import E164, ByEarField, PolishOrderField, show_phone


class AgeBand(models.TextChoices):
    """Bands the law and the reports need (GDPR-07); a birthday is asked only where a band is not enough."""

    UNDER_13 = "under_13", _("under 13")
    FROM_13 = "13_15", _("13–15")
    FROM_16 = "16_17", _("16–17")
    ADULT = "adult", _("18–59")
    SENIOR = "senior", _("60 and over")


# Under 16 a guardian decides; at 16 and 17 a guardian agrees (GDPR-07; Civil Code, art. 15 and 17).
CHILDREN = frozenset({AgeBand.UNDER_13, AgeBand.FROM_13})
MINORS = CHILDREN | {AgeBand.FROM_16}
ADULT_FROM = 18


class Gender(models.TextChoices):
    WOMAN = "woman", _("woman")
    MAN = "man", _("man")
    OTHER = "other", _("other")
    UNTOLD = "untold", _("prefer not to say")


class PersonQuerySet(models.QuerySet["Person"]):
    def in_order(self) -> "PersonQuerySet":
        return self.order_by("name_order", "pk")

    def unmerged(self) -> "PersonQuerySet":
        """Everybody but the records that were joined to another: those are empty-handed and stand on no list."""
        return self.filter(merged_into=None)


class Person(Timestamped):
    """Somebody the programme knows: with an account or without, with an e-mail, a phone, both or neither (GDPR-05)."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("phone")
        NONE = "none", _("in person")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("account"), null=True, blank=True, on_delete=models.SET_NULL, related_name="person"
    )
    name = models.CharField(_("first and last name"), max_length=150)
    name_order = PolishOrderField("name")
    name_by_ear = ByEarField("name")
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    preferred_channel = models.CharField(_("how to reach"), max_length=8, choices=Channel, default=Channel.EMAIL)
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    age_band = models.CharField(_("age"), max_length=10, choices=AgeBand, blank=True)
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="pl")
    calendar_key = models.CharField(_("secret of the own calendar"), max_length=43, null=True, blank=True, unique=True, editable=False)
    verified_at = models.DateTimeField(_("contact confirmed"), null=True, blank=True, editable=False)
    # Set by ``domain.merging`` alone: whose record this one was joined to.
    merged_into = models.ForeignKey(
        "self", verbose_name=_("joined to"), null=True, blank=True, editable=False, on_delete=models.CASCADE, related_name="absorbed"
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            models.Index("name_order", name="person_name_order"),
            models.Index(fields=["email"], name="person_email"),
            models.Index(fields=["phone"], name="person_phone"),
            # For ``domain.duplicates``: a part of a number or an e-mail, a name with a typing error. Read far more often than
            # written, so nothing waits in a list of what is not sorted in yet.
            GinIndex(fields=["name_by_ear"], name="person_name_trigrams", opclasses=["gin_trgm_ops"], fastupdate=False),
            GinIndex(fields=["phone"], name="person_phone_trigrams", opclasses=["gin_trgm_ops"], fastupdate=False),
            GinIndex(OpClass(Lower("email"), name="gin_trgm_ops"), name="person_email_trigrams", fastupdate=False),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(phone="") | Q(phone__regex=E164), name="person_phone_is_e164"),
            models.CheckConstraint(condition=Q(birth_year=None) | Q(birth_year__range=(1900, 2100)), name="person_birth_year_plausible"),
            models.CheckConstraint(condition=~Q(name=""), name="person_has_name"),
            models.CheckConstraint(condition=Q(merged_into=None) | Q(user=None), name="person_joined_has_no_account"),
            models.CheckConstraint(condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="person_joined_to_another"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def phone_shown(self) -> str:
        return show_phone(self.phone)

    @property
    def contact(self) -> str:
        """What one live registration per contact and event counts: the e-mail, else the phone, else the person itself."""
        return self.email.lower() or self.phone or f"person:{self.pk}"

    def is_under_age(self, on: date) -> bool:
        """Whether what is known says so; the year somebody turns eighteen, they are believed."""
        if self.birth_year is not None:
            return on.year - self.birth_year < ADULT_FROM
        return self.age_band in MINORS

    def standing_for(self) -> "Person":
        """The record this one was joined to, however many times; itself when it was not."""
        person = self
        while person.merged_into is not None:
            person = person.merged_into
        return person
