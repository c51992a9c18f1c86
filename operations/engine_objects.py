"""What an engine holds without an Instance row, as the subject of an operation. Values, no row and no engine asked."""

from dataclasses import dataclass

from domain.fleet import RemovableKind
from tenants.models import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineObject:
    """All that stands under a name on an engine, or one volume there, without an Instance row."""

    engine: str
    thing: RemovableKind
    name: str

    @property
    def identifier(self) -> str:
        """Return its name, as operations keep it."""
        return self.name

    @property
    def lock(self) -> str:
        """Return what keeps it to one operation: for all that stands under a name, what the operations of an instance
        of that name would hold, so that each waits for the other."""
        return self.name if self.thing is RemovableKind.INSTANCE else f"{self.engine}/{self.name}"


# What an operation is about.
Subject = Instance | EngineObject
