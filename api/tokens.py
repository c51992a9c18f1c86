"""API tokens: made once, known by their digest, revoked for ever. The plain token is never stored or logged."""

import hashlib
import logging
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import ApiToken, TokenScope
from domain.errors import InvalidValue, NotFound

logger = logging.getLogger(__name__)

# Lets secret scanners and people recognise a leaked token.
PREFIX = "cpt_"
# A write per request would make every reader a writer.
LAST_USE_PRECISION = timedelta(minutes=1)
# From when on its answers, the list and the administration say that a token ends.
WARNING_TIME = timedelta(days=30)


def compute_digest(token: str) -> str:
    """Return the SHA-256 of `token`, 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(
    username: str, label: str, *, scope: str = TokenScope.READ, days: int | None = None
) -> tuple[ApiToken, str]:
    """Create a token for a staff account and return its row and the plain token, which nothing can show again.

    `days`: until its end, the setting's by default. Raise NotFound for an unknown account, InvalidValue for one that
    may not use the API, an unusable label, scope or number of days.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotFound(what=_("account"), name=username)
    if not (user.is_active and user.is_staff):
        raise InvalidValue(field="user", reason=_("only an active staff account may have a token"))
    if not label.isprintable() or not 0 < len(label.strip()) <= 64:
        raise InvalidValue(field="label", reason=_("1 to 64 printable characters"))
    if scope not in TokenScope.values:
        raise InvalidValue(field="scope", reason=_("give one of %(names)s.") % {"names": ", ".join(TokenScope.values)})
    days = settings.API_TOKEN_DAYS if days is None else days
    if not 1 <= days <= settings.API_TOKEN_MOST_DAYS:
        raise InvalidValue(field="days", reason=f"1 … {settings.API_TOKEN_MOST_DAYS}")
    plain = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        label=label.strip(),
        digest=compute_digest(plain),
        scope=scope,
        expires_at=timezone.now() + timedelta(days=days),
    )
    logger.info("api token created: %s user=%s scope=%s label=%r", token.public_id, username, scope, token.label)
    return token, plain


def renew_token(public_id: str, *, scope: str | None = None, days: int | None = None) -> tuple[ApiToken, str]:
    """Replace a token by a new one of the same account, label and scope; the old one opens nothing any more.

    Raise NotFound for an unknown identifier, InvalidValue as `create_token`, or for a revoked one.
    """
    with transaction.atomic():
        old = ApiToken.objects.select_related("user").filter(public_id=public_id).first()
        if old is None:
            raise NotFound(what=_("token"), name=public_id)
        if old.revoked_at is not None:
            raise InvalidValue(field="token", reason=_("it was revoked; make a new one."))
        made = create_token(old.user.get_username(), old.label, scope=scope or old.scope, days=days)
        revoke_token(public_id)
    return made


def is_ending(token: ApiToken, *, now: datetime) -> bool:
    """Return whether it is time to renew a token: it ends soon, or was made before tokens had an end."""
    return token.revoked_at is None and (token.expires_at is None or token.expires_at - now < WARNING_TIME)


def revoke_token(public_id: str) -> ApiToken:
    """Make a token useless; repeating it changes nothing. Raise NotFound for an unknown identifier."""
    changed = ApiToken.objects.filter(public_id=public_id, revoked_at=None).update(revoked_at=timezone.now())
    token = ApiToken.objects.select_related("user").filter(public_id=public_id).first()
    if token is None:
        raise NotFound(what=_("token"), name=public_id)
    if changed:
        logger.info("api token revoked: %s user=%s", token.public_id, token.user.get_username())
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
