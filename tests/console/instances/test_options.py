"""What an instance is made of, as chosen on the command line."""

import pytest
from django.conf import settings

from console.instances.options import select_instance_options
from domain.errors import NotFound
from tenants.registry import get_default_plan, get_default_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]
NOTHING = {"plan": None, "release": None, "engine": "local"}
LOCAL = {"engine": "local", "domain": settings.PARISH_DOMAIN, "host_template": settings.HOST_TEMPLATE}


def test_nothing_chosen_leaves_the_defaults_to_the_registry() -> None:
    assert select_instance_options(NOTHING) == LOCAL
    assert select_instance_options({**NOTHING, "engine": None}) == LOCAL


def test_what_is_chosen_is_found() -> None:
    chosen = select_instance_options({**NOTHING, "plan": "default", "release": "0.1.1"})
    assert chosen == {**LOCAL, "plan": get_default_plan(), "release": get_default_release()}


@pytest.mark.parametrize("name", NOTHING)
def test_what_does_not_exist_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        select_instance_options({**NOTHING, name: "none"})
