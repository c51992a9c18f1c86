"""Application `offsite`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OffsiteConfig(AppConfig):
    """Names the application for people."""

    name = "offsite"
    verbose_name = _("Copies elsewhere")

    def ready(self) -> None:
        """Register its kinds, let restores find what is no longer on its volume, and the checklist ask for copies."""
        from backups.ages import register_protection
        from backups.checklist import register_fleet_questions, register_question
        from backups.elsewhere import register_elsewhere
        from backups.holders import register_holder
        from backups.proof_sources import PlacesAway, register_places_away
        from offsite.copies import find_held
        from offsite.downloads import find_downloading
        from offsite.fetching import ensure_here, fetch_for_proof, is_away, list_names, note_proof
        from offsite.kinds.prune_copies import PRUNE_COPIES
        from offsite.opening import find_opened
        from offsite.protection import answer_remote_copies, answer_sealed, find_protection
        from operations.registry import register_kind

        register_elsewhere(ensure_here, is_away)
        register_holder(find_held)
        register_holder(find_opened)
        register_holder(find_downloading)
        register_protection(find_protection)
        register_places_away(PlacesAway(list_names=list_names, fetch=fetch_for_proof, note=note_proof))
        register_question(answer_remote_copies)
        register_fleet_questions(answer_sealed)
        register_kind(PRUNE_COPIES)
