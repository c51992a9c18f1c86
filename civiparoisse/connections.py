"""How the manager reaches its database server and its broker when they are elsewhere: addresses, accounts and TLS."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from civiparoisse.env import SettingInvalid, is_given, read_choice, read_file, read_integer, read_secret, read_text
from civiparoisse.places import STATE_DIR

KEYS = STATE_DIR / "keys"
DISABLED, PREFERRED, VERIFY = "disabled", "preferred", "verify_identity"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Files of TLS in PEM, "" where there is none. `authority`: who signs servers; `certificate` and `key`: our own."""

    authority: str
    certificate: str
    key: str


def read_tls_files(server: str) -> TlsFiles:
    """Return the files of CIVIPAROISSE_{server}_CA_FILE, _CERTIFICATE_FILE and _KEY_FILE; unless given, those that lie
    among the keys, where the manager's own archive finds them. A certificate without its key stops the start."""
    names = ("CA", "CERTIFICATE", "KEY")
    read = [
        read_file(f"CIVIPAROISSE_{server}_{name}_FILE", default_file=KEYS / f"{server.lower()}_{name.lower()}")
        for name in names
    ]
    files = TlsFiles(*read)
    if bool(files.certificate) != bool(files.key):
        raise SettingInvalid(
            f"CIVIPAROISSE_{server}_CERTIFICATE_FILE and CIVIPAROISSE_{server}_KEY_FILE belong together: give both."
        )
    return files


def make_mysql() -> dict[str, Any]:
    """Return Django's setting of a MySQL or MariaDB server. With `verify_identity` a server without TLS, or with a
    certificate of another name or authority, is refused before anything is sent."""
    files = read_tls_files("MYSQL")
    mode = read_choice(
        "CIVIPAROISSE_MYSQL_TLS",
        default=VERIFY if files.authority or files.certificate else PREFERRED,
        choices=(DISABLED, PREFERRED, VERIFY),
    )
    if mode != VERIFY and (files.authority or files.certificate):
        raise SettingInvalid(
            f"CIVIPAROISSE_MYSQL_TLS={mode} does not go with a CA or a certificate: give {VERIFY}, or leave it out."
        )
    # mysql-connector-python's own backend loses rows silently on Django 5.2: never use it as ENGINE.
    return {
        "ENGINE": "django.db.backends.mysql",
        "NAME": read_text("CIVIPAROISSE_MYSQL_NAME", "civiparoisse"),
        "USER": read_text("CIVIPAROISSE_MYSQL_USER", "civiparoisse"),
        "PASSWORD": read_secret("CIVIPAROISSE_MYSQL_PASSWORD", default_file=KEYS / "mysql_password"),
        "HOST": read_text("CIVIPAROISSE_MYSQL_HOST", "127.0.0.1"),
        "PORT": read_integer("CIVIPAROISSE_MYSQL_PORT", default=3306, minimum=1, maximum=65535),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"charset": "utf8mb4", "isolation_level": "read committed", **_make_mysql_tls(mode, files)},
    }


def _make_mysql_tls(mode: str, files: TlsFiles) -> dict[str, Any]:
    if mode == DISABLED:
        return {"ssl_disabled": True}
    if mode == PREFERRED:
        return {}
    # PyMySQL looks at no name unless it is given a file of authorities.
    options = {"ssl_ca": files.authority or find_authorities(), "ssl_verify_cert": True, "ssl_verify_identity": True}
    own = {"ssl_cert": files.certificate, "ssl_key": files.key} if files.certificate else {}
    return options | own


def find_authorities() -> str:
    """Return the file of the authorities that this machine trusts."""
    paths = ssl.get_default_verify_paths()
    for path in (paths.cafile, paths.openssl_cafile, "/etc/ssl/certs/ca-certificates.crt"):
        if path and Path(path).is_file():
            return path
    raise SettingInvalid("This machine has no file of authorities: install ca-certificates, or set …_CA_FILE.")


def make_redis() -> tuple[str, dict[str, Any] | None]:
    """Return the broker's address with its account, and what TLS needs (None without it). The server's name and
    certificate are always verified."""
    text = read_secret("CIVIPAROISSE_REDIS_URL", default_file=KEYS / "redis_url")
    files = read_tls_files("REDIS")
    parts = parse_redis_url(text)
    if parts.scheme == "redis" and (files.authority or files.certificate):
        raise SettingInvalid(
            "CIVIPAROISSE_REDIS_URL has no TLS, and a CA or a certificate is given: begin it rediss://"
        )
    address = _add_account(parts)
    if parts.scheme == "redis":
        return address, None
    options = {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
    named = {"ssl_ca_certs": files.authority, "ssl_certfile": files.certificate, "ssl_keyfile": files.key}
    return address, options | {name: path for name, path in named.items() if path}


def parse_redis_url(text: str) -> SplitResult:
    """Return the parts of redis://[user:password@]host[:port][/number], or rediss:// for TLS. What is refused is never
    repeated: it may hold a password."""
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.query or parts.fragment or not (parts.path.strip("/") or "0").isdecimal():
        raise SettingInvalid(
            "CIVIPAROISSE_REDIS_URL is not accepted: give redis://HOST:PORT/NUMBER, or rediss:// for TLS. An account "
            "stands in it as USER:PASSWORD@ (%-quoted), or in CIVIPAROISSE_REDIS_USER and CIVIPAROISSE_REDIS_PASSWORD."
        )
    return parts


def _add_account(parts: SplitResult) -> str:
    user, file = read_text("CIVIPAROISSE_REDIS_USER", ""), KEYS / "redis_password"
    given = is_given("CIVIPAROISSE_REDIS_PASSWORD") or file.is_file()
    if not given and not user:
        return parts.geturl()
    if parts.username or parts.password:
        raise SettingInvalid("CIVIPAROISSE_REDIS_URL has an account, and another one is given beside it: give one.")
    password = read_secret("CIVIPAROISSE_REDIS_PASSWORD", default_file=file)
    return parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{parts.netloc}").geturl()
