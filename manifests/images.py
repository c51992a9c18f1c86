"""Where each image of an instance comes from: its release, its blueprint, the cluster's mirror and digests. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.cluster import Blueprint, ClusterSettings
from domain.specs import Release


class ImageSource(StrEnum):
    """Who names an image."""

    RELEASE = "release"
    BLUEPRINT = "blueprint"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedImage:
    """One image as pods name it. `named`: as its `source` names it; `is_mirrored`: it is pulled from the cluster's
    mirror; `is_pinned`: by the digest that the cluster's settings name."""

    role: str
    reference: str
    named: str
    source: ImageSource
    is_mirrored: bool
    is_pinned: bool


def resolve_images(release: Release, blueprint: Blueprint, cluster: ClusterSettings) -> tuple[ResolvedImage, ...]:
    """Return every image of an instance, in the blueprint's order."""
    images = []
    for role, default in blueprint.images.items():
        named = release.images.get(role, default)
        digest = cluster.image_digests.get(named, "")
        images.append(
            ResolvedImage(
                role=role,
                reference=make_reference(named, mirror=cluster.image_mirror, digest=digest),
                named=named,
                source=ImageSource.RELEASE if role in release.images else ImageSource.BLUEPRINT,
                is_mirrored=bool(cluster.image_mirror),
                is_pinned=bool(digest),
            )
        )
    return tuple(images)


def make_reference(named: str, *, mirror: str, digest: str) -> str:
    """Return the reference to pull: below `mirror` instead of the registry that it names, and by `digest` where there
    is one; what names a digest itself keeps it."""
    reference = f"{mirror}/{strip_registry(named)}" if mirror else named
    return f"{reference}@{digest}" if digest and "@" not in reference else reference


def strip_registry(reference: str) -> str:
    """Return a reference without its registry: what is before the first slash names one when it has a dot or a port, or
    is localhost (the convention of container runtimes)."""
    first, slash, rest = reference.partition("/")
    return rest if slash and ("." in first or ":" in first or first == "localhost") else reference


def map_references(images: tuple[ResolvedImage, ...]) -> Mapping[str, str]:
    """Return role -> reference, as templates take them."""
    return {image.role: image.reference for image in images}
