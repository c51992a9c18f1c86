"""What engines have, as a document for the doors (REST, --json): CPU in millicores, memory in bytes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from civiparoisse.document_fields import Document
from domain.capacity import Binding
from finops.pages.capacity_view import EngineCapacity


class AmountsSerializer(Document):
    """CPU in millicores, memory in bytes."""

    cpu_millicores = serializers.IntegerField()
    memory_bytes = serializers.IntegerField()


class NodeSerializer(Document):
    """A node and what more fits on it."""

    name = serializers.CharField(source="room.name")
    schedulable = serializers.BooleanField(source="room.schedulable")
    allocatable = AmountsSerializer(source="room.allocatable")
    free = AmountsSerializer(source="room.free")
    instances = serializers.IntegerField(source="room.instances")
    more_instances = serializers.IntegerField()


class PlaceSerializer(Document):
    """An engine. `used`: measured today, null where nobody measured."""

    engine = serializers.CharField()
    more_instances = serializers.IntegerField(source="capacity.more", allow_null=True)
    bound_by = serializers.ChoiceField(
        source="capacity.binding", choices=[binding.value for binding in Binding], allow_null=True
    )
    allocatable = AmountsSerializer(source="capacity.allocatable")
    reserved = AmountsSerializer(source="capacity.reserved")
    used = AmountsSerializer(allow_null=True)
    nodes = serializers.SerializerMethodField()

    @extend_schema_field(NodeSerializer(many=True))
    def get_nodes(self, place: EngineCapacity) -> list[Any]:
        """Return every node."""
        capacity = place.capacity
        nodes = [{"room": room, "more_instances": capacity.per_node.get(room.name, 0)} for room in capacity.rooms]
        return list(NodeSerializer(nodes, many=True).data)


@extend_schema_serializer(many=False)
class CapacitySerializer(Document):
    """Every engine that answers."""

    engines = PlaceSerializer(many=True)
