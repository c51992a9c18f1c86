"""Options of an instance that decide which of a blueprint's templates are used. Pure."""

from domain.cluster import ClusterSettings, IngressKind
from domain.specs import Component, InstanceKind, InstanceSpec
from manifests.ways_in import has_listener_set, makes_certificates

# ingress: something leads to the page; ingress-<kind>: what. tls-issuer: cert-manager makes the host's certificate;
# listener-set: the Gateway gets a listener of the instance's own. mail: mail may leave. image-pull, image-public:
# whether the images' registry wants an account. closed: a page stands in for the site; closed-ingress: and is led to.
FEATURES = frozenset(
    {"ingress", "tls-issuer", "listener-set", "mail", "image-pull", "image-public", "closed", "closed-ingress"}
    | {f"ingress-{kind.value}" for kind in IngressKind}
)


def is_closed(spec: InstanceSpec) -> bool:
    """Return whether visitors get the page of a closed site."""
    return spec.closed_page is not None and Component.HTTPD not in spec.components


def compute_features(spec: InstanceSpec, cluster: ClusterSettings) -> frozenset[str]:
    """Return the features of one instance on one cluster."""
    # Nobody comes to a verification: it holds a parish's data for minutes, and only the manager looks at its page.
    way_in = IngressKind.NONE if spec.kind is InstanceKind.VERIFICATION else cluster.ingress_kind
    features = {f"ingress-{way_in.value}"}
    if way_in is not IngressKind.NONE:
        features.add("ingress")
        if makes_certificates(cluster):
            features.add("tls-issuer")
        if has_listener_set(cluster):
            features.add("listener-set")
    if is_closed(spec):
        features |= {"closed", "closed-ingress"} if "ingress" in features else {"closed"}
    if spec.mail_enabled and (spec.site.smtp or spec.site.imap):
        features.add("mail")
    features.add("image-pull" if cluster.image_pull_config else "image-public")
    return frozenset(features)
