"""What engines have, as a document."""

from domain.reservations import Reservation
from finops.pages.documents import CapacitySerializer, PlaceSerializer
from tests.builders import GIBIBYTE
from tests.finops.pages.test_capacity_view import make_place


def test_the_document_has_every_node() -> None:
    document = PlaceSerializer(make_place()).data
    assert (document["more_instances"], document["bound_by"], document["used"]) == (5, "memory", None)
    assert document["nodes"][0]["free"] == {"cpu_millicores": 3000, "memory_bytes": 8 * GIBIBYTE}


def test_a_place_that_does_not_tell_its_nodes_says_so() -> None:
    place = make_place(Reservation(5, 6), more=None, binding=None, rooms=())
    (shown,) = CapacitySerializer({"engines": (place,)}).data["engines"]
    assert (shown["more_instances"], shown["bound_by"], shown["nodes"]) == (None, None, [])
    assert shown["used"] == {"cpu_millicores": 5, "memory_bytes": 6}
