"""API tokens: made once, known by their digest, revoked for ever. The plain token is never stored or logged."""

import hashlib
import logging
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import READING, ApiToken, TokenScope
from domain.errors import InvalidValue, NotFound
from operations.watch import ManagerFault
from tenants.registry import get_tenant

logger = logging.getLogger(__name__)

# Lets secret scanners and people recognise a leaked token.
PREFIX = "cpt_"
# A write per request would make every reader a writer.
LAST_USE_PRECISION = timedelta(minutes=1)
# From when on its answers, the list and the administration say that a token ends.
WARNING_TIME = timedelta(days=30)
MOST_NAMED = 10


def compute_digest(token: str) -> str:
    """Return the SHA-256 of `token`, 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(
    username: str,
    label: str,
    *,
    scopes: Collection[str] = (TokenScope.READ,),
    parishes: Collection[str] | None = None,
    days: int | None = None,
    requested_by: str = "",
) -> tuple[ApiToken, str]:
    """Create a token for a staff account and return its row and the plain token, which nothing can show again.

    `parishes`: sub-domains of those that it may touch, None for all. `days`: until its end, the setting's by default.
    Raise NotFound for an unknown account or parish, InvalidValue for an account that may not use the API, an unusable
    label, scope or number of days.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotFound(what=_("account"), name=username)
    if not (user.is_active and user.is_staff):
        raise InvalidValue(field="user", reason=_("only an active staff account may have a token"))
    if not label.isprintable() or not 0 < len(label.strip()) <= 64:
        raise InvalidValue(field="label", reason=_("1 to 64 printable characters"))
    if not scopes or not set(scopes) <= set(TokenScope.values):
        raise InvalidValue(field="scope", reason=_("give one of %(names)s.") % {"names": ", ".join(TokenScope.values)})
    days = settings.API_TOKEN_DAYS if days is None else days
    if not 1 <= days <= settings.API_TOKEN_MOST_DAYS:
        raise InvalidValue(field="days", reason=f"1 … {settings.API_TOKEN_MOST_DAYS}")
    touched = None if parishes is None else [get_tenant(slug) for slug in sorted(set(parishes))]
    plain = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            label=label.strip(),
            digest=compute_digest(plain),
            scopes=[scope for scope in TokenScope.values if scope in scopes],
            all_parishes=touched is None,
            expires_at=timezone.now() + timedelta(days=days),
            made_by=requested_by[:150],
        )
        token.parishes.set(touched or ())
    logger.info(
        "api token created: %s user=%s scopes=%s parishes=%s label=%r by %s",
        token.public_id,
        username,
        ",".join(token.scopes),
        "all" if touched is None else ",".join(parish.slug for parish in touched),
        token.label,
        requested_by or "?",
    )
    return token, plain


def renew_token(
    public_id: str, *, scopes: Collection[str] | None = None, days: int | None = None, requested_by: str = ""
) -> tuple[ApiToken, str]:
    """Replace a token by a new one of the same account, label, scopes and parishes; the old one opens nothing any more.
    One made before there were scopes gets those that read.

    Raise NotFound for an unknown identifier, InvalidValue as `create_token`, or for a revoked one.
    """
    with transaction.atomic():
        old = ApiToken.objects.select_related("user").filter(public_id=public_id).first()
        if old is None:
            raise NotFound(what=_("token"), name=public_id)
        if old.revoked_at is not None:
            raise InvalidValue(field="token", reason=_("it was revoked; make a new one."))
        made = create_token(
            old.user.get_username(),
            old.label,
            scopes=scopes or old.scopes or sorted(READING),
            parishes=old.parish_names,
            days=days,
            requested_by=requested_by,
        )
        revoke_token(public_id, requested_by=requested_by)
    return made


def is_ending(token: ApiToken, *, now: datetime) -> bool:
    """Return whether it is time to renew a token: it ends soon, or was made before tokens had an end."""
    return token.revoked_at is None and (token.expires_at is None or token.expires_at - now < WARNING_TIME)


def join_some(names: list[str]) -> str:
    """Return the first ten names for people, and how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f", … (+{more})" if more > 0 else "")


def list_token_faults(*, now: datetime) -> list[ManagerFault]:
    """Return that tokens in use end soon, with their identifiers: programs would be refused from then on."""
    live = ApiToken.objects.filter(revoked_at=None, user__is_active=True, expires_at__gt=now)
    ending = sorted(token.public_id for token in live.filter(expires_at__lt=now + WARNING_TIME))
    if not ending:
        return []
    params = {"count": len(ending), "tokens": join_some(ending)}
    return [ManagerFault(code="tokens_ending", params=params, is_critical=False, stops_work=False)]


def revoke_token(public_id: str, *, requested_by: str = "") -> ApiToken:
    """Make a token useless; repeating it changes nothing. Raise NotFound for an unknown identifier."""
    known = ApiToken.objects.filter(public_id=public_id, revoked_at=None)
    changed = known.update(revoked_at=timezone.now(), revoked_by=requested_by[:150])
    token = ApiToken.objects.select_related("user").filter(public_id=public_id).first()
    if token is None:
        raise NotFound(what=_("token"), name=public_id)
    if changed:
        user = token.user.get_username()
        logger.info("api token revoked: %s user=%s by %s", token.public_id, user, requested_by or "?")
    return token


def get_live_token(plain: str) -> ApiToken | None:
    """Return the token if it exists, is not revoked, has not ended and its account is active, else None."""
    has_time = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return (
        ApiToken.objects.select_related("user")
        .filter(has_time, digest=compute_digest(plain), revoked_at=None, user__is_active=True)
        .first()
    )


def record_use(token: ApiToken) -> None:
    """Note when the token was used, at most once per `LAST_USE_PRECISION`."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_PRECISION)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
