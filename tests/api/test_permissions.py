"""Every address, method and role: generated from the addresses themselves, so that a new one cannot be forgotten."""

import json
import re
from collections.abc import Collection, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from api.models import ROLE_OF_SCOPE, ApiToken, TokenScope
from api.tokens import create_token
from api.unknown import UnknownAddressView
from api.urls import urlpatterns
from domain.states import InstanceState, OperationKind
from operations.command_options import make_option
from operations.declarations import KindDefinition
from operations.models import Operation
from operations.permissions import PermissionMissing, require_kind
from operations.registry import get_kind, list_kinds
from operations.role_groups import give_roles
from operations.roles import ROLES, Role
from tenants.models import Instance
from tests.api.campaign_permissions import CAMPAIGNS
from tests.commands import run_command
from tests.rows import make_instance_row

SEE_AND_ASK = {"tenants.view_instance", "operations.add_operation"}
COSTS = {"finops.view_interval"}
# (method, address) -> what it takes. An address that is not here fails the test: think, then add it.
EXPECTED: dict[tuple[str, str], set[str]] = {
    ("get", "tenants"): {"tenants.view_tenant"},
    ("post", "tenants"): {"tenants.add_tenant"},
    ("get", "tenants/x"): {"tenants.view_tenant"},
    ("patch", "tenants/x"): {"tenants.change_tenant"},
    ("delete", "tenants/x"): {"tenants.delete_tenant"},
    ("get", "checklist"): {"backups.view_backup", "tenants.view_instance"},
    ("post", "plans"): {"tenants.add_plan"},
    ("patch", "plans/x"): {"tenants.change_plan"},
    ("post", "releases"): {"tenants.add_release"},
    ("patch", "releases/x"): {"tenants.change_release"},
    ("get", "instances"): {"tenants.view_instance"},
    ("post", "instances"): {"tenants.add_instance"},
    ("get", "instances/x"): {"tenants.view_instance"},
    ("patch", "instances/x"): {"tenants.change_instance"},
    ("get", "operations"): {"operations.view_operation"},
    ("get", "operations/x"): {"operations.view_operation"},
    ("post", "operations/x/cancel"): {"operations.change_operation"},
    ("post", "operations/removals"): {"finops.view_interval", "operations.add_operation", "tenants.delete_instance"},
    ("get", "backups"): {"backups.view_backup"},
    ("get", "backups/x"): {"backups.view_backup"},
    ("get", "restores"): {"operations.view_operation"},
    ("get", "problems"): {"watch.view_problem"},
    ("get", "problems/x"): {"watch.view_problem"},
    ("post", "problems/x/acknowledge"): {"watch.change_problem"},
    ("post", "problems/x/revoke"): {"watch.change_problem"},
    ("post", "restores"): SEE_AND_ASK,
    ("get", "backups/x/downloads"): {"backups.view_backup", "offsite.view_download"},
    ("post", "backups/x/downloads"): {"backups.view_backup", "offsite.add_download"},
    ("post", "backups/x/pin"): {"backups.change_backup"},
    ("post", "backups/x/unpin"): {"backups.change_backup"},
    ("get", "instances/x/retention"): {"tenants.view_instance", "backups.view_backup"},
    ("post", "instances/x/policy"): {"tenants.view_instance", "backups.change_instancepolicy"},
    ("post", "policies"): {"backups.add_backuppolicy"},
    **{("get", f"policies{_path}"): {"backups.view_backuppolicy"} for _path in ("", "/x")},
    ("patch", "policies/x"): {"backups.change_backuppolicy"},
    ("delete", "policies/x"): {"backups.delete_backuppolicy"},
    ("get", "plans"): {"tenants.view_plan"},
    ("get", "plans/x"): {"tenants.view_plan"},
    ("get", "releases"): {"tenants.view_release"},
    ("get", "releases/x"): {"tenants.view_release"},
    ("get", "clusters"): {"clusters.view_cluster"},
    ("get", "clusters/x"): {"clusters.view_cluster"},
    ("post", "clusters/x/check"): {"clusters.change_cluster"},
    ("post", "clusters/x/drift"): {"clusters.change_cluster"},
    ("get", "destinations"): {"offsite.view_destination"},
    ("get", "destinations/x"): {"offsite.view_destination"},
    ("post", "destinations/x/check"): {"offsite.change_destination"},
    ("get", "copies"): {"backups.view_backup", "offsite.view_destination"},
    ("get", "finops/months"): COSTS,
    ("get", "finops/months/x"): COSTS,
    ("get", "finops/months/x/lines"): COSTS,
    ("get", "finops/capacity"): COSTS,
    ("get", "finops/recommendations"): COSTS,
    ("get", "finops/recommendations/x"): COSTS,
    ("post", "finops/recommendations/x/apply"): COSTS | SEE_AND_ASK,
    ("get", "finops/findings"): COSTS,
    ("get", "finops/what-if"): COSTS,
    **{
        ("get", f"requests{_path}"): {"parish_requests.view_restorerequest"}
        for _path in ("", "/x", "/x/preview", "/x/record", "/x/export")
    },
    **{("post", f"requests{_path}"): {"parish_requests.add_restorerequest"} for _path in ("", "/x/undo")},
    **{("post", f"requests/x/{_path}"): {"parish_requests.change_restorerequest"} for _path in ("answer", "withdraw")},
    **{
        ("post", f"requests/x/{_path}"): {"parish_requests.approve_restorerequest"}
        for _path in ("preview", "approve", "refuse", "ask", "retry", "finish")
    },
    **CAMPAIGNS,
    ("get", "contacts"): {"parish_requests.view_parishcontact"},
    ("post", "contacts"): {"parish_requests.add_parishcontact"},
    ("get", "contacts/x"): {"parish_requests.view_parishcontact"},
    ("patch", "contacts/x"): {"parish_requests.change_parishcontact"},
    ("delete", "contacts/x"): {"parish_requests.delete_parishcontact"},
    ("post", "contacts/x/resend"): {"parish_requests.change_parishcontact"},
    ("get", "schema"): set(),
}
# The kinds of operation have an address each; their names are the API's own.
EXPECTED |= {("post", f"instances/x/{kind.path}"): SEE_AND_ASK for kind in list_kinds() if not kind.of_objects}
EXPECTED["post", "instances/x/tools"] = SEE_AND_ASK | {"clusters.open_tools"}
EXPECTED["post", "instances/x/browse"] = SEE_AND_ASK | {"backups.view_backup"}
# Those that destroy something take what their doers have beyond the others.
EXPECTED["post", "restores"] = EXPECTED["post", "instances/x/restores"] = SEE_AND_ASK | {"backups.restore_backup"}
EXPECTED["post", "instances/x/delete"] = SEE_AND_ASK | {"tenants.delete_instance"}
for _path in ("prune", "prune-copies"):
    EXPECTED["post", f"instances/x/{_path}"] = SEE_AND_ASK | {"backups.delete_backup"}
EXPECTED["post", "instances/x/adopt"] = SEE_AND_ASK | {"tenants.add_instance"}
METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")


def _walk(patterns: list[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns)
        else:
            yield pattern


def _list_routes() -> dict[str, set[str]]:
    """Return the methods of each address, as the addresses themselves tell."""
    routes: dict[str, set[str]] = {}
    for pattern in _walk(urlpatterns):
        view = pattern.callback
        if getattr(view, "cls", None) is UnknownAddressView:
            continue
        address = re.sub(r"\(\?P<\w+>[^()]*\)", "x", str(pattern.pattern)).strip("^$").removesuffix("/?")
        actions = getattr(view, "actions", None) or {name: name for name in METHODS if hasattr(view.cls, name)}
        routes.setdefault(address, set()).update(actions)
    return routes


ROUTES = _list_routes()
ASKED = sorted(EXPECTED)


def _make_client(*permissions: str, scopes: Collection[str] = ("admin",), **flags: bool) -> Client:
    person = User.objects.create_user(f"p{User.objects.count()}", is_staff=True)
    for name in permissions:
        app, _dot, codename = name.partition(".")
        person.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    plain = create_token(person.username, "matrix", scopes=scopes)[1]
    User.objects.filter(pk=person.pk).update(**flags)
    return Client(headers={"authorization": f"Bearer {plain}"}, raise_request_exception=False)


def _ask(client: Client, method: str, address: str) -> tuple[int, str, str]:
    answer = client.generic(method.upper(), f"/api/v1/{address}/", "{}", "application/json")
    body = json.loads(answer.content) if answer.content else {}
    error = (body.get("error") or {}) if isinstance(body, dict) else {}
    return answer.status_code, error.get("code", ""), error.get("message", "")


def test_every_address_and_method_is_in_the_table() -> None:
    # HEAD is what GET is.
    found = {(method, address) for address, methods in ROUTES.items() for method in methods - {"head", "options"}}
    assert found == set(EXPECTED)


@pytest.mark.parametrize("address", sorted(ROUTES))
def test_without_a_living_staff_account_nothing_is_answered(db: None, address: str) -> None:  # noqa: ARG001
    stranger = Client(raise_request_exception=False)
    inactive = _make_client(is_active=False, is_superuser=True)
    visitor = _make_client(is_staff=False, is_superuser=True)
    for method in METHODS:
        cache.clear()  # the refused tokens are counted
        assert [_ask(client, method, address)[0] for client in (stranger, inactive, visitor)] == [401, 401, 403]


@pytest.mark.parametrize(("method", "address"), ASKED)
def test_each_permission_is_needed_and_named(db: None, method: str, address: str) -> None:  # noqa: ARG001
    needed = EXPECTED[method, address]
    nobody = _ask(_make_client(), method, address)
    assert nobody[0] == (403 if needed else 200), nobody
    for missing in needed:
        status, code, message = _ask(_make_client(*(needed - {missing})), method, address)
        assert (status, code) == (403, "permission_missing") and missing in message
        if method == "get":
            assert _make_client(*(needed - {missing})).head(f"/api/v1/{address}/").status_code == 403
    for allowed in (_make_client(*needed), _make_client(is_superuser=True)):
        assert _ask(allowed, method, address)[0] not in (401, 403, 500)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.code)
def test_each_role_gets_what_it_may_and_nothing_else(db: None, role: Role) -> None:  # noqa: ARG001
    client = _make_client()
    person = User.objects.get(username="p0")
    give_roles(person, [role], requested_by="test")
    make_instance_row(state=InstanceState.ACTIVE)
    admin = Client()
    admin.force_login(person)
    for method, address in ASKED:
        status, code, _message = _ask(client, method, address)
        is_refused = (status, code) == (403, "permission_missing")
        assert is_refused is not all(map(role.allows, EXPECTED[method, address])), (method, address, code)
    instance = Instance.objects.get()
    for kind in list_kinds():
        if not kind.of_objects:
            page = admin.get(reverse("admin:tenants_instance_ask", args=[instance.pk, kind.code]))
            assert (page.status_code == 403) is not all(map(role.allows, kind.permissions)), kind.code
            with pytest.raises(PermissionMissing) if page.status_code == 403 else nullcontext():
                require_kind(User.objects.get(pk=person.pk), kind.code)
            command = _ask_by_command(kind, person)
            assert ("permission_missing" in command) is (page.status_code == 403), kind.code


def _ask_by_command(kind: KindDefinition, person: User) -> str:
    given = ["--backup", "none"] if kind.takes("backup_id") or kind.takes("backup") else []
    needed = [part for one in kind.list_offered() if one.is_required for part in (make_option(one), "none")]
    words = ("operation_request", kind.code, "saint-paul", "--dry-run", "--as", person.username, *(needed or given))
    return run_command(*words, "--json")[1]


@pytest.mark.parametrize(("method", "address"), ASKED)
def test_a_token_that_only_reads_changes_nothing(db: None, method: str, address: str) -> None:  # noqa: ARG001
    client = _make_client(is_superuser=True)
    ApiToken.objects.update(scopes=[])  # as those have that were made before there were scopes
    status, code, _message = _ask(client, method, address)
    assert (status == 403) is (code == "token_read_only") is (method != "get")


@pytest.mark.parametrize("scope", list(TokenScope), ids=str)
def test_each_scope_opens_what_its_role_may_and_nothing_else(db: None, scope: TokenScope) -> None:  # noqa: ARG001
    client = _make_client(scopes=[scope], is_superuser=True)
    for method, address in ASKED:
        status, code, message = _ask(client, method, address)
        is_open = all(map(ROLE_OF_SCOPE[scope].allows, EXPECTED[method, address]))
        assert (code in ("token_read_only", "token_scope_missing")) is not is_open, (method, address, code, message)
        assert (status == 403) is not is_open
    both = _make_client(scopes=["operate", "costs"], is_superuser=True)
    assert _ask(both, "post", "finops/recommendations/x/apply")[0] == 404


# What a token of some parishes alone gets of each address: rows of its parishes, rows of none, or nothing.
NARROWED = ("tenants", "instances", "operations", "backups", "restores", "copies", "requests", "contacts")
OF_NO_PARISH = ("plans", "releases", "policies", "schema")


@pytest.mark.parametrize(("method", "address"), ASKED)
def test_a_token_of_some_parishes_opens_no_address_about_others(db: None, method: str, address: str) -> None:  # noqa: ARG001
    client = _make_client(is_superuser=True)
    ApiToken.objects.update(all_parishes=False)
    status, code, _message = _ask(client, method, address)
    resource, *rest = address.split("/")
    if resource in NARROWED and rest[:1] == ["x"]:
        assert (status, code) == (404, "not_found")
    elif method == "get" and resource in (*NARROWED, *OF_NO_PARISH):
        assert status in (200, 404) and code in ("", "not_found")
    else:
        assert (status, code) == (403, "token_parishes_limited")


@pytest.mark.parametrize("address", sorted(ROUTES))
def test_what_an_address_has_not_is_refused_for_everybody(db: None, address: str) -> None:  # noqa: ARG001
    everything = _make_client(is_superuser=True)
    for method in set(METHODS) - ROUTES[address] - {"head"}:
        assert _ask(everything, method, address)[0] == 405, method


@pytest.mark.parametrize("kind", [kind.code for kind in list_kinds() if not kind.of_objects])
@pytest.mark.parametrize(
    "given", [(), ("tenants.view_instance",), ("operations.add_operation",), tuple(sorted(SEE_AND_ASK))]
)
def test_administration_and_api_agree_on_every_kind(db: None, kind: str, given: tuple[str, ...]) -> None:  # noqa: ARG001
    instance = make_instance_row(state=InstanceState.ACTIVE)
    api = _make_client(*given)
    person = User.objects.get(username="p0")
    admin = Client()
    admin.force_login(person)
    page = admin.post(reverse("admin:tenants_instance_ask", args=[instance.pk, kind]))
    address = f"instances/saint-paul/{get_kind(kind).path}"
    is_enough = EXPECTED["post", f"instances/x/{get_kind(kind).path}"] <= set(given)
    status, _code, _message = _ask(api, "post", address)
    assert (page.status_code == 403) is (status == 403) is not is_enough
    assert not Operation.objects.exists() or is_enough


@pytest.mark.parametrize("kind", [OperationKind.DELETE, OperationKind.RESTORE, OperationKind.PRUNE])
def test_destruction_is_confirmed_by_the_identifier(db: None, kind: str) -> None:  # noqa: ARG001
    make_instance_row(state=InstanceState.ACTIVE)
    client = _make_client(is_superuser=True)
    path = f"/api/v1/instances/saint-paul/{get_kind(kind).path}/"
    for confirm in ({}, {"confirm": "saint-jean"}):
        body = json.dumps({**({"backup_id": "x"} if kind == OperationKind.RESTORE else {}), **confirm})
        answer = client.post(path, body, "application/json")
        assert answer.status_code == (409 if confirm else 400), answer.content
    assert not Operation.objects.exists()
