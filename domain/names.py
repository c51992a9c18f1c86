"""The names of a parish and of its instances: sub-domain, identifier, host. Pure; no database, no settings."""

import re
import unicodedata

from domain.errors import InvalidValue
from domain.specs import InstanceKind
from domain.texts import translate as _

# 63 octets of a label (RFC 1123) less "-verification", and short enough for Unix sockets below a directory of it.
SLUG_LENGTH = 40
HOST_LENGTH = 253
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

# Words that mean a machine of ours, a mailbox of RFC 2142, or a namespace of the cluster: a production instance's
# identifier is its parish's slug, and becomes both a host below the common domain and a namespace.
RESERVED = frozenset(
    "www www1 www2 web mail smtp imap pop pop3 mx webmail autoconfig autodiscover ftp sftp ssh vpn dns ns localhost"
    " api admin administrator root manager civiparoisse static cdn assets status monitoring logging logs metrics"
    " db mysql mariadb redis registry git backup backups default traefik ingress ingress-nginx cert-manager"
    " abuse hostmaster postmaster webmaster noreply no-reply security wpad isatap"
    " production sandbox verification".split()
)
RESERVED_PATTERN = re.compile(r"kube-.*|(ns|mx|dns|smtp|mail)[0-9]+")
# What a host is made of (settings HOST_TEMPLATE, and of each cluster).
SLUG, DOMAIN = "{slug}", "{domain}"
LONGEST_IDENTIFIER = SLUG_LENGTH + max(len(f"-{kind.value}") for kind in InstanceKind)
KIND_ENDINGS = tuple(f"-{kind.value}" for kind in InstanceKind)

# Letters that Unicode does not decompose into a base letter and an accent.
FOLDED = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ð": "d", "þ": "th"})
# What every parish is called: says nothing at the start of a sub-domain.
LEADING_WORDS = frozenset(
    "paroisse eglise communaute consistoire temple chapelle protestante protestant reformee lutherienne evangelique"
    " unie de du des d la le les l a au aux en".split()
)


def parse_slug(text: object, *, field: str = "slug") -> str:
    """Return `text` if it may be a parish's sub-domain: an RFC 1123 label in lower case, at most 40 characters, not
    reserved, and never to be taken for an instance's identifier. Raise InvalidValue."""
    if not isinstance(text, str) or not text:
        raise InvalidValue(field=field, reason=_("give the sub-domain, e.g. saint-paul."))
    if len(text) > SLUG_LENGTH:
        raise InvalidValue(field=field, reason=_("at most %(count)s characters.") % {"count": SLUG_LENGTH})
    if not LABEL.fullmatch(text):
        raise InvalidValue(
            field=field, reason=_("lower-case letters a to z, digits and hyphens only, no hyphen first or last.")
        )
    if "--" in text:
        raise InvalidValue(field=field, reason=_("no two hyphens in a row."))
    if text in RESERVED or RESERVED_PATTERN.fullmatch(text):
        raise InvalidValue(field=field, reason=_("this name is reserved."))
    if text.endswith(KIND_ENDINGS):
        raise InvalidValue(
            field=field,
            reason=_("must not end in %(endings)s: instances end so.") % {"endings": ", ".join(KIND_ENDINGS)},
        )
    return text


def compute_slug(name: str) -> str:
    """Return a sub-domain to suggest for a parish called `name`; empty when none comes to mind.

    «Église Saint-Pierre-le-Jeune» gives saint-pierre-le-jeune. Always accepted by `parse_slug`; may be taken.
    """
    folded = unicodedata.normalize("NFKD", name.lower().translate(FOLDED))
    words = re.findall(r"[a-z0-9]+", "".join(letter for letter in folded if not unicodedata.combining(letter)))
    while len(words) > 1 and words[0] in LEADING_WORDS:
        del words[0]
    while words and len("-".join(words)) > SLUG_LENGTH:
        del words[-1]
    candidates = ("-".join(words), "-".join(("paroisse", *words))) if words else ()
    for candidate in candidates:
        try:
            return parse_slug(candidate)
        except InvalidValue:
            continue
    return ""


def compute_identifier(slug: str, kind: InstanceKind) -> str:
    """Return the one public name of the parish's instance of that kind: its slug for production, else slug-kind."""
    return slug if kind is InstanceKind.PRODUCTION else f"{slug}-{kind.value}"


def parse_host_template(text: object, *, field: str = "host_template", domain: str = "example.org") -> str:
    """Return `text` in lower case if it makes hosts: a host name with {slug} once and, maybe, {domain}, in which every
    instance's identifier gives a host of its own. `domain`: what stands for {domain} meanwhile. Raise InvalidValue."""
    if not isinstance(text, str) or not text.isascii():
        raise InvalidValue(field=field, reason=_("give a host with {slug} in it, e.g. {slug}.paroisses.example."))
    template = text.strip().lower()
    if template.count(SLUG) != 1 or template.count(DOMAIN) > 1:
        raise InvalidValue(field=field, reason=_("{slug} stands in it once, {domain} once at most."))
    longest = "a" * LONGEST_IDENTIFIER
    host = compute_host(longest, template, domain=domain)
    if not is_host(host) or longest in host.rpartition(".")[2] or "." not in host:
        reason = _("is not a host name in which {slug} may be as long as %(count)s characters.")
        raise InvalidValue(field=field, reason=reason % {"count": LONGEST_IDENTIFIER})
    return template


def compute_host(identifier: str, template: str, *, domain: str) -> str:
    """Return the host of an instance, as `template` says: www.saint-paul.uepal.net of www.{slug}.{domain}
    (docs/domain.md#parameters)."""
    return template.replace(DOMAIN, domain).replace(SLUG, identifier)


def find_host_template(host: str, identifier: str) -> str:
    """Return the template that gave an instance its host; where the identifier is no part of it, one below that host,
    so that another instance's host is never the same."""
    labels = host.split(".")
    if identifier not in labels:
        return f"{SLUG}.{host}"
    labels[labels.index(identifier)] = SLUG
    return ".".join(labels)


def compute_trusted_host_pattern(host: str) -> str:
    r"""Return Drupal's trusted host pattern for exactly `host`: ^www\.saint-paul\.uepal\.net$.

    See docs/domain.md#parameters.
    """
    escaped = host.replace(".", r"\.")
    return f"^{escaped}$"


def is_host(text: str) -> bool:
    """Return whether `text` is a host name (RFC 1123 labels in lower case, no final dot), not an address."""
    labels = text.split(".")
    return len(text) <= HOST_LENGTH and all(map(LABEL.fullmatch, labels)) and not labels[-1].isdecimal()
