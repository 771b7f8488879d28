"""Settings of the portal: one file, and the environment is the only difference between machines.

Every secret may also be given as ``NAME_FILE``. What is missing stops the start, by name.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from active_citizens.core.keys import generated_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
environ.Env.read_env(BASE_DIR / ".env")

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
# The tests say so in tests/settings.py; nothing else may.
TESTING = env.bool("TESTING", default=False)
TRY_OUT = DEMO or DEBUG or TESTING

missing = [
    name for name in ("DATABASE_URL", "SECRET_KEY", "FIELD_KEY", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_URL") if not env.str(name, default="")
]
if missing and not TRY_OUT:
    raise ImproperlyConfigured(
        f"The portal does not start without: {', '.join(missing)}. "
        "Set them (or NAME_FILE) in the environment, or DEMO=1 to try the portal out."
    )

SECRET_KEY = env.str("SECRET_KEY", default="") or generated_secret(VAR_DIR, "secret-key")
FIELD_KEY = env.str("FIELD_KEY", default="") or generated_secret(VAR_DIR, "field-key")
PORT = env.int("PORT", default=8000)
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"] if TRY_OUT else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# How many reverse proxies of our own stand before the portal; the visitor's address is read from that many hops.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ADMIN_PATH = env.str("ADMIN_PATH", default="panel/").strip("/") + "/"
# Staff without a second factor do not enter the admin; the demo leaves it to choice.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=not (DEMO or TESTING))

INSTALLED_APPS = [
    "active_citizens",
    "reports",
    "events",
    "active_citizens.content",
    "projects",
    "participants",
    "active_citizens.core",
    "modeltranslation",
    "active_citizens.admin.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "active_citizens.core.page_cache.KeepPageMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "active_citizens.core.middleware.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "active_citizens.core.middleware.PrivatePagesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "active_citizens.core.middleware.RefusalMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "active_citizens.core.page_cache.ShowKeptPageMiddleware",
]

ROOT_URLCONF = "active_citizens.urls"
WSGI_APPLICATION = "active_citizens.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "active_citizens.context.portal",
            ],
            "builtins": ["active_citizens.core.templatetags.components"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Database: DATABASE_URL, or the embedded PostgreSQL of the try-out ---------------------------------------------
if env.str("DATABASE_URL", default=""):
    DATABASES = {"default": env.db_url("DATABASE_URL")}
    DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
else:
    DATABASES = {"default": {"ENGINE": "active_citizens.database", "NAME": "portal", "DATA_DIR": VAR_DIR / "postgresql"}}
DATABASES["default"].update(CONN_MAX_AGE=env.int("CONN_MAX_AGE", default=60), CONN_HEALTH_CHECKS=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Caches: counters are shared by all processes; whole pages live two seconds in each ------------------------------
CACHES = {
    "default": env.cache_url("CACHE_URL", default="dbcache://portal_cache"),
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
    "counters": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "counters",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}
CACHE_MIDDLEWARE_ALIAS = "pages"
# A published change is seen in every process within this many seconds; what is taken down, at once (core/page_cache.py).
CACHE_MIDDLEWARE_SECONDS = env.int("PAGE_CACHE_SECONDS", default=2)

# --- Accounts --------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "participants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ["email", "name"]}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my_page"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "participants.adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "participants.forms.SignupForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.split(":")[0]
# A library's readers share one address: the limit per address is high, the one per e-mail low.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "60/m/ip,5/300s/key",
    "signup": "60/m/ip",
    "reset_password": "60/m/ip,5/m/key",
    "request_login_code": "60/m/ip,3/m/key",
    "confirm_email": "1/10s/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Aktywna Społeczność"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO

# --- Mail: written to files in the try-out ----------------------------------------------------------------------------
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
elif TRY_OUT:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
# Ours says when a mail's fate is unknown.
if EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "participants.smtp.EmailBackend"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Aktywna Społeczność <portal@example.org>")
# Where mails come back to (the envelope's sender), and the mailbox they are read from: imaps://user:password@host/INBOX or
# maildir:///path. Empty: bounces are noted by hand.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="")
BOUNCE_MAILBOX = env.str("BOUNCE_MAILBOX", default="")

# --- Languages -----------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "pl"
LANGUAGES = [("pl", _("Polish")), ("en", _("English")), ("uk", _("Ukrainian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "active_citizens.core.formats"
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "Europe/Warsaw"
USE_TZ = True
MODELTRANSLATION_DEFAULT_LANGUAGE = "pl"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("pl",)

# --- Files ----------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG

# --- Security -------------------------------------------------------------------------------------------------------------
SECURE = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = SECURE and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# A form's cookie goes with the browser's window.
CSRF_COOKIE_AGE = None
SESSION_COOKIE_NAME = "portal_session"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "active_citizens.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
# A photo of a phone has 3 to 8 MB; what is bigger is refused with a sentence.
PICTURE_MAX_BYTES = env.int("PICTURE_MAX_BYTES", default=15 * 1024 * 1024)
SILENCED_SYSTEM_CHECKS = ["security.W021"] if not SECURE else []

# --- What a city may set --------------------------------------------------------------------------------------------------
# How long a place is held for somebody who has yet to click the mailed link; and the last moment before the event.
HOLD_HOURS = env.int("HOLD_HOURS", default=48)
# Live places one contact may hold at one event without an animator.
SEATS_PER_CONTACT = env.int("SEATS_PER_CONTACT", default=6)
# How long before the start those with a place are reminded.
REMIND_HOURS_BEFORE = env.int("REMIND_HOURS_BEFORE", default=24)
SIGN_UPS_PER_ADDRESS_PER_HOUR = env.int("SIGN_UPS_PER_ADDRESS_PER_HOUR", default=600)
# Answers to surveys: a whole workshop may answer over the one line of a library.
SURVEYS_PER_ADDRESS_PER_HOUR = env.int("SURVEYS_PER_ADDRESS_PER_HOUR", default=600)
IDEAS_PER_CONTACT = env.int("IDEAS_PER_CONTACT", default=5)
QUESTIONS_PER_CONTACT = env.int("QUESTIONS_PER_CONTACT", default=5)
SIGN_UPS_PER_CONTACT_PER_HOUR = env.int("SIGN_UPS_PER_CONTACT_PER_HOUR", default=10)
# Access needs asked fewer working days before an event are taken with a warning (A11Y-11: an interpreter needs three).
ACCESS_CUT_OFF_WORKING_DAYS = env.int("ACCESS_CUT_OFF_WORKING_DAYS", default=3)
# So many days after the event the encrypted reason of an access need is wiped (GDPR-08).
ACCESS_WIPE_DAYS = env.int("ACCESS_WIPE_DAYS", default=7)
# The weekly letter of a neighbourhood: from which day of the week (Monday is 1) and hour in Kraków it is sent.
DIGEST_WEEKDAY = env.int("DIGEST_WEEKDAY", default=4)
DIGEST_HOUR = env.int("DIGEST_HOUR", default=10)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"without_keys": {"()": "active_citizens.core.logs.WithoutKeys"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["without_keys"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
