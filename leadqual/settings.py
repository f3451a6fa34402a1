"""Settings, all from the environment; `docs/settings.md` lists the variables.

Nothing set means: development, SQLite under var/, the worker in the process of `manage.py up`.
"""

from pathlib import Path
from typing import Any

from kombu import Queue

from leadqual.common.brokers import shared_cache, transport_options
from leadqual.common.environment import LEVELS, Environment, WrongValue, development_secret
from leadqual.schedule import HIGH_QUEUE, ROUTES, SWEEP_EMBEDDED, SWEEP_PRODUCTION, beat_schedule

env = Environment()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("LEADQUAL_VAR", default=str(BASE_DIR / "var")))

ENVIRONMENT = env.one_of("LEADQUAL_ENV", ("development", "production"), "development")
PRODUCTION = ENVIRONMENT == "production"
# What this process is: "web" (wsgi.py), "embedded" (`manage.py up`) or "" (command, worker).
PROCESS = env.str("LEADQUAL_PROCESS", default="")

DEBUG = False if PRODUCTION else env.flag("LEADQUAL_DEBUG", False)


def _secret_key() -> str:
    if given := env.str("SECRET_KEY", default=""):
        return given
    if PRODUCTION:
        raise WrongValue("SECRET_KEY must be set when LEADQUAL_ENV=production")
    return development_secret(VAR_DIR)


SECRET_KEY = _secret_key()
PUBLIC_ADDRESS = env.str("LEADQUAL_ADDRESS", default="http://localhost:8000").rstrip("/")  # in mails
ALLOWED_HOSTS: list[str] = env.list(
    "ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "leadqual.common",
    "leadqual.leads",
    "segments",
    "leadqual.scoring",
    "leadqual.messaging",
    "journeys",
    "handoff",
    "leadqual.improvement",
    "leadqual.desk",
    "leadqual.api",
    "leadqual.operations",
    "leadqual.demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "leadqual.common.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "leadqual.common.signing_in.SecondFactorMiddleware",
    "leadqual.common.access.DenyByDefaultMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "leadqual.urls"
WSGI_APPLICATION = "leadqual.wsgi.application"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:home"
FORM_RENDERER = "leadqual.common.forms.Renderer"

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
                "leadqual.common.pages.frame",
                "handoff.frame.team",
            ],
        },
    },
]

# A file larger than this is refused before anything is read from it.
IMPORT_MOST_BYTES = env.whole("LEADQUAL_IMPORT_MOST_MB", 512) * 1_000_000
FILE_UPLOAD_HANDLERS = [
    "leadqual.common.uploads.LimitedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Database -------------------------------------------------------------------------------------

SQLITE_OPTIONS = {
    # Writers queue up at BEGIN instead of failing at their first write after a read.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}


def _database() -> dict[str, Any]:
    database: dict[str, Any] = env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'leadqual.sqlite3'}")
    database["ATOMIC_REQUESTS"] = False
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"].endswith("sqlite3"):
        options.update(SQLITE_OPTIONS)
        folder = Path(database["NAME"]).parent
        if folder == VAR_DIR:
            folder.mkdir(parents=True, exist_ok=True)
    elif PROCESS == "web":
        # For the web only: Celery closes the pool after every task.
        options["pool"] = {"min_size": 1, "max_size": env.whole("LEADQUAL_POOL", 8, least=1)}
    else:
        database["CONN_MAX_AGE"] = 60
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Language and time ----------------------------------------------------------------------------

LANGUAGE_CODE = env.one_of("LEADQUAL_LANGUAGE", ("ja", "en"), "ja")
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.zone("LEADQUAL_TIME_ZONE", "Asia/Tokyo")

# --- Static files ---------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "leadqual" / "static"]
# In development files are served from where they lie.
STATIC_ROOT = VAR_DIR / "static" if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
if PRODUCTION:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

# --- Security -------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.flag("LEADQUAL_SSL_REDIRECT", True)
    # A load balancer asks for the state inside the house, without TLS.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = env.whole("LEADQUAL_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if env.flag("LEADQUAL_BEHIND_PROXY", False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

AUTHENTICATION_BACKENDS = ["leadqual.common.signing_in.Backend"]
ACCOUNT_ADAPTER = "leadqual.common.signing_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# How many proxies in front may be believed about a visitor's address; sign-in attempts are limited by it.
ALLAUTH_TRUSTED_PROXY_COUNT = env.whole("LEADQUAL_PROXIES", 0)
# The history shows what was; going back is a change like any other, with its checks.
SIMPLE_HISTORY_REVERT_DISABLED = True
MFA_ADAPTER = "leadqual.common.signing_in.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "leadqual"
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Staff must sign in with a second factor; elsewhere it is offered.
REQUIRE_SECOND_FACTOR = env.flag("LEADQUAL_REQUIRE_SECOND_FACTOR", PRODUCTION)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

REST_FRAMEWORK = {
    # LoginRequiredMiddleware passes over API views: without this the API would answer strangers.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "leadqual.api.authentication.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["leadqual.api.parsing.CappedJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "leadqual.api.paging.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "leadqual.api.errors.handle",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "leadqual",
    "VERSION": "1",
    "DESCRIPTION": "Leads, what they do, why they are hot, who has them, and what sales said.",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
}
# The largest body the API reads.
API_MOST_BYTES = env.whole("LEADQUAL_API_MOST_KB", 1024) * 1024

# --- Mail -----------------------------------------------------------------------------------------

if env.str("EMAIL_URL", default=""):
    vars().update(env.mail("EMAIL_URL"))
else:
    # Files that people can open; on a console the bodies would end up in a log.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="leadqual@localhost")

# --- Celery ---------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", "memory://localhost//")
CACHES = shared_cache(CELERY_BROKER_URL, VAR_DIR / "cache", shared=PRODUCTION)
# The worker lives in the process of `manage.py up`; a command in a shell sends its messages nowhere.
EMBEDDED = CELERY_BROKER_URL.startswith("memory://")

CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_RESULT_BACKEND = None
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_QUEUES = [Queue(HIGH_QUEUE), Queue("celery")]
CELERY_TASK_ROUTES = ROUTES
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = beat_schedule(SWEEP_EMBEDDED if EMBEDDED else SWEEP_PRODUCTION)
# A publish that finds no broker gives up soon: the row is there and a sweep finds it.
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5,
}  # fmt: skip

if CELERY_BROKER_URL.startswith(("redis://", "rediss://")):
    CELERY_BROKER_TRANSPORT = "leadqual.common.redis_broker:Transport"
CELERY_BROKER_TRANSPORT_OPTIONS = transport_options(CELERY_BROKER_URL)

# --- Logs -----------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Beside the pages a line for each of two sweeps every two seconds would hide everything else.
    "loggers": {
        name: {"level": "WARNING" if EMBEDDED else "INFO"}
        for name in ("celery.beat", "celery.app.trace", "celery.worker.strategy", "celery.worker.consumer")
    },
    "root": {"handlers": ["console"], "level": env.one_of("LEADQUAL_LOG_LEVEL", LEVELS, "INFO")},
}
