"""Shapes name every key that the selectors give, so that the schema hides none."""

import pytest

from api.operation_requests import description_as_dict
from api.shapes import BackupSerializer, DescriptionSerializer, OperationSerializer, StepSerializer
from backups.models import Backup
from backups.selectors import backup_as_dict
from domain.states import InstanceState, OperationKind
from operations.requests import describe_operation, request_operation
from operations.selectors import operation_as_dict
from tests.rows import make_instance_row


@pytest.mark.django_db
def test_shapes_and_selectors_agree() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    described = describe_operation(kind=OperationKind.SUSPEND, instance=instance)
    operation = operation_as_dict(
        request_operation(kind=OperationKind.SUSPEND, instance=instance, requested_by="cli:jeanne")
    )
    backup = backup_as_dict(Backup.objects.create(backup_id="b", instance=instance))
    assert OperationSerializer().fields.keys() == operation.keys()
    assert StepSerializer().fields.keys() == operation["steps"][0].keys()
    assert BackupSerializer().fields.keys() == backup.keys()
    assert DescriptionSerializer().fields.keys() == description_as_dict(described).keys()
