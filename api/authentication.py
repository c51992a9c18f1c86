"""Recognises a token, notes its use, and slows down whoever tries many wrong ones."""

import logging
from typing import Any

from django.contrib.auth.models import User
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from api.models import ApiToken
from api.tokens import get_live_token, record_use
from domain.log_context import add

logger = logging.getLogger(__name__)


class RefusedTokenThrottle(SimpleRateThrottle):
    """Counts refused tokens per address, over all processes of this machine (the settings’ rate `refused_token`)."""

    scope = "refused_token"

    def get_cache_key(self, request: Request, view: object) -> str:  # noqa: ARG002 - the base class's signature
        """Return the key under which this address is counted."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class ApiTokenAuthentication(TokenAuthentication):
    """`Authorization: Bearer <token>` (RFC 6750)."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return (user, token), None without a token. A wrong token is refused; beyond the rate, with 429.

        A right token always passes: guessing 256 bits is hopeless, and everyone behind one proxy shares an address.
        """
        try:
            signed_in: tuple[User, ApiToken] | None = super().authenticate(request)
        except AuthenticationFailed:
            throttle = RefusedTokenThrottle()
            logger.warning("api token refused: address=%s path=%r", throttle.get_ident(request), request.path)
            if not throttle.allow_request(request, None):  # type: ignore[arg-type]
                raise Throttled(wait=throttle.wait()) from None
            raise
        if signed_in is not None:
            user, token = signed_in
            record_use(token)
            add(actor=f"{user.get_username()} by {token.public_id}")
            logger.info(
                "api token used: %s user=%s %s %r", token.public_id, user.get_username(), request.method, request.path
            )
        return signed_in

    def authenticate_credentials(self, key: str) -> tuple[Any, ApiToken]:
        """Return (user, token). Raise AuthenticationFailed when no live token matches."""
        token = get_live_token(key)
        if token is None:
            raise AuthenticationFailed
        return token.user, token
