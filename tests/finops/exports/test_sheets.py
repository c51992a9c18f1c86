"""A sheet whose rows do not fit its columns is refused where it is made."""

import pytest

from tests.finops.exports.sheets import make_sheet


def test_rows_have_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError, match="4 cells|cells under 5 columns"):
        make_sheet(rows=[("Saint-Paul", 1, 2, 3)])
    assert make_sheet(rows=[], total=None).rows == []
