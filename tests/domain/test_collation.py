"""Names stand where people look for them."""

import random

from domain.collation import make_sort_key

SORTED = [
    "Abbaye", "École", "Ecole protestante", "L’Étang", "Œuvre", "Orangerie", "saint-étienne", "Saint Étienne-le-Vieux",
    "Saint-Paul", "Zell",
]  # fmt: skip


def test_accents_capitals_and_signs_do_not_move_a_name() -> None:
    mixed = random.sample(SORTED, len(SORTED))
    assert sorted(mixed, key=make_sort_key) == SORTED
    assert sorted(mixed) != SORTED


def test_equals_keep_one_order() -> None:
    assert make_sort_key("cote") != make_sort_key("côte")
    assert make_sort_key("cote")[0] == make_sort_key("Côté")[0]
