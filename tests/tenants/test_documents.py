"""Documents of parishes and instances hold no secret."""

import json

import pytest

from tenants.documents import instance_as_dict, tenant_as_dict
from tenants.registry import create_instance, create_tenant
from tenants.specs import ensure_secrets
from tests.parishes import make_parish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_a_parish_with_its_instances_holds_no_secret() -> None:
    tenant = create_tenant(make_parish(), requested_by="test")
    instance = create_instance(tenant)
    secrets = ensure_secrets(instance)
    text = json.dumps(tenant_as_dict(tenant))
    assert all(secret not in text for secret in (secrets.db_password, secrets.manifest_key, "incoming secret"))
    assert json.loads(text)["instances"] == [instance_as_dict(instance)]


def test_whether_there_is_a_password_is_told() -> None:
    tenant = create_tenant(make_parish(smtp_user="", smtp_password=""), requested_by="test")
    document = tenant_as_dict(tenant)
    assert (document["smtp_password_set"], document["imap_password_set"]) == (False, True)
