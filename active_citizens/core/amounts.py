"""Money in grosze and time in minutes, typed and shown as people write them: „1 200,50 zł”, „2,5 h”."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

NO_BREAK = "\N{NO-BREAK SPACE}"


def zloty(grosze: int | None) -> str:
    """The amount in the reader's way of writing numbers: 120050 is „1 200,50 zł” in Polish, whole złoty stand without grosze."""
    if grosze is None:
        return ""
    whole, rest = divmod(grosze, 100)
    places = 2 if rest else 0
    amount = number_format(Decimal(grosze) / 100 if rest else whole, places, use_l10n=True, force_grouping=True)
    return f"{amount}{NO_BREAK}zł"


class _TypedNumber(forms.DecimalField):
    """A number with a comma or a point, with spaces between thousands; kept in whole units, ``per_unit`` to one typed."""

    per_unit, unit = 1, ""
    default_error_messages = {"invalid": _("Write a number, for example 12 or 12,50.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 9, "decimal_places": 2, "min_value": 0, **kwargs})
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", **self.widget.attrs})
        for validator in self.validators:
            if isinstance(validator, MinValueValidator) and self.min_value:
                validator.message = _("Write more than zero.")

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = "".join(value.split()).removesuffix(self.unit).replace(",", ".")
        return super().to_python(value)

    def clean(self, value: Any) -> int | None:
        number = super().clean(value)
        return None if number is None else round(number * self.per_unit)

    def prepare_value(self, value: Any) -> Any:
        """What is kept, as it would be typed; what was typed stays as it was."""
        if not isinstance(value, int):
            return value
        return f"{Decimal(value) / self.per_unit:.2f}".removesuffix("00").removesuffix(".").replace(".", ",")


class MoneyField(_TypedNumber):
    """An amount in złoty; the value is in grosze."""

    per_unit, unit = 100, "zł"


class HoursField(_TypedNumber):
    """A length in hours; the value is in minutes."""

    per_unit, unit = 60, "h"
