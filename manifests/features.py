"""Options of an instance that decide which of a blueprint's templates are used. Pure."""

from domain.cluster import ClusterSettings, IngressKind
from domain.specs import InstanceKind, InstanceSpec

# ingress: something leads to the page; ingress-<kind>: what. mail: mail may leave. image-pull, image-public: whether
# the images' registry wants an account.
FEATURES = frozenset(
    {"ingress", "mail", "image-pull", "image-public", *(f"ingress-{kind.value}" for kind in IngressKind)}
)


def compute_features(spec: InstanceSpec, cluster: ClusterSettings) -> frozenset[str]:
    """Return the features of one instance on one cluster."""
    # Nobody comes to a verification: it holds a parish's data for minutes, and only the manager looks at its page.
    way_in = IngressKind.NONE if spec.kind is InstanceKind.VERIFICATION else cluster.ingress_kind
    features = {f"ingress-{way_in.value}"}
    if way_in is not IngressKind.NONE:
        features.add("ingress")
    if spec.mail_enabled and (spec.site.smtp or spec.site.imap):
        features.add("mail")
    features.add("image-pull" if cluster.image_pull_config else "image-public")
    return frozenset(features)
