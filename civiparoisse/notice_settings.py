"""Settings of messages to people and programs, and of those who watch from outside (docs/watch.md)."""

from civiparoisse.env import is_given, read_choice, read_integer, read_secret, read_text
from civiparoisse.places import STATE_DIR

__all__ = [
    "DEFAULT_FROM_EMAIL",
    "EMAIL_HOST",
    "EMAIL_HOST_PASSWORD",
    "EMAIL_HOST_USER",
    "EMAIL_PORT",
    "EMAIL_TIMEOUT",
    "EMAIL_USE_SSL",
    "EMAIL_USE_TLS",
    "HEARTBEAT_URL",
    "METRICS_TOKEN",
    "PUBLIC_URL",
    "REMINDER_HOURS",
]

PASSWORD_FILE = STATE_DIR / "keys" / "mail_password"
TOKEN_FILE = STATE_DIR / "keys" / "metrics_token"

# Mail goes nowhere while no host is given. Port 587 with STARTTLS is what providers offer for submission (RFC 6409).
EMAIL_HOST = read_text("CIVIPAROISSE_MAIL_HOST", "")
EMAIL_PORT = read_integer("CIVIPAROISSE_MAIL_PORT", default=587, minimum=1, maximum=65535)
MAIL_SECURITY = read_choice("CIVIPAROISSE_MAIL_SECURITY", default="starttls", choices=("starttls", "tls", "none"))
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_SECURITY == "starttls", MAIL_SECURITY == "tls"
EMAIL_HOST_USER = read_text("CIVIPAROISSE_MAIL_USER", "")
EMAIL_HOST_PASSWORD = read_secret("CIVIPAROISSE_MAIL_PASSWORD", default_file=PASSWORD_FILE) if EMAIL_HOST_USER else ""
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = read_text("CIVIPAROISSE_MAIL_FROM", "civiparoisse@localhost")
# Where people reach the administration: links in messages begin with it; without it they are left out.
PUBLIC_URL = read_text("CIVIPAROISSE_PUBLIC_URL", "").rstrip("/")
# Called every five minutes while all is well: a watch elsewhere tells when it stays away.
HEARTBEAT_URL = read_text("CIVIPAROISSE_HEARTBEAT_URL", "")
# Opens /metrics to Prometheus; without one there is no such page.
METRICS_TOKEN = (
    read_secret("CIVIPAROISSE_METRICS_TOKEN", default_file=TOKEN_FILE)
    if TOKEN_FILE.is_file() or is_given("CIVIPAROISSE_METRICS_TOKEN")
    else ""
)
# What is critical and stands is told again after this; 0 never. Hours.
REMINDER_HOURS = read_integer("CIVIPAROISSE_REMINDER_HOURS", default=24, minimum=0, maximum=720)
