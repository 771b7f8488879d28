"""What joining two records of one person does in the image library: photos come over, so that one word hides them all."""

from django.utils.translation import gettext as _

from active_citizens.content.models import PhotoPerson
from participants import privacy
from participants.models import Person
from participants.privacy import Foreseen, Joining, Moved, Mover


def join(joining: Joining) -> Moved:
    """Photos of the gone record show the kept one; in a photo both stand in, once is enough."""
    own = PhotoPerson.objects.filter(person=joining.gone)
    twice = own.filter(photo__in=PhotoPerson.objects.filter(person=joining.kept).values("photo"))
    both = list(twice.order_by("pk").values_list("photo", flat=True))
    twice.delete()
    moved = list(own.order_by("pk").values_list("pk", flat=True))
    PhotoPerson.objects.filter(pk__in=moved).update(person=joining.kept)
    return {"photos": moved, "photos_of_both": both}


def part(joining: Joining, moved: Moved) -> None:
    """What still shows the kept record goes back; where both stood, both stand again."""
    PhotoPerson.objects.filter(pk__in=moved.get("photos", []), person=joining.kept).update(person=joining.gone)
    standing = PhotoPerson.objects.filter(photo__in=moved.get("photos_of_both", []), person=joining.kept)
    PhotoPerson.objects.bulk_create(PhotoPerson(photo_id=row.photo_id, person=joining.gone) for row in standing)


def foresee(kept: Person, gone: Person) -> Foreseen:
    return Foreseen({_("photos"): PhotoPerson.objects.filter(person=gone).count()})


privacy.on_merge(Mover("photos", frozenset({"content.PhotoPerson.person"}), join, part, foresee))
