"""The portal's settings as the tests run them: fast hashing, mail in memory, no second factor asked of staff."""

import os
import tempfile

os.environ.update(TESTING="1", DEBUG="0", DEMO="0")
os.environ.setdefault("SECRET_KEY", "tests-only-tests-only-tests-only-tests-only-tests-only")
os.environ.setdefault("FIELD_KEY", "tests-only")

from active_citizens.settings import *  # noqa: F403 - the environment above comes first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "tests"}  # noqa: F405
CACHES["pages"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}  # noqa: F405
MEDIA_ROOT = tempfile.mkdtemp(prefix="portal-media-")
# Files of /static/ are looked up when asked for: listing them all for every client of every test cost a third of the tests' time.
WHITENOISE_AUTOREFRESH = True
LOGGING["root"]["level"] = "ERROR"  # noqa: F405

# A real server started by a test works on that test's database.
if "TEST_SERVER_DATABASE" in os.environ:
    DATABASES["default"]["NAME"] = os.environ["TEST_SERVER_DATABASE"]  # noqa: F405
