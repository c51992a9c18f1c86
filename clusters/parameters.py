"""Every parameter of a cluster: its parser, its default, and what must hold between them. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from clusters.image_values import parse_digests, parse_mirror
from clusters.kubeconfig import parse_kubeconfig
from clusters.values import (
    make_choice,
    make_count,
    parse_address,
    parse_annotations,
    parse_api_group,
    parse_domain,
    parse_entry_points,
    parse_hosts,
    parse_label,
    parse_labels,
    parse_name,
    parse_networks,
    parse_object_name,
    parse_pull_config,
    refuse,
)
from domain.cluster import ClusterSettings, IngressKind
from domain.errors import CiviparoisseError, InvalidValue
from domain.parameters import Fault, Parameter
from domain.values import parse_flag


class RepairPolicy(StrEnum):
    """What is done about drift that is found: told, or repaired too."""

    REPORT = "report"
    REPAIR = "repair"


DEFAULTS = ClusterSettings()
# A repair is a resume of an instance: a few at once leave room for what people ask.
MOST_REPAIRS = 50
# A year; the grace is for second thoughts, not for archives.
MOST_GRACE_HOURS = 8760
# Of an unknown name in an error.
NAME_SHOWN = 40
# Kubernetes' own limit (kubernetes.io, "Considerations for large clusters").
MOST_NODES = 5000
PULL_POLICIES = ("IfNotPresent", "Always", "Never")

# Settings that few clusters need, kept together as one JSON object: name of the field of ClusterSettings -> parser.
RARE_SETTINGS: dict[str, Parameter] = {
    "ingress_annotations": Parameter(parse_annotations, dict(DEFAULTS.ingress_annotations)),
    "tls_issuer": Parameter(parse_object_name, DEFAULTS.tls_issuer),
    "ingress_pod_labels": Parameter(parse_labels, dict(DEFAULTS.ingress_pod_labels)),
    "ingress_cidrs": Parameter(parse_networks, list(DEFAULTS.ingress_cidrs)),
    "ingress_address": Parameter(parse_address, ""),
    "traefik_api_group": Parameter(parse_api_group, DEFAULTS.traefik_api_group),
    "traefik_entry_points": Parameter(parse_entry_points, list(DEFAULTS.traefik_entry_points)),
    "dns_namespace": Parameter(lambda field, value: parse_label(field, value, required=True), DEFAULTS.dns_namespace),
    "dns_pod_labels": Parameter(parse_labels, dict(DEFAULTS.dns_pod_labels)),
    "dns_cidrs": Parameter(parse_networks, list(DEFAULTS.dns_cidrs)),
    "internal_cidrs": Parameter(parse_networks, list(DEFAULTS.internal_cidrs)),
    "most_nodes": Parameter(make_count(0, MOST_NODES), DEFAULTS.most_nodes),
    "image_mirror": Parameter(parse_mirror, DEFAULTS.image_mirror),
    "image_digests": Parameter(parse_digests, dict(DEFAULTS.image_digests)),
    "image_pull_policy": Parameter(make_choice(PULL_POLICIES), DEFAULTS.image_pull_policy),
}


def parse_rare_settings(field: str, value: object) -> dict[str, Any]:
    """Return the rare settings that differ from their defaults. Raise InvalidValue naming the first one refused."""
    if not isinstance(value, dict):
        raise refuse(field, _("give names and values, e.g. dns_namespace."))
    recorded = {}
    for name, given in value.items():
        if name not in RARE_SETTINGS:
            raise refuse(field, _("there is no setting %(name)s.") % {"name": ascii(str(name)[:NAME_SHOWN])})
        try:
            parsed = RARE_SETTINGS[name].parse(name, given)
        except InvalidValue as error:
            raise refuse(field, f"{name}: {error.params['reason']}") from error
        if parsed != RARE_SETTINGS[name].default:
            recorded[name] = parsed
    return recorded


PARAMETERS: dict[str, Parameter] = {
    "name": Parameter(parse_name),
    "kubeconfig": Parameter(parse_kubeconfig, "", is_secret=True),
    "domain": Parameter(parse_domain, ""),
    "host_template": Parameter(parse_hosts, ""),
    "storage_class": Parameter(parse_object_name, ""),
    "ingress_kind": Parameter(make_choice(kind.value for kind in IngressKind), DEFAULTS.ingress_kind.value),
    "ingress_class": Parameter(parse_object_name, ""),
    "ingress_namespace": Parameter(
        lambda field, value: parse_label(field, value, required=True), DEFAULTS.ingress_namespace
    ),
    "ingress_tls_secret": Parameter(parse_object_name, ""),
    "gateway_name": Parameter(parse_object_name, DEFAULTS.gateway_name),
    "gateway_namespace": Parameter(parse_label, DEFAULTS.gateway_namespace),
    "gateway_section": Parameter(parse_object_name, ""),
    "image_pull_config": Parameter(parse_pull_config, "", is_secret=True),
    "priority_class": Parameter(parse_object_name, ""),
    "spread_instances": Parameter(parse_flag, DEFAULTS.spread_instances),
    "settings": Parameter(parse_rare_settings, {}),
    "deletion_grace_hours": Parameter(make_count(0, MOST_GRACE_HOURS), 72),
    "repair_policy": Parameter(make_choice(policy.value for policy in RepairPolicy), RepairPolicy.REPORT.value),
    "repair_at_most": Parameter(make_count(1, MOST_REPAIRS), 3),
}
SECRET_FIELDS = frozenset(name for name, parameter in PARAMETERS.items() if parameter.is_secret)


def validate_value(field: str, value: object) -> Any:
    """Return the recorded form of one parameter; what is absent or empty gets its default. Raise InvalidValue."""
    if field not in PARAMETERS:
        raise InvalidValue(field=field, reason=_("there is no such parameter."))
    parameter = PARAMETERS[field]
    if value is None or value in ("", {}):
        if parameter.default is None:
            raise InvalidValue(field=field, reason=_("is missing."))
        return dict(parameter.default) if isinstance(parameter.default, dict) else parameter.default
    return parameter.parse(field, value)


def validate_cluster(data: Mapping[str, object], *, taken: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return every parameter of a cluster in its recorded form. `taken`: names that engines have already.

    Raise CiviparoisseError `invalid_cluster` naming all faults at once: params `cluster` (the name, «?» if it was
    refused), `count`, `summary` (one text), `fields` (a list of {field, reason}; never a value of a secret).
    """
    recorded: dict[str, Any] = {}
    faults: list[Fault] = []
    unknown = sorted(ascii(str(name)[:NAME_SHOWN]) for name in data if name not in PARAMETERS)
    for name in (*PARAMETERS, *unknown):
        try:
            recorded[name] = validate_value(name, data.get(name))
            if name == "name":
                parse_name(name, recorded[name], taken=taken)
        except InvalidValue as error:
            recorded.pop(name, None)
            faults.append({"field": name, "reason": str(error.params["reason"])})
    if faults:
        summary = "".join(f"\n  {fault['field']}: {fault['reason']}" for fault in faults)
        raise CiviparoisseError(
            "invalid_cluster", cluster=recorded.get("name", "?"), count=len(faults), summary=summary, fields=faults
        )
    return recorded
