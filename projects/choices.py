"""The short lists forms offer, asked for once in a page's life: neighbourhoods and stages."""

from active_citizens.core.moments import kept
from projects.models import Neighbourhood, Project


def neighbourhood_choices() -> list[tuple[str, str]]:
    """(address, name) of every published neighbourhood, in Polish order."""
    return kept("choices:neighbourhoods", lambda: list(Neighbourhood.objects.published().in_order().values_list("slug", "name")))


def stage_choices(project: Project | None) -> list[tuple[int, str]]:
    """(number, "1. Title") of the project's stages."""
    if project is None:
        return []
    return kept(f"choices:stages:{project.pk}", lambda: [(stage.number, str(stage)) for stage in project.stages.all()])
