"""Which parts of a set a restore takes."""

from programs.run.environment import RestoreEnvironment
from programs.run.failures import ProgramError
from programs.sets.manifest import Artifact, Manifest


def select_artifacts(manifest: Manifest, *, kind: str, names: tuple[str, ...]) -> list[Artifact]:
    """The artifacts of the databases or trees with these names, in the order of ``names``."""
    found = {item.database or item.tree: item for item in manifest.artifacts if item.kind == kind}
    return [found[name] for name in names]


def check_scope(asked: RestoreEnvironment, manifest: Manifest) -> None:
    """Raise ProgramError (``scope_missing``) unless the set holds everything that is asked for."""
    wanted = set() if asked.server is None else {asked.database} if asked.database else {*asked.server.databases}
    missing = sorted({str(name) for name in wanted} - set(manifest.databases))
    if asked.scope != "database":
        needed = {name for name, tree in asked.trees.declared.items() if tree.data_class == "required"}
        missing += sorted(needed - set(manifest.trees)) if manifest.trees else ["the files"]
    if missing:
        message = f"the set does not hold {', '.join(missing)} (its scope: {manifest.scope})"
        raise ProgramError("scope_missing", message, hint="ask for less, or choose another set")
