"""The storm's settings: durable commits, mails written to files by a server that takes its time, no brakes on one address."""

from tests.settings import *  # noqa: F403

# Tests let PostgreSQL answer before the disk does; here what was acknowledged outlives a crash.
TESTING = False
EMAIL_BACKEND = "tests.storm.mail.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"  # noqa: F405
SIGN_UPS_PER_ADDRESS_PER_HOUR = 1_000_000
