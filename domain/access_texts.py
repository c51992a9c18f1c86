"""Texts of who may not do something: message, hint and HTTP status."""

from typing import Any

from domain.texts import mark as _

ACCESS_TEXTS: dict[str, tuple[Any, ...]] = {
    "not_authenticated": (
        _("This address needs a token."),
        _("Send the header “Authorization: Bearer <token>”; api_token_create makes tokens."),
        401,
    ),
    "authentication_failed": (
        _("The token was refused."),
        _("It is mistyped, revoked or past its end, or its account is disabled."),
        401,
    ),
    "permission_denied": (
        _("This account may not use the API."),
        _("An administrator can make it a staff account."),
        403,
    ),
    "permission_missing": (
        _("This account lacks the permission %(permission)s."),
        _("An administrator can give it, under Users or Groups."),
        403,
    ),
    "token_scope_missing": (
        _("The token %(token)s was not made for this: it lacks the permission %(permission)s."),
        _("Make one with one of these scopes: %(scopes)s (api_token_create, or api_token_renew %(token)s --scope …)."),
        403,
    ),
    "token_parishes_limited": (
        _("The token %(token)s may touch some parishes alone; this is about others too, or about all."),
        _("Ask at the address of an instance of these parishes, or use a token for all."),
        403,
    ),
    "token_read_only": (
        _("The token %(token)s only reads."),
        _("api_token_renew %(token)s --scope operate replaces it by one that may change things."),
        403,
    ),
    "tokens_ending": (
        _("%(count)s API tokens end within 30 days: %(tokens)s."),
        _("Replace each by api_token_renew IDENTIFIER, and give the new one to the program that uses it."),
        503,
    ),
}
