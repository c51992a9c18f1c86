"""Texts of every finding of a cluster's check: what was found, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import format_text
from domain.findings import Finding
from domain.offsite_texts import OFFSITE_FINDING_TEXTS
from domain.texts import mark as _


@dataclass(frozen=True, slots=True)
class FindingText:
    """`hint`: empty when there is nothing to do."""

    message: Any
    hint: Any = ""


TEXTS: dict[str, FindingText] = {
    "api_unreachable": FindingText(
        _("The cluster does not answer: %(detail)s"),
        _("Check the server of the kubeconfig, the network, and that the cluster runs."),
    ),
    "api_refused": FindingText(
        _("The cluster refuses the account of the kubeconfig."),
        _("Make a new one for its own account: deploy/kubeconfig | cluster_update NAME --kubeconfig-file -"),
    ),
    "api_answers": FindingText(_("The cluster answers.")),
    "account_lasts": FindingText(_("The account of the kubeconfig is valid until %(at)s.")),
    "account_expired": FindingText(
        _("The account of the kubeconfig has expired on %(at)s."),
        _("Make a new one: deploy/kubeconfig | cluster_update %(cluster)s --kubeconfig-file -"),
    ),
    "account_expires": FindingText(
        _("The account of the kubeconfig expires on %(at)s."),
        _("Make a new one in time: deploy/kubeconfig | cluster_update %(cluster)s --kubeconfig-file -"),
    ),
    "look_refused": FindingText(
        _("%(what)s could not be read (HTTP %(status)s)."), _("Apply deploy/rbac.yaml, then check again.")
    ),
    "version_supported": FindingText(_("Kubernetes %(version)s.")),
    "version_old": FindingText(
        _("Kubernetes %(version)s is too old: %(least)s or newer is needed (native sidecars)."),
        _("Upgrade the cluster."),
    ),
    "version_unknown": FindingText(
        _("The version of the cluster is not known (%(version)s)."), _("%(least)s or newer is needed.")
    ),
    "permissions_complete": FindingText(_("The permissions are there, all %(count)s.")),
    "permissions_too_many": FindingText(
        _("The account may do everything on the cluster: it is an administrator’s, not the manager’s."),
        _("Give the manager an account of its own: deploy/kubeconfig | cluster_update NAME --kubeconfig-file -"),
    ),
    "permissions_missing": FindingText(
        _("Permissions are missing (%(count)s): %(missing)s."),
        _("With an administrator’s account: kubectl apply -f deploy/rbac.yaml"),
    ),
    "storage_class_found": FindingText(_("Storage class %(name)s, volumes of %(provisioner)s.")),
    "storage_class_missing": FindingText(
        _("There is no storage class %(name)s."), _("Name one of: %(others)s; or leave it empty for the default one.")
    ),
    "storage_default_missing": FindingText(
        _("The cluster has no default storage class."), _("Name one of: %(others)s; or make one the default.")
    ),
    "storage_purges": FindingText(_("Reclaim policy %(policy)s: a purge removes the volumes themselves.")),
    "storage_retains": FindingText(
        _("Reclaim policy %(policy)s: volumes stay after a purge, with the parish’s data, and are paid for."),
        _("Use a class with the policy Delete, or remove what is left afterwards: finops_recommend lists it."),
    ),
    "storage_expands": FindingText(_("Volumes can be made larger.")),
    "storage_fixed": FindingText(
        _("Volumes cannot be made larger (allowVolumeExpansion is off)."),
        _("Choose plans with room to spare, or a class that allows expansion."),
    ),
    "storage_binds_late": FindingText(_("A volume is made where its instance runs (%(mode)s).")),
    "storage_binds_early": FindingText(
        _("A volume is made before its instance has a node (%(mode)s)."),
        _("With several zones, use a class with WaitForFirstConsumer: an instance must follow its volumes."),
    ),
    "storage_binds_apart": FindingText(
        _(
            "Volumes are made before their instance has a node (%(mode)s), and the nodes are in several zones"
            " (%(zones)s): those of one instance come into different zones, and it never starts."
        ),
        _("Use a class like %(name)s with volumeBindingMode WaitForFirstConsumer, or one that keeps to one zone."),
    ),
    "ingress_none": FindingText(_("Nothing leads to the pages from outside, as the cluster’s settings say.")),
    "ingress_served": FindingText(_("The API %(api)s is there.")),
    "ingress_not_served": FindingText(
        _("The API %(api)s has no %(missing)s."),
        _("Install the ingress controller with its definitions, or choose another way in."),
    ),
    "ingress_class_found": FindingText(_("Ingress class %(name)s.")),
    "ingress_class_missing": FindingText(
        _("There is no ingress class %(name)s."), _("Name one of: %(others)s; or leave it empty for the default one.")
    ),
    "ingress_default_missing": FindingText(
        _("The cluster has no default ingress class."), _("Name one of: %(others)s; or make one the default.")
    ),
    "gateway_found": FindingText(_("Gateway %(name)s in the namespace %(namespace)s.")),
    "gateway_missing": FindingText(
        _("There is no Gateway %(name)s in the namespace %(namespace)s."),
        _("Make it, or name another in the cluster’s settings."),
    ),
    "gateway_closed": FindingText(
        _("The Gateway %(name)s in %(namespace)s takes no listeners of other namespaces: no host would be served."),
        _("Have its spec.allowedListeners.namespaces.from set to All, or to Selector with a label of the instances."),
    ),
    "issuer_ready": FindingText(_("Certificates of the pages are made by the issuer %(name)s.")),
    "issuer_not_served": FindingText(
        _("The API %(api)s is not there: no certificate of a page would be made."),
        _("Install cert-manager, or leave tls_issuer empty."),
    ),
    "issuer_missing": FindingText(
        _("There is no ClusterIssuer %(name)s."), _("Make it, or name another: tls_issuer in the cluster’s settings.")
    ),
    "issuer_not_ready": FindingText(
        _("The ClusterIssuer %(name)s is not ready: certificates wait for it."),
        _("Look at why: kubectl describe clusterissuer %(name)s"),
    ),
    "given_certificate_found": FindingText(
        _("The public certificate (Secret %(secret)s) is in every instance’s namespace: %(count)s.")
    ),
    "given_certificate_missing": FindingText(
        _("%(count)s instances have no usable public certificate, the Secret %(secret)s: %(names)s."),
        _(
            "The manager does not copy it. Have it put into each instance’s namespace, and renewed, by a copier of"
            " Secrets; or have cert-manager make one for each host: tls_issuer (docs/clusters.md)."
        ),
    ),
    "given_certificate_ends": FindingText(
        _("The public certificate (Secret %(secret)s) of %(count)s instances ends on %(end)s: %(names)s."),
        _("Renew it where it comes from, and see that whatever copies it brings the new one (docs/clusters.md)."),
    ),
    "controller_found": FindingText(_("The controller’s pods are in the namespace %(namespace)s.")),
    "controller_missing": FindingText(
        _("No pod with the labels %(labels)s is in the namespace %(namespace)s: no controller could reach the pages."),
        _("Set ingress_namespace and ingress_pod_labels, or ingress_cidrs for one on its host’s network."),
    ),
    "pod_security_baseline": FindingText(_("Instances’ pods may run: namespaces keep the level “%(level)s”.")),
    "pod_security_forced": FindingText(
        _("The cluster gives namespaces another level of pod security (%(level)s): instances’ pods would be refused."),
        _(
            "UEPAL’s images begin as root and need “baseline” (docs/kubernetes.md). Have the"
            " policy leave out namespaces with the label app.kubernetes.io/managed-by=civiparoisse-manager."
        ),
    ),
    "namespace_refused": FindingText(
        _("The cluster would refuse the namespace of an instance: %(detail)s"),
        _(
            "Have its policy leave out namespaces with the label app.kubernetes.io/managed-by=civiparoisse-manager:"
            " their pods need the level “baseline” (docs/kubernetes.md)."
        ),
    ),
    "pod_security_restricted": FindingText(
        _("%(count)s namespaces of instances enforce “restricted” (%(names)s): their pods do not start again."),
        _(
            "Find out who changed the label, and have it put back: kubectl label namespace %(first)s"
            " pod-security.kubernetes.io/enforce=baseline --overwrite"
        ),
    ),
    "metrics_served": FindingText(_("What pods use is measured (metrics.k8s.io).")),
    "metrics_missing": FindingText(
        _("What pods use is not measured: the API metrics.k8s.io is not there."),
        _("Install metrics-server; costs and sizes are then told from measures, not from plans alone."),
    ),
    "policies_enforced": FindingText(_("Network policies are enforced by %(plugin)s.")),
    "policies_ignored": FindingText(
        _("Network policies are not enforced: %(plugin)s ignores them. Parishes can reach each other’s servers."),
        _("Install a network plugin that enforces them, such as Calico or Cilium."),
    ),
    "policies_unknown": FindingText(
        _("Whether network policies are enforced is not known: no network plugin that we know was found."),
        _("Ask whoever runs the cluster; without them parishes can reach each other’s servers."),
    ),
    # Room in an instance.
    "database_takes_no_rows": FindingText(
        _("The database of %(instance)s takes no new row: %(detail)s."),
        _(
            "Pages can be read, nothing can be entered. With a full volume, give it a larger one: instance_resize"
            " %(instance)s --plan NAME; else look at its database server’s log."
        ),
    ),
    "volume_full": FindingText(
        _("The %(volume)s of %(instance)s is full to %(used)s."),
        _("Before nothing can be entered any more, give it a larger one: instance_resize %(instance)s --plan NAME"),
    ),
    "volume_filling": FindingText(
        _("The %(volume)s of %(instance)s is used to %(used)s."),
        _("In time, give it a larger one: instance_resize %(instance)s --plan NAME"),
    ),
    "volume_full_backups": FindingText(
        _("The %(volume)s of %(instance)s is full to %(used)s: the next backup may not fit."),
        _(
            "Remove sets out of retention: backup_prune %(instance)s --dry-run; or give it a larger volume:"
            " instance_resize %(instance)s --plan NAME"
        ),
    ),
    "volume_filling_backups": FindingText(
        _("The %(volume)s of %(instance)s is used to %(used)s."),
        _(
            "Remove sets out of retention: backup_prune %(instance)s --dry-run; or give it a larger volume:"
            " instance_resize %(instance)s --plan NAME"
        ),
    ),
    # Drift of a whole cluster.
    "instance_missing": FindingText(
        _("Instance %(instance)s is “%(state)s”, but nothing of it is on the cluster."),
        _(
            "Look who deleted its namespace: its backups went with it. To bring it back: provision it, then restore a"
            " set that is kept elsewhere; or give it up: instance_delete %(instance)s"
        ),
    ),
    "instance_damaged": FindingText(
        _("Of instance %(instance)s (“%(state)s”) this is gone from the cluster: %(missing)s."),
        _("Look who removed it. To bring it back: provision it, then restore a set kept elsewhere; or delete it."),
    ),
    "instance_taken": FindingText(
        _("Instance %(instance)s is “%(state)s”, but its namespace bears the mark of another manager."),
        _("Nothing in it is touched. Find out which manager looks after it now, and why."),
    ),
    "namespace_unknown": FindingText(
        _("The namespace %(name)s is ours, but no instance of this cluster has that name."),
        _("Is there another manager? If its data is not needed: kubectl delete namespace %(name)s"),
    ),
    "namespace_forgotten": FindingText(
        _("This manager made the namespace %(name)s, and no instance of this cluster has that name."),
        _("Look at what it holds: stray_remove %(name)s --engine %(cluster)s --dry-run"),
    ),
    "namespace_going": FindingText(
        _("The namespace %(name)s is on its way out since %(since)s (%(detail)s)."), _("Nothing to do.")
    ),
    "namespace_held": FindingText(
        _("The namespace %(name)s is on its way out since %(since)s, and something holds it (%(detail)s)."),
        _("Look at what it is: kubectl describe namespace %(name)s"),
    ),
    "instance_ending": FindingText(
        _("Instance %(instance)s is “%(state)s”, and somebody is deleting its namespace."),
        _(
            "A deletion that has begun cannot be called back. Find out who asked for it. Once it is over the instance"
            " is told as lost: provision it again, then restore a set that is kept elsewhere."
        ),
    ),
    "namespace_left": FindingText(
        _("The namespace %(name)s is still there although its instance is deleted."),
        _("Ask for the deletion again: instance_delete %(name)s --purge-backups --confirm %(name)s"),
    ),
    "volume_released": FindingText(
        _("The volume %(name)s of %(instance)s (%(claim)s) is released and holds data that nobody uses."),
        _("If its data is not needed: stray_remove %(name)s --engine %(cluster)s --volume"),
    ),
    "job_left": FindingText(
        _("A run of %(instance)s was left: %(job)s (%(component)s) since %(since)s."),
        _("Look at its log, then: kubectl delete job %(job)s --namespace %(instance)s"),
    ),
    **{code: FindingText(*texts) for code, texts in OFFSITE_FINDING_TEXTS.items()},
}


def render_finding(code: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Return (message, hint) of a finding in the active language; an unknown code shows as itself."""
    if code not in TEXTS:
        return code, ""
    return format_text(TEXTS[code].message, dict(params)), format_text(TEXTS[code].hint, dict(params))


def finding_as_dict(finding: Finding) -> dict[str, Any]:
    """Return what is stored of a finding: no text, since it is read in several languages."""
    return {"code": finding.code, "level": finding.level.value, "params": dict(finding.params)}
