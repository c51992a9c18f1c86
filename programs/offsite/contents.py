"""What a copy away holds: the document that is sealed and sent last. Without it there is no copy."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from programs.offsite.sealing import Part, Sealed
from programs.run.failures import ProgramError

FORMAT = 1
MOST_BYTES = 16 * 1024 * 1024
NAME = "contents"


@dataclass(frozen=True)
class Contents:
    """One set, as it lies away. `identity`: the age key of this set alone, so that who fetches it need be given no
    other; `manifest_sha256`: of the set's manifest.json."""

    backup_id: str
    tenant: str
    instance: str
    manifest_sha256: str
    identity: str = field(repr=False)
    artifacts: tuple[Sealed, ...]

    def list_parts(self) -> list[Part]:
        """Every object but the one that holds this document."""
        return [part for sealed in self.artifacts for part in sealed.parts]

    def format(self) -> bytes:
        """As JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True, indent=1).encode()

    @classmethod
    def parse(cls, data: bytes) -> "Contents":
        """From that JSON. Raise ProgramError `contents_invalid`."""
        try:
            document: dict[str, Any] = json.loads(data)
            if document.pop("format") != FORMAT:
                raise ProgramError("format_unknown", "a copy of a format that this program does not know")
            artifacts = tuple(make_sealed(one) for one in document.pop("artifacts"))
            return cls(**document, artifacts=artifacts)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            raise ProgramError("contents_invalid", "the contents of the copy cannot be read") from None


def make_sealed(document: dict[str, Any]) -> Sealed:
    """An artifact from its JSON."""
    return Sealed(**{**document, "parts": tuple(Part(**part) for part in document["parts"])})
