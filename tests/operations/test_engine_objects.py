"""What an engine holds without a row has a lock of its own: that of an instance of the same name, or the volume's."""

from domain.fleet import RemovableKind
from operations.engine_objects import EngineObject


def test_a_name_is_locked_as_an_instance_of_it_and_a_volume_by_itself() -> None:
    place = EngineObject(engine="alsace", thing=RemovableKind.INSTANCE, name="old")
    volume = EngineObject(engine="alsace", thing=RemovableKind.VOLUME, name="pv-1")
    assert (place.identifier, place.lock) == ("old", "old")
    assert (volume.identifier, volume.lock) == ("pv-1", "alsace/pv-1")
