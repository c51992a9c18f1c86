"""What should be there against what is told: nothing is believed that was not said, and said once."""

import pytest

from offsite.comparing import find_difference
from offsite.models import CopyState
from programs.offsite.sealing import Part

PART, OTHER = Part("s/a", 10, "1" * 64, "1" * 32), Part("s/b", 20, "2" * 64, "2" * 32)


def tell(part: Part, **change: object) -> dict[str, object]:
    return {"Path": part.name, "Size": part.bytes, "Hashes": {"md5": part.checksum}, **change}


@pytest.mark.parametrize(
    ("listed", "state"),
    [
        ([tell(PART), tell(OTHER)], CopyState.CHECKED),
        ([tell(PART), tell(OTHER), {"Path": "s/orphan", "Size": 1}], CopyState.CHECKED),
        ([tell(PART)], CopyState.MISSING),
        ([], CopyState.MISSING),
        ([tell(PART), tell(OTHER, Size=21)], CopyState.DIFFERENT),
        ([tell(PART), tell(OTHER, Hashes={"md5": "3" * 32})], CopyState.DIFFERENT),
        ([tell(PART), tell(OTHER), tell(OTHER)], CopyState.DIFFERENT),
        ([tell(PART), tell(OTHER), tell(OTHER, Hashes=None)], CopyState.DIFFERENT),
    ],
)
def test_what_is_told_decides(listed: list[dict[str, object]], state: CopyState) -> None:
    assert find_difference(listed, [PART, OTHER])[0] is state


def test_an_object_without_a_checksum_is_to_be_read_back() -> None:
    listed = [tell(PART, Hashes=None), tell(OTHER)]
    assert find_difference(listed, [PART, OTHER]) == (CopyState.CHECKED, "", [PART])
