"""The portal's settings as it is measured: caches and durable commits as in production, the anchor views beside it."""

from tests.settings import *  # noqa: F403

ROOT_URLCONF = "tests.load.anchors"
CACHES["pages"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages"}  # noqa: F405
# Tests let PostgreSQL answer before the disk does; here a commit is a commit.
TESTING = False
