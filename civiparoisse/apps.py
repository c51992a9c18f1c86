"""Wires what is below to this installation: its catalogue into domain's texts."""

from django.apps import AppConfig
from django.utils.translation import gettext, pgettext

from domain.texts import install_translator


class WiringConfig(AppConfig):
    """Installs the translator once per process."""

    name = "civiparoisse"

    def ready(self) -> None:
        """Say how texts are translated, and have instances that share an account told."""
        import civiparoisse.checks  # noqa: F401 - registers them
        from civiparoisse.neighbours import list_account_faults
        from operations.watch import register_fault_source

        install_translator(translate_text)
        register_fault_source(list_account_faults)


def translate_text(msgid: str, context: str) -> str:
    """Return a text of domain/ in the active language."""
    return pgettext(context, msgid) if context else gettext(msgid)
