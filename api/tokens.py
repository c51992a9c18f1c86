"""API tokens: made once, known by their digest, revoked for ever. The plain token is never stored or logged."""

import hashlib
import logging
import secrets
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import ApiToken
from domain.errors import InvalidValue, NotFound

logger = logging.getLogger(__name__)

# Lets secret scanners and people recognise a leaked token.
PREFIX = "cpt_"
# A write per request would make every reader a writer.
LAST_USE_PRECISION = timedelta(minutes=1)


def compute_digest(token: str) -> str:
    """Return the SHA-256 of `token`, 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(username: str, label: str) -> tuple[ApiToken, str]:
    """Create a token for a staff account and return its row and the plain token, which nothing can show again.

    Raise NotFound for an unknown account, InvalidValue for one that may not use the API or an unusable label.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotFound(what=_("account"), name=username)
    if not (user.is_active and user.is_staff):
        raise InvalidValue(field="user", reason=_("only an active staff account may have a token"))
    if not label.isprintable() or not 0 < len(label.strip()) <= 64:
        raise InvalidValue(field="label", reason=_("1 to 64 printable characters"))
    plain = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(user=user, label=label.strip(), digest=compute_digest(plain))
    logger.info("api token created: %s user=%s label=%r", token.public_id, username, token.label)
    return token, plain


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
    """Return the token if it exists, is not revoked and its account is active, else None."""
    return (
        ApiToken.objects.select_related("user")
        .filter(digest=compute_digest(plain), revoked_at=None, user__is_active=True)
        .first()
    )


def record_use(token: ApiToken) -> None:
    """Note when the token was used, at most once per `LAST_USE_PRECISION`."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_PRECISION)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
