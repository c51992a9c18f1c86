"""Settings about browsers and people who sign in: sessions, what pages may run, wrong passwords.."""

from datetime import timedelta

from civiparoisse.env import read_integer
from civiparoisse.places import STATE_DIR

__all__ = [
    "AUTHENTICATION_BACKENDS",
    "AXES_CLIENT_IP_CALLABLE",
    "AXES_COOLOFF_TIME",
    "AXES_DISABLE_ACCESS_LOG",
    "AXES_ENABLE_ADMIN",
    "AXES_FAILURE_LIMIT",
    "AXES_LOCKOUT_CALLABLE",
    "AXES_LOCKOUT_PARAMETERS",
    "AXES_RESET_ON_SUCCESS",
    "AXES_SENSITIVE_PARAMETERS",
    "CACHES",
    "CONTENT_SECURITY_POLICY",
    "SESSION_COOKIE_AGE",
]

# A working day from the sign-in on, whatever is done meanwhile: pages that read themselves again would keep a sliding
# session open for ever on a screen that somebody left.
SESSION_COOKIE_AGE = 8 * 3600
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        # Alpine makes functions of the attributes of unfold’s pages; no script stands inline.
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],  # colours and widths stand in attributes
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Wrong passwords, counted in the database, so that the count holds over processes and restarts: this many for one
# account from one address, or from one address for whatever accounts, close the sign-in for it until the time is over.
AXES_FAILURE_LIMIT = read_integer("CIVIPAROISSE_SIGN_IN_ATTEMPTS", default=10, minimum=3, maximum=100)
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address"]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "civiparoisse.addresses.get_client_address"
AXES_LOCKOUT_CALLABLE = "civiparoisse.lockout.show_locked"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_SENSITIVE_PARAMETERS = ["username"]  # in the log; people type passwords there
# Beside the database, what several processes of this machine count together (refused tokens of the API).
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(STATE_DIR / "counts"),
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
