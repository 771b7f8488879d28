"""The programme's desk in the panel."""

from projects.admin import initiatives, modules, programme, staff, takedowns, texts, vetting

__all__ = ["initiatives", "modules", "programme", "staff", "takedowns", "texts", "vetting"]
from projects.admin import grant_calls, reviews

__all__ = ["grant_calls", "initiatives", "modules", "programme", "reviews", "staff", "texts", "vetting"]
from projects.admin import promises

__all__ = ["initiatives", "modules", "programme", "promises", "staff", "texts", "vetting"]
from projects.admin import questions

__all__ = ["initiatives", "modules", "programme", "questions", "staff", "texts", "vetting"]
from projects.admin import stories

__all__ = ["initiatives", "modules", "programme", "staff", "stories", "texts", "vetting"]
