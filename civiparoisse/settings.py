"""Every setting once: unit in the name, why that default beside it. Read from the environment by env.py."""

from pathlib import Path
from typing import Any

from civiparoisse.appearance import APPEARANCE
from civiparoisse.browser_settings import *  # noqa: F403 - every name there is a setting
from civiparoisse.connections import make_mysql
from civiparoisse.env import read_choice, read_flag, read_integer, read_list, read_secret, read_text
from civiparoisse.log_settings import *  # noqa: F403 - as above
from civiparoisse.notice_settings import *  # noqa: F403 - as above
from civiparoisse.places import STATE_DIR, find_data
from civiparoisse.queue_settings import *  # noqa: F403 - as above
from civiparoisse.schedule import make_schedule

# --- Secrets -------------------------------------------------------------------------------------------------
SECRET_KEY = read_secret("CIVIPAROISSE_SECRET_KEY", default_file=STATE_DIR / "keys" / "secret_key")
# Lines of `key_id:fernet_key`; the first encrypts, all decrypt (see tenants/encryption.py).
FIELD_KEYS = read_secret("CIVIPAROISSE_FIELD_KEYS", default_file=STATE_DIR / "keys" / "field_keys")

# --- Web -----------------------------------------------------------------------------------------------------
DEBUG = read_flag("CIVIPAROISSE_DEBUG", default=False)
ALLOWED_HOSTS = read_list("CIVIPAROISSE_ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = read_list("CIVIPAROISSE_TRUSTED_ORIGINS", "")
# Set when a TLS proxy stands in front: cookies are then sent over https only.
BEHIND_TLS = read_flag("CIVIPAROISSE_BEHIND_TLS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^livez$", "^readyz$", "^metrics$"]  # probes come past the proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "parish_site.stale_posts.show_stale"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "axes",
    "csp",
    "django_filters",
    "civiparoisse.apps.WiringConfig",
    "engine.apps.EngineConfig",
    "tenants",
    "operations",
    "backups",
    "offsite",
    "finops",
    "clusters",
    "recovery",
    "watch",
    "parish_requests",
    "campaigns",
    "api",
    "console",
    "parish_site",
]
MIDDLEWARE = [
    "watch.metrics.requests.CountRequests",
    "civiparoisse.request_lines.BindRequest",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "civiparoisse.request_lines.BindActor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "civiparoisse.headers.NoStore",
    "api.door.ApiDoor",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "civiparoisse.urls"
WSGI_APPLICATION = "civiparoisse.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [find_data("templates")],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
STATIC_URL = "static/"
STATIC_ROOT = Path(read_text("CIVIPAROISSE_STATIC_DIR", str(STATE_DIR / "static")))
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
UNFOLD = APPEARANCE
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database ------------------------------------------------------------------------------------------------
DATABASE_ENGINE = read_choice("CIVIPAROISSE_DATABASE", default="sqlite", choices=("sqlite", "mysql"))
DATABASES: dict[str, dict[str, Any]]
if DATABASE_ENGINE == "sqlite":
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": read_text("CIVIPAROISSE_SQLITE_PATH", str(STATE_DIR / "manager.sqlite3")),
            "OPTIONS": {
                # Several processes write: take the write lock at BEGIN, wait for it, readers never block.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;",
            },
        }
    }
else:
    DATABASES = {"default": make_mysql()}

# --- Language ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [find_data("locale")]
TIME_ZONE = "Europe/Paris"
USE_I18N = USE_TZ = True

CELERY_TIMEZONE = TIME_ZONE

# --- Operations ----------------------------------------------------------------------------------------------
# A worker that dies holds its operation for at most this long; renewed at a third of it.
LEASE_SECONDS = read_integer("CIVIPAROISSE_LEASE_SECONDS", default=30, minimum=1, maximum=3600)
# How often lost or expired operations are looked for; bounds how long a lost message delays one.
SWEEP_SECONDS = read_integer("CIVIPAROISSE_SWEEP_SECONDS", default=5, minimum=1, maximum=600)
# How often measured use is sampled; metrics.k8s.io itself looks every 15 to 60 seconds.
USAGE_SECONDS = read_integer("CIVIPAROISSE_USAGE_SECONDS", default=300, minimum=10, maximum=3600)
CELERY_BEAT_SCHEDULE = make_schedule(sweep_seconds=SWEEP_SECONDS, usage_seconds=USAGE_SECONDS)
# In memory: a schedule that was kept would be believed after the machine had a wrong time, or was cut short by a disk.
CELERY_BEAT_SCHEDULER = "operations.clock:Clock"
# For how long the clock or the workers may be silent before the manager says that it does not work.
SILENCE_SECONDS = read_integer("CIVIPAROISSE_SILENCE_SECONDS", default=120, minimum=5, maximum=86400)
# Less free room than this on a disk that the manager writes to (its state, its broker, its SQLite file) is told. MiB.
STATE_FOLDER = STATE_DIR
# A migration goes on though no archive of the manager could be made before it.
MIGRATE_WITHOUT_ARCHIVE = read_flag("CIVIPAROISSE_MIGRATE_WITHOUT_ARCHIVE", default=False)
DISK_WARNING_MEBIBYTES = read_integer("CIVIPAROISSE_DISK_WARNING_MEBIBYTES", default=1024, minimum=0, maximum=10**9)
# How long a server may make no progress, and a job may take; the second: while an image is pulled or a volume attached.
READY_TIMEOUT_SECONDS = read_integer("CIVIPAROISSE_READY_TIMEOUT_SECONDS", default=180, minimum=5, maximum=3600)
PREPARE_TIMEOUT_SECONDS = read_integer("CIVIPAROISSE_PREPARE_TIMEOUT_SECONDS", default=1800, minimum=5, maximum=86400)
# All tries together; the real images install or update Drupal and CiviCRM meanwhile.
INIT_TIMEOUT_SECONDS = read_integer("CIVIPAROISSE_INIT_TIMEOUT_SECONDS", default=3600, minimum=30, maximum=86400)
UPDATE_TIMEOUT_SECONDS = read_integer("CIVIPAROISSE_UPDATE_TIMEOUT_SECONDS", default=3600, minimum=30, maximum=86400)
# A cluster takes its time to let go of volumes.
PURGE_TIMEOUT_SECONDS = read_integer("CIVIPAROISSE_PURGE_TIMEOUT_SECONDS", default=1800, minimum=5, maximum=86400)
# More than the longest time that a deletion can be undone (a year): that wait is a step as any other.
GRACE_TIMEOUT_SECONDS = 400 * 86_400
# Providers grow a disk in seconds or minutes; some ask to wait hours between two growths.
VOLUMES_TIMEOUT_SECONDS = read_integer("CIVIPAROISSE_VOLUMES_TIMEOUT_SECONDS", default=900, minimum=5, maximum=86400)
BACKUP_TIMEOUT_SECONDS = read_integer("CIVIPAROISSE_BACKUP_TIMEOUT_SECONDS", default=7200, minimum=10, maximum=86400)
# All that one verification reads together.
VERIFY_TIMEOUT_SECONDS = read_integer("CIVIPAROISSE_VERIFY_TIMEOUT_SECONDS", default=86400, minimum=10, maximum=604800)
# One set to one destination; a slow line may need hours.
COPY_TIMEOUT_SECONDS = read_integer("CIVIPAROISSE_COPY_TIMEOUT_SECONDS", default=21600, minimum=10, maximum=86400)
TOOLS_TIMEOUT_SECONDS = 3900  # an hour, and what its end takes
RESTORE_TIMEOUT_SECONDS = read_integer("CIVIPAROISSE_RESTORE_TIMEOUT_SECONDS", default=14400, minimum=10, maximum=86400)

# --- Instances -----------------------------------------------------------------------------------------------
# The domain of the parishes' hosts and of their mail.
PARISH_DOMAIN = read_text("CIVIPAROISSE_PARISH_DOMAIN", "uepal.net")
# How the host of a new instance is made of {slug} (its identifier) and {domain}. A certificate for *.DOMAIN covers one
# label only: with one, {slug}.{domain}.
HOST_TEMPLATE = read_text("CIVIPAROISSE_HOST_TEMPLATE", "www.{slug}.{domain}")
# Where an instance runs when nobody says where: "local" (this machine) or the name of a cluster.
DEFAULT_ENGINE = read_text("CIVIPAROISSE_DEFAULT_ENGINE", "local")
BACKUP_CODEC = read_choice("CIVIPAROISSE_BACKUP_CODEC", default="gzip", choices=("gzip", "zstd"))
# Back up every night the active production instances whose engine does not do so by itself.
NIGHTLY_BACKUPS = read_flag("CIVIPAROISSE_NIGHTLY_BACKUPS", default=True)
# Remove by itself what backup policies let go.
PRUNING = read_flag("CIVIPAROISSE_PRUNING", default=True)
# How many backups are proven at the same time on one engine: each takes the room of one more instance meanwhile.
PROOFS_AT_ONCE = read_integer("CIVIPAROISSE_PROOFS_AT_ONCE", default=1, minimum=1, maximum=1000)
# backup_check: ages of the last good backup, in hours.
BACKUP_WARNING_HOURS = read_integer("CIVIPAROISSE_BACKUP_WARNING_HOURS", default=26, minimum=1, maximum=10000)
BACKUP_CRITICAL_HOURS = read_integer("CIVIPAROISSE_BACKUP_CRITICAL_HOURS", default=50, minimum=1, maximum=10000)
BACKUP_RETENTION_DAYS = read_integer("CIVIPAROISSE_BACKUP_RETENTION_DAYS", default=400, minimum=1, maximum=36500)
# Names, addresses and texts of parishes' requests are erased so long after their end. Months.
REQUESTS_ERASED_AFTER_MONTHS = read_integer(
    "CIVIPAROISSE_REQUESTS_ERASED_AFTER_MONTHS", default=24, minimum=1, maximum=600
)
# A cron run is killed after this (docs/traps.md#endless-cron).
CRON_TIMEOUT_SECONDS = read_integer("CIVIPAROISSE_CRON_TIMEOUT_SECONDS", default=540, minimum=10, maximum=3600)

# Engines on which nothing is reserved, so that nothing is refused for lack of room. The local one shares its machine.
CAPACITY_UNCHECKED_ENGINES = read_list("CIVIPAROISSE_CAPACITY_UNCHECKED_ENGINES", "local")

# --- Costs ---------------------------------------------------------------------------------------------------
# From when on the administration says that something is paid for and not used. Days.
FINOPS_SUSPENDED_DAYS = read_integer("CIVIPAROISSE_FINOPS_SUSPENDED_DAYS", default=60, minimum=1, maximum=3650)
FINOPS_IDLE_DAYS = read_integer("CIVIPAROISSE_FINOPS_IDLE_DAYS", default=90, minimum=1, maximum=3650)

# --- Local engine --------------------------------------------------------------------------------------------
LOCAL_ENGINE_ROOT = Path(read_text("CIVIPAROISSE_LOCAL_ROOT", str(STATE_DIR / "local")))
LOCAL_FIRST_PORT = read_integer("CIVIPAROISSE_LOCAL_FIRST_PORT", default=21000, minimum=1024, maximum=65000)
LOCAL_LAST_PORT = read_integer("CIVIPAROISSE_LOCAL_LAST_PORT", default=22999, minimum=1024, maximum=65535)
# As root: empty gives each instance an account of its own, a free number between these; a name makes all share one.
LOCAL_ACCOUNT = read_text("CIVIPAROISSE_LOCAL_ACCOUNT", "") or None
LOCAL_FIRST_ACCOUNT = read_integer("CIVIPAROISSE_LOCAL_FIRST_ACCOUNT", default=50000, minimum=1000, maximum=2**31 - 2)
LOCAL_LAST_ACCOUNT = read_integer("CIVIPAROISSE_LOCAL_LAST_ACCOUNT", default=59999, minimum=1000, maximum=2**31 - 2)

# --- REST API ------------------------------------------------------------------------------------------------
# A token ends by itself, unless more or less is asked for: one that somebody forgot opens nothing for ever. Days.
API_TOKEN_DAYS = read_integer("CIVIPAROISSE_API_TOKEN_DAYS", default=365, minimum=1, maximum=730)
API_TOKEN_MOST_DAYS = 730
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.ApiTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.ActionPermissions"],
    "DEFAULT_METADATA_CLASS": None,  # the schema describes; OPTIONS is no method of any address
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "api.pagination.BoundedPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "api.exceptions.handle_exception",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.BoundedJSONParser"],
    "URL_FORMAT_OVERRIDE": None,  # there is one format
    # Per address. A person who mistypes needs a few; a right token is never slowed down.
    "DEFAULT_THROTTLE_RATES": {"refused_token": "20/min"},
    # Whose word is taken for the client's address: the TLS proxy's if there is one, else nobody's.
    "NUM_PROXIES": 1 if BEHIND_TLS else 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Civiparoisse",
    "VERSION": "1",
    "DESCRIPTION": (
        "Send `Authorization: Bearer <token>` (made by `api_token_create`). Every refusal is "
        '`{"error": {"code", "message", "hint", "fields"?}}`: `code` is stable, texts follow Accept-Language. '
        "What changes an instance answers 202 with an operation to follow at `Location`; `?dry_run=true` only says "
        "what would be done, and an `Idempotency-Key` makes repeating safe."
    ),
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["api.permissions.StaffOnly"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": [
        "api.schema.refuse_unknown_fields",
        "api.schema.require_answered_fields",
        "api.schema.describe_tenants",
        "api.schema.describe_query",
        "api.schema.describe_errors",
    ],
}
