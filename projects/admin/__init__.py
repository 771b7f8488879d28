"""The programme's desk in the panel."""

from projects.admin import initiatives, programme, staff, texts

__all__ = ["initiatives", "programme", "staff", "texts"]
