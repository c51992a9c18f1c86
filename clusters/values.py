"""Values of a cluster's settings, judged at the door: they become names, labels and networks of Kubernetes objects.

Every `parse_` takes the field's name and the value, and returns it as it is recorded. Raise InvalidValue.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from domain.errors import InvalidValue
from domain.names import is_host, parse_host_template
from domain.values import parse_host, parse_port
from manifests.names import LABEL, LABEL_KEY, LABEL_LENGTH, LABEL_VALUE, SUBDOMAIN, SUBDOMAIN_LENGTH

# Of the column Instance.engine, which holds a cluster's name.
NAME_LENGTH = 40
API_GROUP = re.compile(rf"{SUBDOMAIN.pattern}/v[0-9]+((alpha|beta)[0-9]+)?")
# The API server's own limit for all annotations of an object together is 256 KiB; a few lines are enough here.
ANNOTATION_LENGTH = 4096
MOST_ENTRIES = 64


def refuse(field: str, reason: str) -> InvalidValue:
    """Return the error to raise. `reason`: already worded, without a secret's value."""
    return InvalidValue(field=field, reason=reason)


def parse_name(field: str, value: object, *, taken: Iterable[str] = ()) -> str:
    """Return a cluster's name: an RFC 1123 label of at most 40 characters, none of `taken` (names of engines)."""
    text = _read_text(field, value)
    if len(text) > NAME_LENGTH:
        raise refuse(field, _("at most %(count)s characters.") % {"count": NAME_LENGTH})
    if not LABEL.fullmatch(text):
        raise refuse(field, _("lower-case letters a to z, digits and hyphens only, no hyphen first or last."))
    if text in taken:
        raise refuse(field, _("this name is reserved."))
    return text


def parse_label(field: str, value: object, *, required: bool = False) -> str:
    """Return the name of a namespace, a Gateway or the like: an RFC 1123 label."""
    text = _read_text(field, value)
    if (text or required) and not (len(text) <= LABEL_LENGTH and LABEL.fullmatch(text)):
        raise refuse(field, _("lower-case letters a to z, digits and hyphens only, no hyphen first or last."))
    return text


def parse_object_name(field: str, value: object) -> str:
    """Return the name of a class or a Secret: RFC 1123 labels separated by dots. Empty means none."""
    text = _read_text(field, value)
    if text and not (len(text) <= SUBDOMAIN_LENGTH and SUBDOMAIN.fullmatch(text)):
        raise refuse(field, _("is not the name of a Kubernetes object: a to z, digits, hyphens and dots."))
    return text


def parse_domain(field: str, value: object) -> str:
    """Return a domain in lower case; empty means the installation's own."""
    text = _read_text(field, value)
    text = text.lower() if text.isascii() else text
    if text and not (is_host(text) and "." in text):
        raise refuse(field, _("is not a domain like uepal.net."))
    return text


def parse_hosts(field: str, value: object) -> str:
    """Return how hosts of new instances are made, e.g. {slug}.paroisses.example; empty means as the installation's."""
    return parse_host_template(value, field=field) if value else ""


def parse_address(field: str, value: object) -> str:
    """Return where a server answers: a host's name or IPv4 address, and a port after a colon unless it is 443. Empty
    means none."""
    text = _read_text(field, value)
    host, separator, port = text.partition(":")
    if text:
        parse_host(field, host, required=True)
        if separator:
            parse_port(field, port)
    return text.lower()


def parse_api_group(field: str, value: object) -> str:
    """Return an API group with its version."""
    text = _read_text(field, value)
    if not API_GROUP.fullmatch(text):
        raise refuse(field, _("is not an API group with its version like traefik.io/v1alpha1."))
    return text


def make_choice(choices: Iterable[str]) -> Callable[[str, object], str]:
    """Return the parser of a value that is one of `choices`."""
    known = tuple(choices)

    def parse(field: str, value: object) -> str:
        if not isinstance(value, str) or value not in known:
            raise refuse(field, _("give one of %(names)s.") % {"names": ", ".join(known)})
        return value

    return parse


def make_count(least: int, most: int) -> Callable[[str, object], int]:
    """Return the parser of a whole number from `least` to `most`, as a number or in digits."""

    def parse(field: str, value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise refuse(field, _("give a whole number from %(least)s to %(most)s.") % {"least": least, "most": most})
        return value

    return parse


def parse_networks(field: str, value: object) -> list[str]:
    """Return networks as 10.0.0.0/8 or fc00::/7, in their own form; bits of a host are refused."""
    networks = []
    for text in _read_list(field, value):
        try:
            networks.append(str(ipaddress.ip_network(text)))
        except ValueError as error:
            raise refuse(field, _("%(text)s is not a network like 10.0.0.0/8.") % {"text": ascii(text)}) from error
    return networks


def parse_labels(field: str, value: object) -> dict[str, str]:
    """Return labels that pods have, by key; at least one, since none would mean every pod."""
    labels = _read_map(field, value)
    for key, text in labels.items():
        if not LABEL_KEY.fullmatch(key) or len(text) > LABEL_LENGTH or not LABEL_VALUE.fullmatch(text):
            raise refuse(field, _("%(text)s is not a label and its value.") % {"text": ascii(f"{key}: {text}")})
    if not labels:
        raise refuse(field, _("give at least one label: none would mean every pod."))
    return labels


def parse_annotations(field: str, value: object) -> dict[str, str]:
    """Return annotations by key."""
    annotations = _read_map(field, value)
    for key, text in annotations.items():
        if not LABEL_KEY.fullmatch(key) or len(text) > ANNOTATION_LENGTH:
            raise refuse(field, _("%(text)s is not an annotation.") % {"text": ascii(key)})
    return annotations


def parse_entry_points(field: str, value: object) -> list[str]:
    """Return names of Traefik's entry points; at least one."""
    names = _read_list(field, value)
    if not names or not all(LABEL.fullmatch(name.lower()) for name in names):
        raise refuse(field, _("give the names of entry points, e.g. websecure."))
    return names


def parse_pull_config(field: str, value: object) -> str:
    """Return a registry's account as a `.dockerconfigjson` document, unchanged. Nothing of it is ever shown."""
    text = _read_text(field, value)
    if not text:
        return ""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse(field, _("is not a JSON document.")) from error
    accounts = document.get("auths") if isinstance(document, dict) else None
    if not isinstance(accounts, dict) or not accounts:
        raise refuse(field, _("has no “auths”: give the file ~/.docker/config.json of an account."))
    return text


def _read_text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise refuse(field, _("is not a text; in a file, put it between quotes."))
    return value


def _read_list(field: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value) or len(value) > MOST_ENTRIES:
        raise refuse(field, _("give a list of texts."))
    return value


def _read_map(field: str, value: object) -> dict[str, str]:
    if (
        not isinstance(value, dict)
        or len(value) > MOST_ENTRIES
        or not all(isinstance(text, str) for pair in value.items() for text in pair)
    ):
        raise refuse(field, _("give names and texts."))
    return value
