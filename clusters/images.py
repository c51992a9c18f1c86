"""The images of an instance as the doors show them: what is pulled, and who says so."""

from typing import Any

from clusters.models import Cluster
from clusters.settings import make_cluster_settings
from domain.specs import Release
from manifests.blueprints import load_blueprint
from manifests.images import resolve_images
from tenants.models import Instance


def list_images(instance: Instance) -> list[dict[str, Any]]:
    """Return the images of an instance on a cluster by role; empty on the local engine, which has none. `sources`: who
    names it (release, blueprint), and mirror and digest where the cluster's settings change it."""
    cluster = Cluster.objects.filter(name=instance.engine).first()
    if cluster is None:
        return []
    row = instance.release
    release = Release(name=row.name, images=row.images, versions=row.versions)
    images = resolve_images(release, load_blueprint(release.blueprint), make_cluster_settings(cluster))
    return [
        {
            "role": image.role,
            "reference": image.reference,
            "named": image.named,
            "sources": [
                image.source.value,
                *(["mirror"] if image.is_mirrored else []),
                *(["digest"] if image.is_pinned else []),
            ],
        }
        for image in images
    ]
