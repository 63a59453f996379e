"""What may be run. Closed lists; whatever is not on them is refused with one sentence that says what is.

The policy is checked on the typed command, with the resource types that the cluster really serves, right
before the command is carried out. It trusts nothing that the parser found out.
"""

import difflib
import re
from collections.abc import Sequence

from domain.errors import RefusedCommand
from tools.cluster.reader import Resource
from tools.cluster.resources import find_resource, is_builtin_group
from tools.kubectl.command import KubectlCommand
from tools.kubectl.flags import ALLOWED_VERBS, FLAGS, VERBS
from tools.kubectl.parts import Target
from tools.kubectl.words import quote

READ_VERBS = ("get", "list")
"""The API verbs that Kubewhy's own identity has."""

ALL = "all"
ALL_KINDS = (
    *("Pod", "ReplicationController", "Service", "DaemonSet", "Deployment", "ReplicaSet"),
    *("StatefulSet", "HorizontalPodAutoscaler", "CronJob", "Job"),
)
"""What ``get all`` means besides custom types, in kubectl's order (the category "all" of the API server)."""

READABLE = {
    "": (
        *("ConfigMap", "Endpoints", "Event", "LimitRange", "Namespace", "Node", "PersistentVolume"),
        *("PersistentVolumeClaim", "Pod", "PodTemplate", "ReplicationController", "ResourceQuota"),
        *("Secret", "Service", "ServiceAccount", "ComponentStatus"),
    ),
    "admissionregistration.k8s.io": (
        *("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
        *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
    ),
    "apiextensions.k8s.io": ("CustomResourceDefinition",),
    "apiregistration.k8s.io": ("APIService",),
    "apps": ("ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
    "autoscaling": ("HorizontalPodAutoscaler",),
    "batch": ("CronJob", "Job"),
    "certificates.k8s.io": ("CertificateSigningRequest",),
    "coordination.k8s.io": ("Lease",),
    "discovery.k8s.io": ("EndpointSlice",),
    "events.k8s.io": ("Event",),
    "flowcontrol.apiserver.k8s.io": ("FlowSchema", "PriorityLevelConfiguration"),
    "metrics.k8s.io": ("NodeMetrics", "PodMetrics"),
    "networking.k8s.io": ("IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"),
    "node.k8s.io": ("RuntimeClass",),
    "policy": ("PodDisruptionBudget",),
    "rbac.authorization.k8s.io": ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
    "resource.k8s.io": ("DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"),
    "scheduling.k8s.io": ("PriorityClass",),
    "storage.k8s.io": (
        *("CSIDriver", "CSINode", "CSIStorageCapacity", "StorageClass", "VolumeAttachment"),
        *("VolumeAttributesClass",),
    ),
}
"""The kinds of Kubernetes itself that may be read, by API group. Custom ones may be, except credentials."""

_CREDENTIAL = re.compile(r"(?i)(token|password|credentials?|api_?key)$")
"""Custom kinds that are credentials themselves: Rancher's Token, OpenShift's OAuthAccessToken."""

_LOGGING = (
    "Pod",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "ReplicationController",
    "Service",
)
_ROLLING = ("Deployment", "StatefulSet", "DaemonSet")
_SHOWS_NAMES_ONLY = ("", "wide", "name")


def check(
    command: KubectlCommand, resources: Sequence[Resource], context: str = ""
) -> list[tuple[Resource, Target]]:
    """Let a command pass, with its resource types looked up among ``resources``; else refuse it.

    Args:
        command: what was asked for.
        resources: every type that the cluster serves.
        context: the kubeconfig context of the cluster at hand, the only one that a command may name.

    Returns:
        Each resource type with the target that named it; ``all`` becomes the types it stands for.

    Raises:
        RefusedCommand: one sentence that says what is allowed instead.
    """
    _check_verb_and_flags(command)
    _check_context(command, context)
    if command.for_object:
        _check_readable(resolve_type(command.for_object.partition("/")[0], resources))
    found = [pair for target in command.targets for pair in _resolve(command, target, resources)]
    for resource, _ in found:
        _check_readable(resource)
        if is_secret(resource):
            _check_secret(command)
        _check_kind(command, resource)
    return found


def is_readable(resource: Resource) -> bool:
    """Whether objects of the type may be read at all."""
    if is_builtin_group(resource.group):
        return resource.kind in READABLE.get(resource.group, ())
    kind = resource.kind.partition(".")[0]
    return kind == "Secret" if is_secret(resource) else not _CREDENTIAL.search(kind)


def is_secret(resource: Resource) -> bool:
    """Whether a type holds secret values, the built-in one or another that calls itself so."""
    return resource.plural.lower() == "secrets" or resource.kind.partition(".")[0].lower() == "secret"


def _check_verb_and_flags(command: KubectlCommand) -> None:
    if command.verb not in VERBS:
        raise RefusedCommand(
            f"{quote(command.verb)} is refused: Kubewhy only reads, and takes {ALLOWED_VERBS}."
        )
    defaults = KubectlCommand(verb=command.verb)
    for flag in FLAGS:
        given = getattr(command, flag.field) != getattr(defaults, flag.field)
        if given and command.verb not in flag.verbs:
            raise RefusedCommand(f"{flag.spelling} is not a flag of {command.verb}.")


def _check_context(command: KubectlCommand, context: str) -> None:
    if command.context and command.context != context:
        own = f", or name {quote(context)}" if context else ""
        raise RefusedCommand(
            f"--context {quote(command.context)} is refused: Kubewhy asks one cluster with its own read-only "
            f"identity; leave it out{own}."
        )


def _check_readable(resource: Resource) -> None:
    if not is_readable(resource):
        raise RefusedCommand(
            f"{resource.kind} objects cannot be read: they answer questions of programs, or are about "
            "credentials; kubectl api-resources lists what can be."
        )


def _resolve(
    command: KubectlCommand, target: Target, resources: Sequence[Resource]
) -> list[tuple[Resource, Target]]:
    if target.word == ALL and command.verb == "get":
        if target.names:
            raise RefusedCommand("all stands for many types: give no name with it, or one type and the name.")
        named = [r for kind in ALL_KINDS if (r := find_resource(kind, resources))]
        return [(r, target) for r in (*named, *(r for r in resources if ALL in r.categories))]
    return [(resolve_type(target.word, resources), target)]


def resolve_type(word: str, resources: Sequence[Resource]) -> Resource:
    """The resource type that a word names.

    Raises:
        RefusedCommand: the cluster serves none of that name; the sentence lists the nearest.
    """
    if resource := find_resource(word, resources):
        return resource
    known = {name for r in resources for name in (r.plural, *r.short_names)}
    nearest = difflib.get_close_matches(word.partition(".")[0], known, n=3)
    hint = f"did you mean {' or '.join(nearest)}?" if nearest else "kubectl api-resources lists them."
    raise RefusedCommand(f"The server doesn't have a resource type {quote(word)}: {hint}")


def _check_secret(command: KubectlCommand) -> None:
    """Names, types and keys may be shown; values may not, nor anything that is computed from them."""
    allowed = "list them with get secrets, or see the keys of one with describe secret NAME"
    if command.output.format not in _SHOWS_NAMES_ONLY:
        raise RefusedCommand(f"Values of Secrets are never shown: {allowed}.")
    if command.sort_by and not command.sort_by.lstrip("{").startswith(".metadata."):
        raise RefusedCommand("Secrets are sorted by fields of .metadata only, such as .metadata.name.")
    if any(not part.startswith(("metadata.", "type")) for part in command.field_selector.split(",") if part):
        raise RefusedCommand("Secrets are selected by metadata.name, metadata.namespace and type only.")


def _check_kind(command: KubectlCommand, resource: Resource) -> None:
    if command.verb == "logs" and resource.kind not in _LOGGING:
        raise RefusedCommand(
            f"A {resource.kind} has no logs: name a pod, or one of {', '.join(_LOGGING[1:])}."
        )
    if command.verb == "rollout" and resource.kind not in _ROLLING:
        raise RefusedCommand(f"A {resource.kind} has no rollout: name one of {', '.join(_ROLLING)}.")
