"""What a token that may touch some parishes alone gets: rows of these, and nothing that is about others or about all.

A resource whose rows belong to a parish names the way from a row to it as `parish_path`; one whose rows are of no
parish, and may be read by all, says `of_no_parish`. Every other address is closed to such a token.
"""

from typing import Any

from django.db.models import QuerySet
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from api.models import ApiToken
from backups.models import Backup
from domain.errors import CiviparoisseError, NotFound
from operations.registry import get_kind


def refuse_unlimited(token: ApiToken, view: Any, method: str) -> None:
    """Raise CiviparoisseError `token_parishes_limited` where the address cannot be narrowed to the token's parishes."""
    if token.all_parishes:
        return
    is_read = method in SAFE_METHODS
    if getattr(view, "of_no_parish", False) and is_read:
        return
    # What is made new, or names what it is about in its body, is of no parish yet.
    if getattr(view, "parish_path", "") and (is_read or view.detail):
        return
    raise CiviparoisseError("token_parishes_limited", token=token.public_id)


def limit_rows(request: Request, view: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the rows of the token's parishes; all for a token, or a person, without such a limit."""
    token, path = request.auth, getattr(view, "parish_path", "")
    if not isinstance(token, ApiToken) or token.all_parishes or not path:
        return rows
    return rows.filter(**{f"{path}__in": token.parishes.values("pk")})


def refuse_other_parish(request: Request, view: Any) -> None:
    """Raise NotFound, as for a row that is not there, where the address names one of a parish that the token may not
    touch."""
    token = request.auth
    key = view.lookup_url_kwarg or view.lookup_field
    if not isinstance(token, ApiToken) or token.all_parishes or key not in view.kwargs:
        return
    if not getattr(view, "parish_path", ""):
        return
    rows = view.get_queryset()
    try:
        is_own = limit_rows(request, view, rows).filter(**{view.lookup_field: view.kwargs[key]}).exists()
    except (ValueError, OverflowError):  # no number, where rows are found by one
        is_own = False
    if not is_own:
        raise NotFound(what=str(rows.model._meta.verbose_name), name=view.kwargs[key])


def refuse_other_backups(request: Request, kind: str, parameters: dict[str, Any]) -> None:
    """Raise NotFound for a backup that the parameters of `kind` name and that is not of the token's parishes, whether
    there is one or not."""
    token = request.auth
    if not isinstance(token, ApiToken) or token.all_parishes:
        return
    given = [parameters.get(parameter.name) for parameter in get_kind(kind).list_offered() if parameter.of_backups]
    named = [name for value in given if value for name in (value if isinstance(value, list) else [value])]
    own = Backup.objects.filter(backup_id__in=named, instance__tenant__in=token.parishes.values("pk"))
    known = set(own.values_list("backup_id", flat=True))
    for name in named:
        if name not in known:
            raise NotFound(what="backup", name=name)
