"""What people are told of the parts of an instance's data: what a set leaves out, and what is lost without it."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backups.choices import BackupScope
from domain.data_sets import DataDeclaration
from manifests.blueprints import list_blueprints, load_blueprint
from tenants.models import Instance
from tenants.specs import make_release


def get_data(instance: Instance) -> DataDeclaration:
    """Return what the instance's blueprint declares of its data."""
    return load_blueprint(make_release(instance.release).blueprint).data


def list_database_names() -> tuple[str, ...]:
    """Return the names of the databases of all blueprints, each once, in their order."""
    names = [name for blueprint in list_blueprints() for name in load_blueprint(blueprint).data.databases]
    return tuple(dict.fromkeys(names))


def list_tree_names() -> tuple[str, ...]:
    """Return the names of the trees of all blueprints, each once, in their order."""
    names = [name for blueprint in list_blueprints() for name in load_blueprint(blueprint).data.trees]
    return tuple(dict.fromkeys(names))


def describe_missing(instance: Instance, scope: BackupScope) -> list[str]:
    """Return a sentence for each part of the data that a backup of this scope does not hold."""
    text = _("Without %(name)s: %(loss)s")
    return [text % {"name": name, "loss": loss} for name, loss in _list_losses(instance, *_invert(scope))]


def describe_untouched(instance: Instance, scope: BackupScope, *, database: str = "") -> list[str]:
    """Return a sentence for each part of the data that a restore of this scope, or of this database alone, leaves as it
    is."""
    text = _("Not put back is %(name)s: %(loss)s")
    scopes = (BackupScope.FULL,) if database else _invert(scope)
    parts = _list_losses(instance, *scopes)
    return [text % {"name": name, "loss": loss} for name, loss in parts if name != database]


def _invert(scope: BackupScope) -> tuple[BackupScope, ...]:
    return {
        BackupScope.FULL: (),
        BackupScope.DATABASE: (BackupScope.FILES,),
        BackupScope.FILES: (BackupScope.DATABASE,),
    }[scope]


def _list_losses(instance: Instance, *scopes: BackupScope) -> list[tuple[str, str]]:
    """Return (name, what is lost without it in the reader's language) of the parts in any of the scopes."""
    data = get_data(instance)
    parts: list[tuple[str, str]] = []
    language = "fr" if (get_language() or "").startswith("fr") else "en"
    if {BackupScope.FULL, BackupScope.DATABASE} & set(scopes):
        parts += [(name, database.loss[language]) for name, database in data.databases.items()]
    if {BackupScope.FULL, BackupScope.FILES} & set(scopes):
        parts += [(name, tree.loss[language]) for name, tree in data.trees.items()]
    return parts
