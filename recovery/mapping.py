"""Where a lost fleet comes to: another engine for one that is gone, another domain. A strict file of YAML."""

from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import CiviparoisseError
from domain.strict_yaml import YamlRefused, parse_yaml

NAMES = ("engines", "domains")


@dataclass(frozen=True, slots=True)
class Mapping:
    """`engines`: name of an engine or cluster -> that of the one that takes its instances, whose own settings (storage
    classes among them) hold then; `domains`: end of a host -> what stands in its place."""

    engines: dict[str, str] = field(default_factory=dict)
    domains: dict[str, str] = field(default_factory=dict)

    def map_host(self, host: str) -> str:
        """Return the host with the domain that stands in its place; the longest that fits."""
        for old in sorted(self.domains, key=len, reverse=True):
            if host.endswith(f".{old}"):
                return host[: -len(old)] + self.domains[old]
        return host


def read_mapping(path: Path | None) -> Mapping:
    """Return the mapping that a file holds. Raise CiviparoisseError `mapping_unreadable`."""
    if path is None:
        return Mapping()
    try:
        document = parse_yaml(path.read_text(encoding="utf-8")) or {}
    except (OSError, ValueError, YamlRefused):
        document = None
    if not isinstance(document, dict) or not set(document) <= set(NAMES) or not all(map(_is_table, document.values())):
        raise CiviparoisseError("mapping_unreadable", path=str(path))
    return Mapping(**document)


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) and text for pair in value.items() for text in pair)
