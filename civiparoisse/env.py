"""Typed readers of the environment; the only place that reads os.environ. A wrong value stops the start."""

import os
import secrets
from pathlib import Path

from domain.known_secrets import remember

# Set by manage.py for the command that brings keys back to a machine that has none.
WITHOUT_KEYS = "CIVIPAROISSE_WITHOUT_KEYS"


class SettingInvalid(SystemExit):
    """A setting's value is refused; the process stops with the setting's name and what is accepted."""


def read_text(name: str, default: str) -> str:
    """Return the text in `name`, or `default` when it is not set."""
    return os.environ.get(name, default)


def read_flag(name: str, *, default: bool) -> bool:
    """Return a boolean; accepted: 1, 0, true, false, yes, no."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    accepted = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if raw.lower() not in accepted:
        raise SettingInvalid(f"{name}={raw!r} is not accepted: give one of {', '.join(accepted)}.")
    return accepted[raw.lower()]


def read_integer(name: str, *, default: int, minimum: int, maximum: int) -> int:
    """Return a whole number between `minimum` and `maximum`."""
    raw = os.environ.get(name, str(default))
    if not raw.isascii() or not raw.isdigit() or not minimum <= int(raw) <= maximum:
        raise SettingInvalid(f"{name}={raw!r} is not accepted: give a whole number from {minimum} to {maximum}.")
    return int(raw)


def read_choice(name: str, *, default: str, choices: tuple[str, ...]) -> str:
    """Return one of `choices`."""
    raw = os.environ.get(name, default)
    if raw not in choices:
        raise SettingInvalid(f"{name}={raw!r} is not accepted: give one of {', '.join(choices)}.")
    return raw


def read_list(name: str, default: str) -> list[str]:
    """Return the comma-separated items of `name`, blanks removed."""
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def is_given(name: str) -> bool:
    """Return whether the environment gives a secret, or names the file that holds it."""
    return name in os.environ or f"{name}_FILE" in os.environ


def list_given() -> dict[str, str]:
    """Return every setting of ours that the environment gives, secrets left out."""
    secret = ("_KEY", "_KEYS", "_PASSWORD", "_REDIS_URL", "_HEARTBEAT_URL", "_TOKEN")
    given = {name: value for name, value in os.environ.items() if name.startswith("CIVIPAROISSE_")}
    return {name: value for name, value in given.items() if not name.endswith(secret)}


def read_file(name: str, *, default_file: Path) -> str:
    """Return the path of the file that `name` names, else of `default_file` if it is there, else "".

    A file that is named and missing, or empty, stops the start."""
    named = os.environ.get(name, "")
    path = Path(named) if named else default_file
    if path.is_file() and path.stat().st_size:
        return str(path)
    if named and WITHOUT_KEYS not in os.environ:
        raise SettingInvalid(f"{name}={named!r} is not accepted: there is no such file, or it is empty.")
    return ""


def read_secret(name: str, *, default_file: Path) -> str:
    """Return a secret, and keep it out of this process's log. See _find_secret."""
    value = _find_secret(name, default_file=default_file)
    remember(value)
    return value


def _find_secret(name: str, *, default_file: Path) -> str:
    """Return a secret from `name`, or from the file named by `name`_FILE, or from `default_file`.

    Never logged. A file that is named but missing or empty stops the start.
    """
    if name in os.environ:
        return os.environ[name]
    named = os.environ.get(f"{name}_FILE")
    path = Path(named) if named else default_file
    if not path.is_file() or not path.read_text().strip():
        if WITHOUT_KEYS in os.environ:
            return secrets.token_urlsafe(48)  # stands in its place, and opens nothing
        raise SettingInvalid(
            f"{name} is not set and {path} is missing or empty. Run `civiparoisse setup` (`make setup` in a checkout), "
            f"or set {name}, or {name}_FILE to a file that holds it."
        )
    return path.read_text().strip()
