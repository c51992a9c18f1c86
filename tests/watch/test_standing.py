"""One value per check and subject, with codes that the catalogue knows."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.console.filled import fill_manager
from watch.alerts import list_alerts
from watch.catalogue import SOURCES
from watch.standing import list_standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_what_stands_is_what_the_first_page_counts() -> None:
    fill_manager()
    now = timezone.now()
    standing = [one for source in SOURCES for one in list_standing(source, now=now)]
    keys = [one.key for one in standing]
    assert len(keys) == len(set(keys)) > 5
    known = {code for source in SOURCES for code in source.checks}
    assert {one.check_code for one in standing} <= known and all(one.title for one in standing)
    # Codes are for programs: people are told in words.
    assert not [one for one in standing if one.check_code == "manager_fault" and one.name]
    counted = {alert.code: alert.count for alert in list_alerts(User.objects.create_superuser("anne"), now=now)}
    instances = {code for source in SOURCES if source.name == "instances" for code in source.checks}
    assert instances & counted.keys()
    for code in instances & counted.keys():
        assert counted[code] == sum(one.check_code == code for one in standing), code
