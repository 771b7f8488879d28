"""What the demo's initiatives have written down while they ran and when they ended; made by the verbs."""

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from active_citizens.content.domain import diary
from active_citizens.content.models import Photo
from active_citizens.core.pictures import take_in
from participants.models import User
from projects.domain import reporting, running, stories
from projects.models import Initiative

if TYPE_CHECKING:
    from active_citizens.programmes.demo import Cast

ALT = {
    "alt": "Rysunek pokazowy: biały ekran na ścianie, przed nim rząd krzeseł.",
    "alt_en": "A demo drawing: a white screen on a wall, a row of chairs before it.",
    "alt_uk": "Показовий малюнок: білий екран на стіні, перед ним ряд стільців.",
}


def fill(cast: "Cast", initiative: Initiative, entry: dict[str, Any]) -> None:
    """Hours, spending, diary, report and stories of one initiative, as its entry has them; while it runs."""
    animator = cast.animator(cast.estates[entry["estate"]])
    for days_ago, people, minutes, what in entry.get("hours", ()):
        running.note_work(initiative, done_on=cast.day(-days_ago), people=people, minutes=minutes, what=what, at=cast.now)
    lines = {line.what: line for line in initiative.budget.all()}
    for days_ago, what, grosze, number, line in entry.get("spent", ()):
        spent = running.Spent(cast.day(-days_ago), what, grosze, number, lines.get(line))
        running.spend(initiative, spent, at=cast.now)
    for days_ago, text, by_team in entry.get("diary", ()):
        _write(cast, initiative, days_ago, text, animator if by_team else None)
    if "report" in entry:
        at = cast.now - timedelta(days=entry["handed_in"])
        reporting.write(initiative, entry["report"])
        reporting.hand_in(initiative, at=at)
        reporting.publish_story(initiative, at=at)
    for told in entry.get("stories", ()):
        story = stories.from_paper(initiative, stories.Told(**told, lang=initiative.lang), "dane pokazowe")
        stories.publish(story, at=cast.now)


def _write(cast: "Cast", initiative: Initiative, days_ago: int, text: str, animator: User | None) -> None:
    pictures = [diary.NewPhoto(take_in(_drawing()), ALT["alt"])] if animator else []
    entry = diary.write(initiative, text, on=cast.day(-days_ago), lang=initiative.lang, pictures=pictures, author=animator, at=cast.now)
    words = {name: value for name, value in ALT.items() if name != "alt"}
    Photo.objects.filter(diary_entries=entry).update(is_demo=True, **words)


def _drawing() -> SimpleUploadedFile:
    """A drawing that nobody takes for a photo."""
    image = Image.new("RGB", (960, 640), "#1f2a44")
    draw = ImageDraw.Draw(image)
    draw.rectangle((240, 90, 720, 360), fill="#fffdf8")
    for number, colour in enumerate(("#1d643f", "#fdb833", "#8f1d21", "#1f4b99", "#1d643f")):
        left = 130 + 150 * number
        draw.rounded_rectangle((left, 470, left + 100, 600), radius=14, fill=colour)
    out = BytesIO()
    image.save(out, "PNG")
    return SimpleUploadedFile("pokaz.png", out.getvalue())
