"""The tests' settings for a worker of its own that talks to a mail server."""

from tests.settings import *  # noqa: F403

EMAIL_BACKEND = "participants.smtp.EmailBackend"
CACHES["default"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}  # noqa: F405
