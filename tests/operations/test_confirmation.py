"""What destroys data wants the identifier typed, whatever else is asked."""

import pytest

from domain.errors import CiviparoisseError
from domain.states import OperationKind
from operations.confirmation import needs_confirmation, refuse_unconfirmed
from operations.registry import list_kinds

DESTRUCTIVE = {OperationKind.DELETE, OperationKind.RESTORE, OperationKind.PRUNE}


def test_what_destroys_data_is_confirmed() -> None:
    assert {kind.code for kind in list_kinds() if needs_confirmation(kind.code)} >= DESTRUCTIVE


@pytest.mark.parametrize("kind", sorted(DESTRUCTIVE))
@pytest.mark.parametrize("confirm", [None, "", "saint-jean", "SAINT-PAUL", True])
def test_anything_but_the_identifier_is_refused(kind: str, confirm: object) -> None:
    parameters = {} if confirm is None else {"confirm": confirm}
    with pytest.raises(CiviparoisseError) as refused:
        refuse_unconfirmed(kind, "saint-paul", parameters)
    assert refused.value.code in ("confirmation_missing", "restore_unconfirmed", "prune_unconfirmed")
    refuse_unconfirmed(kind, "saint-paul", {"confirm": "saint-paul"})


def test_what_destroys_nothing_is_not_confirmed() -> None:
    refuse_unconfirmed(OperationKind.BACKUP, "saint-paul", {})
