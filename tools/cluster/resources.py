"""The resource types that every Kubernetes serves, and how a word names one of them."""

from collections.abc import Sequence

from tools.cluster.reader import Resource

_CORE = """
Binding bindings n
ComponentStatus componentstatuses c cs
ConfigMap configmaps n cm
Endpoints endpoints n ep
Event events n ev
LimitRange limitranges n limits
Namespace namespaces c ns
Node nodes c no
PersistentVolumeClaim persistentvolumeclaims n pvc
PersistentVolume persistentvolumes c pv
Pod pods n po
PodTemplate podtemplates n
ReplicationController replicationcontrollers n rc
ResourceQuota resourcequotas n quota
Secret secrets n
ServiceAccount serviceaccounts n sa
Service services n svc
"""

_GROUPS = {
    "v1": _CORE,
    "admissionregistration.k8s.io/v1": """
MutatingWebhookConfiguration mutatingwebhookconfigurations c
ValidatingAdmissionPolicy validatingadmissionpolicies c
ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings c
ValidatingWebhookConfiguration validatingwebhookconfigurations c
""",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition customresourcedefinitions c crd crds",
    "apiregistration.k8s.io/v1": "APIService apiservices c",
    "apps/v1": """
ControllerRevision controllerrevisions n
DaemonSet daemonsets n ds
Deployment deployments n deploy
ReplicaSet replicasets n rs
StatefulSet statefulsets n sts
""",
    "authentication.k8s.io/v1": """
SelfSubjectReview selfsubjectreviews c
TokenReview tokenreviews c
""",
    "authorization.k8s.io/v1": """
LocalSubjectAccessReview localsubjectaccessreviews n
SelfSubjectAccessReview selfsubjectaccessreviews c
SelfSubjectRulesReview selfsubjectrulesreviews c
SubjectAccessReview subjectaccessreviews c
""",
    "autoscaling/v2": "HorizontalPodAutoscaler horizontalpodautoscalers n hpa",
    "batch/v1": """
CronJob cronjobs n cj
Job jobs n
""",
    "certificates.k8s.io/v1": "CertificateSigningRequest certificatesigningrequests c csr",
    "coordination.k8s.io/v1": "Lease leases n",
    "discovery.k8s.io/v1": "EndpointSlice endpointslices n",
    "events.k8s.io/v1": "Event events n ev",
    "flowcontrol.apiserver.k8s.io/v1": """
FlowSchema flowschemas c
PriorityLevelConfiguration prioritylevelconfigurations c
""",
    "metrics.k8s.io/v1beta1": """
NodeMetrics nodes c
PodMetrics pods n
""",
    "networking.k8s.io/v1": """
IngressClass ingressclasses c
Ingress ingresses n ing
IPAddress ipaddresses c ip
NetworkPolicy networkpolicies n netpol
ServiceCIDR servicecidrs c
""",
    "node.k8s.io/v1": "RuntimeClass runtimeclasses c",
    "policy/v1": "PodDisruptionBudget poddisruptionbudgets n pdb",
    "rbac.authorization.k8s.io/v1": """
ClusterRoleBinding clusterrolebindings c
ClusterRole clusterroles c
RoleBinding rolebindings n
Role roles n
""",
    "resource.k8s.io/v1": """
DeviceClass deviceclasses c
ResourceClaim resourceclaims n
ResourceClaimTemplate resourceclaimtemplates n
ResourceSlice resourceslices c
""",
    "scheduling.k8s.io/v1": "PriorityClass priorityclasses c pc",
    "storage.k8s.io/v1": """
CSIDriver csidrivers c
CSINode csinodes c
CSIStorageCapacity csistoragecapacities n
StorageClass storageclasses c sc
VolumeAttachment volumeattachments c
VolumeAttributesClass volumeattributesclasses c vac
""",
}
"""What ``kubectl api-resources`` of v1.34 prints: kind, plural, n(amespaced) or c(luster), short names."""


def _read_table(api_version: str, table: str) -> list[Resource]:
    rows = [line.split() for line in table.strip().splitlines()]
    return [
        Resource(
            kind=kind,
            plural=plural,
            api_version=api_version,
            namespaced=scope == "n",
            short_names=tuple(short),
        )
        for kind, plural, scope, *short in rows
    ]


BUILTIN_RESOURCES: tuple[Resource, ...] = tuple(
    resource for api_version, table in _GROUPS.items() for resource in _read_table(api_version, table)
)
"""Every built-in resource type of Kubernetes v1.34, and metrics; the core group comes first."""

_BUILTIN_KINDS = {resource.kind: resource for resource in reversed(BUILTIN_RESOURCES)}


def builtin_kind(kind: str) -> Resource | None:
    """The built-in resource type of a kind, spelled exactly (``Deployment``); the core group wins."""
    return _BUILTIN_KINDS.get(kind)


def is_builtin_group(group: str) -> bool:
    """Whether an API group belongs to Kubernetes itself: ``""``, ``apps``, ``networking.k8s.io``."""
    return "." not in group or group.endswith(".k8s.io")


def find_resource(word: str, resources: Sequence[Resource]) -> Resource | None:
    """The resource type that ``word`` names, as kubectl would resolve it, without regard to case.

    ``word`` is a plural, singular, kind or short name, alone or followed by its group or by version and
    group: ``deploy``, ``Deployment``, ``deployments.apps``, ``deployments.v1.apps``. Where several types
    match, names win over short names, a whole group over the beginning of one, and the earlier type over
    the later.
    """
    name, _, rest = word.lower().partition(".")
    if not name:
        return None
    named = [r for r in resources if name in _names(r)] + [r for r in resources if name in _short_names(r)]
    if not rest:
        return next(iter(named), None)
    exact = (r for r in named if rest in _qualifiers(r))
    beginning = (r for r in named if r.group.startswith(rest))
    return next(exact, None) or next(beginning, None)


def _names(resource: Resource) -> set[str]:
    return {resource.plural.lower(), resource.kind.partition(".")[0].lower()}


def _short_names(resource: Resource) -> set[str]:
    return {short.lower() for short in resource.short_names}


def _qualifiers(resource: Resource) -> set[str]:
    group, version = resource.group, resource.api_version.rpartition("/")[2]
    return {group, f"{version}.{group}"} if group else {version, f"{version}."}
