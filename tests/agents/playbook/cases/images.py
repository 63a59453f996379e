"""Images that cannot be pulled, or not be run where they are."""

from domain.objects import KubeObject, ObjectRef
from tests.agents.playbook.builders import (
    container,
    crashing,
    event,
    ref,
    waiting,
    workload,
)
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.cases.startup import IMAGE, NS, REF, cart, starting

UNPACK = f'failed to pull and unpack image "{IMAGE}": '


def pulling(
    rule: str,
    variant: str,
    error: str,
    *says: str,
    reason: str = "ImagePullBackOff",
    told: str = "",
    at: ObjectRef = REF,
) -> Case:
    """A container whose image cannot be pulled, with what the kubelet said about it."""
    family = cart(waiting(reason, told or f'Back-off pulling image "{IMAGE}"'))
    events: list[KubeObject] = [
        event(family.pod, "Failed", f'Failed to pull image "{IMAGE}": {error}', last=60, inside="app"),
        event(family.pod, "Failed", "Error: ErrImagePull", last=60, inside="app"),
        event(
            family.pod, "BackOff", f'Back-off pulling image "{IMAGE}"', type="Normal", last=10, inside="app"
        ),
        event(family.pod, "Failed", "Error: ImagePullBackOff", last=10, inside="app"),
    ]
    return Case(rule, variant, [family, *events], at, (IMAGE, "app", "cart", *says))


RPC = "rpc error: code = Unknown desc = "


RESOLVE = f'{UNPACK}failed to resolve reference "{IMAGE}": '


HEAD = 'failed to do request: Head "https://registry.example.com/v2/shop/cart/manifests/2.0.1": '

CASES = [
    pulling(
        "image-not-found",
        "containerd 1.x",
        f"rpc error: code = NotFound desc = {RESOLVE}{IMAGE}: not found",
        reason="ErrImagePull",
    ),
    pulling(
        "image-not-found",
        "containerd 2.x",
        f'failed to pull and unpack image "{IMAGE}": failed to resolve image: {IMAGE}: not found',
    ),
    pulling(
        "image-not-found",
        "Docker",
        (
            f"{RPC}Error response from daemon: manifest for {IMAGE} not found: manifest unknown: manifest "
            f"unknown"
        ),
    ),
    pulling(
        "image-not-found",
        "CRI-O",
        f"{RPC}reading manifest 2.0.1 in registry.example.com/shop/cart: manifest unknown: manifest unknown",
    ),
    pulling(
        "image-not-found",
        "repository",
        (
            f"{RPC}Error response from daemon: repository registry.example.com/shop/cart not found: name "
            f"unknown: repository name not known to registry"
        ),
    ),
    pulling(
        "image-not-found",
        "events gone, message in the status",
        "x",
        told=(
            f'Back-off pulling image "{IMAGE}": ErrImagePull: rpc error: code = NotFound desc = '
            f"{RESOLVE}{IMAGE}: not found"
        ),
    ),
    pulling(
        "image-unauthorized",
        "401",
        (
            f"{RPC}{RESOLVE}failed to authorize: failed to fetch anonymous token: unexpected status: 401 "
            f"Unauthorized"
        ),
        "401 Unauthorized",
    ),
    pulling(
        "image-unauthorized",
        "403",
        (
            f"{RPC}{RESOLVE}unexpected status from HEAD request to "
            f"https://registry.example.com/v2/shop/cart/manifests/2.0.1: 403 Forbidden"
        ),
        "403 Forbidden",
    ),
    pulling(
        "image-unauthorized",
        "basic auth",
        (
            f"{RPC}{RESOLVE}pulling from host registry.example.com failed with status code [manifests "
            f"2.0.1]: no basic auth credentials"
        ),
        "no basic auth",
    ),
    pulling(
        "image-unauthorized",
        "private or absent, containerd",
        (
            f"{RPC}{RESOLVE}pull access denied, repository does not exist or may require authorization: "
            f"server message: insufficient_scope: authorization failed"
        ),
        "may not exist",
    ),
    pulling(
        "image-unauthorized",
        "private or absent, Docker",
        (
            f"{RPC}Error response from daemon: pull access denied for shop/cart, repository does not exist "
            f"or may require 'docker login': denied: requested access to the resource is denied"
        ),
        "may not exist",
    ),
    Case(
        "image-pull-secret-missing",
        "named by the Pod",
        [
            family := workload(
                "Deployment",
                NS,
                "cart",
                container(image=IMAGE),
                states=waiting("ImagePullBackOff", f'Back-off pulling image "{IMAGE}"'),
                imagePullSecrets=[{"name": "robot"}],
            ),
            event(
                family.pod,
                "FailedToRetrieveImagePullSecret",
                (
                    "Unable to retrieve some image pull secrets (robot); attempting to pull the image may "
                    "not succeed."
                ),
            ),
        ],
        REF,
        ("robot", NS),
        ref("Secret", "robot", NS),
    ),
    Case(
        "image-pull-secret-missing",
        "and the registry refuses",
        [
            family := workload(
                "Deployment",
                NS,
                "cart",
                container(image=IMAGE),
                states=waiting("ImagePullBackOff", f'Back-off pulling image "{IMAGE}"'),
                imagePullSecrets=[{"name": "robot"}],
            ),
            event(
                family.pod,
                "Failed",
                f'Failed to pull image "{IMAGE}": {RPC}{RESOLVE}unexpected status: 401 Unauthorized',
                inside="app",
            ),
            event(
                family.pod,
                "FailedToRetrieveImagePullSecret",
                (
                    "Unable to retrieve some image pull secrets (robot); attempting to pull the image may "
                    "not succeed."
                ),
            ),
        ],
        REF,
        ("robot", NS),
        ref("Secret", "robot", NS),
    ),
    pulling(
        "image-registry-unresolvable",
        "Go resolver",
        f"{RPC}{RESOLVE}{HEAD}dial tcp: lookup registry.example.com on 10.0.0.2:53: no such host",
    ),
    pulling(
        "image-registry-unresolvable",
        "no answer",
        (
            f"{RPC}{RESOLVE}{HEAD}dial tcp: lookup registry.example.com on 10.0.0.2:53: read udp "
            f"10.0.0.7:4711->10.0.0.2:53: i/o timeout"
        ),
    ),
    pulling(
        "image-registry-unresolvable",
        "server misbehaving",
        f"{RPC}{RESOLVE}{HEAD}dial tcp: lookup registry.example.com on 10.0.0.2:53: server misbehaving",
    ),
    pulling(
        "image-registry-unreachable",
        "timeout",
        f"{RPC}{RESOLVE}{HEAD}dial tcp 192.0.2.9:443: i/o timeout",
        "i/o timeout",
    ),
    pulling(
        "image-registry-unreachable",
        "refused",
        f"{RPC}{RESOLVE}{HEAD}dial tcp 192.0.2.9:443: connect: connection refused",
        "connection refused",
    ),
    pulling(
        "image-registry-unreachable",
        "certificate",
        (
            f"{RPC}{RESOLVE}{HEAD}tls: failed to verify certificate: x509: certificate signed by unknown "
            f"authority"
        ),
        "x509",
    ),
    pulling(
        "image-registry-unreachable",
        "plain HTTP",
        f"{RPC}{RESOLVE}{HEAD}http: server gave HTTP response to HTTPS client",
        "HTTP response to HTTPS client",
    ),
    pulling(
        "image-registry-unreachable",
        "server error",
        (
            f"{RPC}{RESOLVE}unexpected status from HEAD request to "
            f"https://registry.example.com/v2/shop/cart/manifests/2.0.1: 503 Service Unavailable"
        ),
        "503",
    ),
    pulling(
        "image-rate-limited",
        "Docker Hub",
        f"{RPC}{UNPACK}failed to copy: httpReadSeeker: failed open: unexpected status code "
        f"https://registry-1.docker.io/v2/library/x/manifests/sha256:ab: 429 Too Many Requests - "
        "Server message: toomanyrequests: You have reached your pull rate limit.",
    ),
    pulling("image-rate-limited", "the kubelet's own", "pull QPS exceeded"),
    pulling("image-pull-failing", "something new", f"{RPC}the registry is closed on Sundays"),
    starting(
        "image-pull-failing",
        "inspection",
        waiting(
            "ImageInspectError",
            f'Failed to inspect image "{IMAGE}": rpc error: code = Unknown desc = layer not known',
        ),
        IMAGE,
    ),
    starting(
        "image-invalid-name",
        "capitals",
        waiting(
            "InvalidImageName",
            (
                'Failed to apply default image tag "Shop/Cart:2": couldn\'t parse image name "Shop/Cart:2": '
                "invalid reference format: repository name (Shop/Cart) must be lowercase"
            ),
        ),
        IMAGE,
    ),
    starting(
        "image-never-pulled",
        "policy",
        waiting("ErrImageNeverPull", f'Container image "{IMAGE}" is not present with pull policy of Never'),
        IMAGE,
    ),
    starting(
        "wrong-architecture", "runtime", crashing(1), IMAGE, lines=("exec /app/cart: exec format error",)
    ),
    starting(
        "wrong-architecture",
        "shell",
        crashing(2),
        lines=("standard_init_linux.go:228: exec user process caused: exec format error",),
    ),
    pulling(
        "wrong-architecture",
        "no manifest",
        f"rpc error: code = NotFound desc = {UNPACK}no match for platform in manifest: not found",
    ),
    pulling(
        "image-without-room",
        "containerd",
        (
            f"{RPC}{UNPACK}failed to copy: write "
            f"/var/lib/containerd/io.containerd.content.v1.content/ingest/ab/data: no space left on device"
        ),
        "node-a",
        at=ref("Node", "node-a"),
    ),
]
