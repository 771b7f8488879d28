"""The programme's desk in the panel."""

from projects.admin import initiatives, modules, programme, staff, takedowns, texts, vetting

__all__ = ["initiatives", "modules", "programme", "staff", "takedowns", "texts", "vetting"]
