"""A cluster's parameters in a YAML file, and its secrets in files of their own or on standard input.

Unlike a parish's file this one has lists and mappings: the rare settings.
"""

from typing import Any

from django.utils.translation import gettext as _

from clusters.parameters import SECRET_FIELDS
from domain.strict_yaml import YamlRefused, parse_yaml
from tenants import text_files
from tenants.text_files import refuse_file, refuse_yaml

LIMIT_BYTES = 256 * 1024


def read_cluster_file(path: str) -> dict[str, Any]:
    """Return the values by name in the YAML file at `path`. Raise CiviparoisseError `file_unreadable`, also for a
    secret: those come from files of their own."""
    try:
        document = parse_yaml(read_text_file(path))
    except YamlRefused as refused:
        raise refuse_yaml(path, refused) from None
    if document is None:
        return {}
    if not isinstance(document, dict) or not all(isinstance(name, str) for name in document):
        raise refuse_file(path, _("not a list of names and values"))
    if secrets := sorted(SECRET_FIELDS & document.keys()):
        raise refuse_file(path, _("it holds a secret (%s): give it in a file of its own") % ", ".join(secrets))
    return document


def read_text_file(path: str) -> str:
    """Return the text of the file at `path`; - is standard input. Raise CiviparoisseError `file_unreadable`."""
    return text_files.read_text_file(path, limit_bytes=LIMIT_BYTES, standard_input=True)
