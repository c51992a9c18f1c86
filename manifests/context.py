"""The names that templates may use, and their values for one instance on one cluster. Pure."""

from dataclasses import asdict
from typing import Any

from domain.backup_terms import NO_RETENTION
from domain.closed_page import format_closed_page
from domain.cluster import Blueprint, ClusterSettings, TlsBundle
from domain.desired_state import make_desired_state
from domain.names import compute_trusted_host_pattern
from domain.quantities import format_bytes
from domain.specs import Component, InstanceSpec, MailServer
from manifests.cronjobs import (
    compute_backup_schedule,
    compute_cron_schedule,
    is_backup_suspended,
    is_cron_suspended,
)
from manifests.data_sets import format_data_sets, format_figures
from manifests.features import compute_features, is_closed
from manifests.images import map_references, resolve_images
from manifests.placement import make_affinity
from manifests.policies import make_dns_peers, make_ingress_peers, make_mail_ports, make_outside_peers
from manifests.resources import compute_volume_sizes, make_resources
from manifests.ways_in import make_way_in

# Where no mail may leave, or there is no server: a name that never resolves (RFC 2606) and no account.
NO_SMTP = MailServer(host="mail.invalid", port=587, user="none", password="none")
NO_IMAP = MailServer(host="mail.invalid", port=993, user="none", password="none")
# What the pods behind the page's Service are called, and where they listen (k8s_templates): below 1024 takes root.
SITE_APP, SITE_PORT = "paroisse-httpd-impl", 443
CLOSED_APP, CLOSED_PORT = "paroisse-closed-impl", 8443


def make_context(
    spec: InstanceSpec, cluster: ClusterSettings, *, tls: TlsBundle, blueprint: Blueprint
) -> dict[str, Any]:
    """Return every name that templates may use, except `quota` and `job` (manifests.instance, manifests.jobs)."""
    sizes = compute_volume_sizes(spec.plan, blueprint)
    return {
        "instance": _make_instance(spec, blueprint),
        "site": {name: value for name, value in asdict(spec.site).items() if name not in {"smtp", "imap"}},
        "mail": _make_mail(spec, enabled="mail" in compute_features(spec, cluster)),
        "secrets": asdict(spec.secrets),
        "tls": asdict(tls),
        "prefork": {name: str(value) for name, value in asdict(spec.plan.prefork).items()},
        "images": map_references(resolve_images(spec.release, blueprint, cluster)),
        "resources": {name: make_resources(value) for name, value in spec.plan.containers.items()},
        "security": dict(blueprint.security),
        "volumes": {name: format_bytes(size) for name, size in sizes.items()},
        "replicas": {component.value: int(component in spec.components) for component in Component},
        "page": _make_page(spec),
        "suspend": {"cron": is_cron_suspended(spec), "backup": is_backup_suspended(spec)},
        "schedules": {
            "cron": compute_cron_schedule(spec.identifier),
            "backup": compute_backup_schedule(spec.identifier, spec.backups.schedule),
        },
        # The kubelet would expand $(NAME) in the values of variables; none of these three has a $.
        "backups": {
            "scope": spec.backups.scope,
            "codec": spec.backups.codec,
            "retention": spec.backups.retention or NO_RETENTION,
        },
        "data_sets": {
            "declared": format_data_sets(blueprint).replace("$", "$$"),
            "figures": format_figures(blueprint).replace("$", "$$"),
        },
        "placement": {"affinity": make_affinity(spec.identifier, spread=cluster.spread_instances)},
        "policies": {
            "ingress_peers": make_ingress_peers(cluster),
            "dns_peers": make_dns_peers(cluster),
            "outside_peers": make_outside_peers(cluster),
            "mail_ports": make_mail_ports(spec),
        },
        "cluster": {
            name: getattr(cluster, name)
            for name in ("manager", "storage_class", "image_pull_policy", "image_pull_config", "priority_class")
        },
        "ingress": make_way_in(spec, cluster),
    }


def _make_instance(spec: InstanceSpec, blueprint: Blueprint) -> dict[str, Any]:
    # Inside of PHP's single quotes, and through whatever writes it there, a backslash is safest doubled.
    pattern = compute_trusted_host_pattern(spec.host).replace("\\", "\\\\")
    return {
        "identifier": spec.identifier,
        "namespace": spec.identifier,
        "tenant": spec.tenant,
        "kind": spec.kind.value,
        "host": spec.host,
        "release": spec.release.name,
        "blueprint": blueprint.name,
        "trusted_host_patterns": f"['{pattern}']",
        "mail_enabled": "1" if spec.mail_enabled else "0",
        "state": make_desired_state(spec),
    }


def _make_page(spec: InstanceSpec) -> dict[str, Any]:
    """Return who answers behind the page's Service: the site, or what stands in for it while it is closed."""
    if spec.closed_page is None or not is_closed(spec):
        return {"app": SITE_APP, "port": SITE_PORT, "closed": ""}
    return {"app": CLOSED_APP, "port": CLOSED_PORT, "closed": format_closed_page(spec.closed_page)}


def _make_mail(spec: InstanceSpec, *, enabled: bool) -> dict[str, str]:
    smtp = spec.site.smtp if enabled and spec.site.smtp else NO_SMTP
    imap = spec.site.imap if enabled and spec.site.imap else NO_IMAP
    return {
        "smtp_host": smtp.host,
        "smtp_port": str(smtp.port),
        "smtp_user": smtp.user,
        "smtp_password": smtp.password,
        "imap_host": imap.host,
        "imap_port": str(imap.port),
        "imap_user": imap.user,
        "imap_password": imap.password,
        "imap_is_ssl": "1" if imap.use_ssl else "0",
        "imap_folder": imap.folder,
    }
