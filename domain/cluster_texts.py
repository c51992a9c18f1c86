"""Texts of the errors of clusters: message, hint and, unless they are 409 and False, HTTP status and retryable."""

from typing import Any

from domain.texts import mark as _

CLUSTER_TEXTS: dict[str, tuple[Any, ...]] = {
    "invalid_cluster": (_("Cluster %(cluster)s: %(count)s values were refused:%(summary)s"), "", 400),
    "cluster_exists": (_("There already is a cluster named %(cluster)s."), _("Choose another name.")),
    "cluster_in_use": (
        _("Cluster %(cluster)s cannot be deleted: %(count)s instances are recorded on it (%(instances)s)."),
        _("First, for each (nothing can be restored after a purge): %(commands)s; then delete its parish."),
    ),
    "kubeconfig_invalid": (
        _("The kubeconfig of the cluster cannot be used: %(reason)s."),
        _("Make one that stands alone, with a ServiceAccount's token: deploy/kubeconfig makes it (docs/clusters.md)."),
        400,
    ),
    "cluster_unreachable": (
        _("The cluster did not answer for %(instance)s: %(detail)s"),
        _("If it lasts, look at its API server; an operation that has failed can be asked for again."),
        503,
        True,
    ),
    "cluster_account_refused": (
        _("The cluster does not know the manager's account (%(instance)s)."),
        _(
            "Its token or certificate has expired or was withdrawn: give the cluster's row a new kubeconfig; what an"
            " operation has to put back waits for it, at most a day."
        ),
        503,
        True,
    ),
    "cluster_forbidden": (
        _("The manager's account may not %(verb)s %(resource)s on the cluster (%(instance)s)."),
        _("Give its role this right: kubectl apply -f deploy/rbac.yaml."),
        503,
    ),
    "cluster_quota_exceeded": (
        _("%(object)s of %(instance)s does not fit into a quota of the cluster: %(detail)s"),
        _("Raise that quota, or choose a smaller plan."),
    ),
    "cluster_invalid": (
        _("The cluster refused %(object)s of %(instance)s: %(field)s: %(reason)s"),
        _("Correct the blueprint, or the plan, release or cluster that chooses this value."),
        500,
    ),
    "cluster_conflict": (
        _("%(object)s of %(instance)s was not changed: its field %(field)s belongs to %(manager)s."),
        _(
            "All the rest was applied. Find out who changed it and why; then have it given up, and ask again: a"
            " manifest is applied again without that field; after a kubectl patch, edit or scale, delete %(object)s,"
            " which is made anew (never a volume's claim)."
        ),
    ),
    "namespace_conflict": (
        _("The namespace %(instance)s was not changed as a whole: its field %(field)s belongs to %(manager)s."),
        _(
            "All the rest was applied. Never delete the namespace for this: the data would go with it. Have the label"
            " or annotation given up (kubectl label namespace %(instance)s NAME-), then ask again."
        ),
    ),
    "cluster_api_missing": (
        _("The cluster has no %(kind)s of %(api)s, which %(instance)s needs."),
        _("Install it on the cluster, or choose another kind of ingress in the cluster's settings."),
    ),
    "volume_shrinks": (
        _("The volume %(claim)s of %(instance)s has %(found)s, and %(wanted)s were asked for: volumes cannot shrink."),
        _("Ask for %(found)s or more."),
    ),
    "volume_cannot_grow": (
        _(
            "The volume %(claim)s of %(instance)s has %(found)s and cannot grow to %(wanted)s: its storage class"
            " %(storage_class)s does not allow expansion."
        ),
        _(
            "Choose a plan with the same volumes; or, where the driver can do it, have an administrator set"
            " allowVolumeExpansion: true on that class."
        ),
    ),
    "field_immutable": (
        _("%(object)s of %(instance)s cannot change its %(field)s (now %(found)s, asked %(wanted)s)."),
        _("Such a change is another blueprint, or another instance: back this one up and restore it there."),
    ),
    "namespace_foreign": (
        _("The namespace %(instance)s exists on the cluster and was not made by this manager: nothing was touched."),
        _(
            "Choose another sub-domain, or have that namespace removed by whoever made it; if this manager is to look"
            " after it from now on: operation_request adopt %(instance)s --dry-run. Each of several managers touches"
            " only what bears its own mark (docs/clusters.md)."
        ),
    ),
    "nothing_to_adopt": (
        _("Under the name %(instance)s nothing of an instance stands on %(engine)s that could be adopted."),
        _("An adoption needs its volumes and its passwords. To make it anew: instance_provision %(instance)s"),
    ),
    "instance_lost": (
        _("What the data of %(instance)s lay on is gone, and nobody asked the manager for it: %(missing)s."),
        _(
            "Nothing is made again by itself. Find out who removed it. To bring the instance back: instance_provision"
            " %(instance)s, then restore a backup that is kept elsewhere; to give it up: instance_delete %(instance)s"
            " --no-final-backup --confirm %(instance)s"
        ),
    ),
    "namespace_ending": (
        _("The namespace %(instance)s is still being deleted."),
        _("Ask again in a minute; if it stays, look at what holds it: kubectl describe namespace %(instance)s"),
        503,
        True,
    ),
    "set_elsewhere": (
        _("The backups of %(source)s cannot be given to %(instance)s: %(source)s itself is no longer on this cluster."),
        _("Provision %(source)s again, restore the backup there, then clone it."),
    ),
}
