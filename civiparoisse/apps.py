"""Wires what is below to this installation: its catalogue into domain's texts."""

from django.apps import AppConfig
from django.utils.translation import gettext, pgettext

from domain.texts import install_translator


class WiringConfig(AppConfig):
    """Installs the translator once per process."""

    name = "civiparoisse"

    def ready(self) -> None:
        """Say how texts are translated."""
        install_translator(translate_text)


def translate_text(msgid: str, context: str) -> str:
    """Return a text of domain/ in the active language."""
    return pgettext(context, msgid) if context else gettext(msgid)
