"""Values that were sealed can be erased, and nothing else can be done to them unseen."""

from domain.erasable import are_sealed, make_salt, seal_values

VALUES = {"actor": "Ève Müller", "data.text": "tout est parti", "count": 3}


def test_what_was_sealed_is_found_whole() -> None:
    salt = make_salt()
    digests = seal_values(VALUES, salt=salt)
    assert are_sealed(VALUES, digests, salt=salt)
    assert not are_sealed({**VALUES, "actor": "Eve Muller"}, digests, salt=salt)
    assert not are_sealed({"actor": VALUES["actor"]}, digests, salt=salt)
    assert not are_sealed({**VALUES, "more": 1}, digests, salt=salt)
    assert not are_sealed(VALUES, digests, salt=make_salt())


def test_erased_is_all_of_it_with_its_salt() -> None:
    digests = seal_values(VALUES, salt=make_salt())
    assert are_sealed({}, digests, salt="")
    assert not are_sealed({"actor": VALUES["actor"]}, digests, salt="")


def test_a_digest_says_nothing_of_its_value_without_the_salt() -> None:
    one, other = (seal_values({"actor": "Ève"}, salt=make_salt()) for _time in range(2))
    assert one != other
    assert len(make_salt()) == 32 and make_salt() != make_salt()


def test_two_names_of_the_same_value_have_different_digests() -> None:
    digests = seal_values({"actor": "Ève", "data.name": "Ève"}, salt="a")
    assert digests["actor"] != digests["data.name"]
