"""A chain tells where it was touched: changed, removed, inserted, moved."""

import pytest

from domain.chains import START, compute_digest, find_break

Record = tuple[str, str, dict[str, object]]


def make_chain(count: int) -> list[Record]:
    records: list[Record] = []
    before = START
    for number in range(count):
        document: dict[str, object] = {"number": number, "who": "Ève"}
        digest = compute_digest(before, document)
        records.append((before, digest, document))
        before = digest
    return records


def test_a_whole_chain_has_no_break() -> None:
    assert find_break([]) is None
    assert find_break(make_chain(5)) is None
    assert find_break(make_chain(5)[2:], start=make_chain(5)[1][1]) is None


@pytest.mark.parametrize("place", range(5))
def test_the_first_record_that_was_touched_is_found(place: int) -> None:
    changed = make_chain(5)
    changed[place] = (*changed[place][:2], {**changed[place][2], "who": "Eve"})
    assert find_break(changed) == place
    forged = make_chain(5)
    document = {**forged[place][2], "who": "Eve"}
    forged[place] = (forged[place][0], compute_digest(forged[place][0], document), document)
    assert find_break(forged) == (place + 1 if place < 4 else None)
    removed = make_chain(5)
    del removed[place]
    assert find_break(removed) == (place if place < 4 else None)
    inserted = make_chain(5)
    inserted.insert(place, inserted[place])
    assert find_break(inserted) == place + 1


def test_the_order_of_names_means_nothing_and_values_do() -> None:
    assert compute_digest(START, {"a": 1, "b": 2}) == compute_digest(START, {"b": 2, "a": 1})
    assert compute_digest(START, {"a": 1}) != compute_digest(START, {"a": "1"})
    assert compute_digest(START, {"a": 1}) != compute_digest("1" * 64, {"a": 1})
    with pytest.raises(ValueError):
        compute_digest(START, {"a": float("nan")})
