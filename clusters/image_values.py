"""Values of a cluster's settings about images: a mirror, digests. Raise InvalidValue for what pods could not pull."""

import re

from django.utils.translation import gettext as _

from clusters.values import refuse

# A registry's host, maybe with its port, and a path below it (the distribution project's grammar of references).
MIRROR = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MIRROR_LENGTH = 200
MOST_DIGESTS = 64
REFERENCE_LENGTH = 300


def parse_mirror(field: str, value: object) -> str:
    """Return what stands before the name of every image; empty means none."""
    if not isinstance(value, str) or len(value) > MIRROR_LENGTH:
        raise refuse(field, _("give a registry and a path, without its scheme."))
    text = value.strip().rstrip("/")
    if text and not MIRROR.fullmatch(text):
        raise refuse(field, _("give a registry and a path, without its scheme."))
    return text


def parse_digests(field: str, value: object) -> dict[str, str]:
    """Return reference -> digest. Whether some release has an image of that name is not asked: releases change."""
    if not isinstance(value, dict) or len(value) > MOST_DIGESTS:
        raise refuse(field, _("give names of images and their digests."))
    for name, digest in value.items():
        if not isinstance(name, str) or not 0 < len(name) <= REFERENCE_LENGTH or "@" in name or " " in name:
            raise refuse(
                field, _("%(text)s is not the name of an image without a digest.") % {"text": ascii(name)[:60]}
            )
        if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
            raise refuse(field, _("%(name)s: give its digest, sha256: and 64 digits.") % {"name": ascii(name)[:60]})
    return dict(value)
