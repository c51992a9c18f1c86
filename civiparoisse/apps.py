"""Wires what is below to this installation: its engines into their registry, its catalogue into domain's texts."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext, pgettext

from domain.texts import install_translator
from engine.base import Engine


class WiringConfig(AppConfig):
    """Registers engines and the translator once per process."""

    name = "civiparoisse"

    def ready(self) -> None:
        """Register the engines of this installation, and how texts are translated."""
        from civiparoisse.neighbours import list_account_faults
        from engine.registry import register_engine, register_resolver
        from operations.watch import register_fault_source

        register_engine("local", make_local_engine)
        register_resolver(resolve_cluster, list_clusters)
        install_translator(translate_text)
        register_fault_source(list_account_faults)


def translate_text(msgid: str, context: str) -> str:
    """Return a text of domain/ in the active language."""
    return pgettext(context, msgid) if context else gettext(msgid)


def resolve_cluster(name: str) -> Engine | None:
    """Return the engine of the cluster called `name`, None when there is none."""
    from clusters.engines import resolve_engine

    return resolve_engine(name)


def list_clusters() -> tuple[str, ...]:
    """Return the names of the clusters."""
    from clusters.engines import list_cluster_names

    return list_cluster_names()


def make_local_engine() -> Engine:
    """Return the engine that runs instances as processes of this machine."""
    from engine.local.engine import LocalEngine

    return LocalEngine(
        settings.LOCAL_ENGINE_ROOT,
        ports=range(settings.LOCAL_FIRST_PORT, settings.LOCAL_LAST_PORT + 1),
        account=settings.LOCAL_ACCOUNT,
        numbers=range(settings.LOCAL_FIRST_ACCOUNT, settings.LOCAL_LAST_ACCOUNT + 1),
    )
