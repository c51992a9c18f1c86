"""Volumes that an instance left: Released, kept by their reclaim policy, paid for and mounted by nothing.

Deleting the object alone would leave the storage with the provider, paid for and out of sight: the policy is changed,
and the cluster removes both (kubernetes.io, "Persistent Volumes", Reclaiming).
"""

from domain.errors import CiviparoisseError
from engine.kubernetes.client import FIELD_MANAGER, ClusterClient
from engine.kubernetes.errors import ObjectChanged
from engine.kubernetes.observe import find_owner
from engine.kubernetes.paths import Reference

TRIES = 5
DELETE = "Delete"
LEFT = ("Released", "Failed")


def remove_volume(client: ClusterClient, name: str, *, engine: str) -> None:
    """Make the cluster remove a volume and its storage; nothing is waited for. Raise CiviparoisseError `volume_foreign`
    for one whose claim was none of an instance's, `volume_held` while a claim has it."""
    reference = Reference("v1", "PersistentVolume", "", name)
    for attempt in range(TRIES):
        volume = client.get(reference, instance="*")
        if volume is None:
            return
        owner = find_owner(volume)
        if owner is None:
            raise CiviparoisseError("volume_foreign", name=name, engine=engine)
        phase = (volume.get("status") or {}).get("phase", "")
        if phase not in LEFT:
            raise CiviparoisseError("volume_held", name=name, instance=owner, phase=phase or "?")
        if volume["spec"].get("persistentVolumeReclaimPolicy") == DELETE:
            return
        # Of this very state: one that a claim took meanwhile stays.
        version = {"resourceVersion": volume["metadata"]["resourceVersion"]}
        change = {"metadata": version, "spec": {"persistentVolumeReclaimPolicy": DELETE}}
        try:
            client.merge(reference, change, manager=FIELD_MANAGER, instance=owner)
        except ObjectChanged:
            if attempt == TRIES - 1:
                raise
        else:
            return
