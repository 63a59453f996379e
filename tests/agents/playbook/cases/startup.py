"""Between the pull of an image and the first instruction of the program."""

from typing import Any

from tests.agents.playbook.builders import (
    CREATING,
    INITIALIZING,
    Family,
    Json,
    State,
    container,
    crashing,
    ended,
    event,
    logs,
    ref,
    waiting,
    workload,
)
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import config_map

NS = "shop"
REF = ref("Deployment", "cart", NS)
IMAGE = "registry.example.com/shop/cart:2.0.1"


def cart(state: State, **fields: Any) -> Family:
    return workload("Deployment", NS, "cart", container(image=IMAGE, **fields), states=state)


def starting(
    rule: str,
    variant: str,
    state: State,
    *says: str,
    lines: tuple[str, ...] = (),
    more: tuple[Piece, ...] = (),
    **fields: Any,
) -> Case:
    family = cart(state, **fields)
    talk = [logs(family.pod, "app", *lines, previous=True)] if lines else []
    return Case(rule, variant, [family, *talk, *more], REF, ("cart", *says))


def initial(state: State, *lines: str) -> list[Piece]:
    """A Deployment whose init container has that state."""
    inits: list[Json] = [container("migrate", image="registry.example.com/shop/migrate:7")]
    family = workload(
        "Deployment", NS, "cart", container(), inits=inits, states={"migrate": state, "app": INITIALIZING}
    )
    return [family, *([logs(family.pod, "migrate", *lines, previous=True)] if lines else [])]


def sidecar(line: str, talk: str = "", ports: tuple[int, ...] = (8080,)) -> list[Piece]:
    """Two containers of one Pod that want the same port."""
    inside = (container("web", ports=list(ports)), container("proxy", args=["--listen=:8080"]))
    family = workload("Deployment", NS, "cart", *inside, states={"proxy": crashing(1)})
    heard = [logs(family.pod, "web", talk)] if talk else []
    return [family, logs(family.pod, "proxy", line, previous=True), *heard]


SCRIPTS = {"name": "scripts", "configMap": {"name": "cart-scripts"}}
OCI = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc "
    "create failed: unable to start container process: "
)
DENIED = 'exec: "/scripts/run.sh": permission denied: unknown'
MOUNT = (
    "failed to create shim task: OCI runtime create failed: runc create failed: unable to start "
    "container process: error during container init: "
    'error mounting "/var/lib/kubelet/pods/1c0ffee1/volume-subpaths/conf/app/0" to rootfs at '
    '"/etc/app.conf": mount src=/var/lib, dst=/etc/app.conf: not a directory: '
    "unknown: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified "
    "host path exists and is the expected type"
)


def scripted(state: State, *lines: str) -> list[Piece]:
    mount = {"name": "scripts", "mountPath": "/scripts"}
    family = workload(
        "Deployment",
        NS,
        "cart",
        container(command=["/scripts/run.sh"], volumeMounts=[mount]),
        states=state,
        volumes=[SCRIPTS],
    )
    talk = [logs(family.pod, "app", *lines, previous=True)] if lines else []
    return [family, *talk, config_map(NS, "cart-scripts", **{"run.sh": "#!/bin/sh"})]


CNI = (
    "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "
    '"8a1f": plugin type="calico" failed (add): error getting '
    "ClusterInformation: connection is unauthorized: Unauthorized"
)

CASES = [
    starting(
        "command-not-found",
        "runc, StartError",
        crashing(128, "StartError", OCI + 'exec: "gunicornn": executable file not found in $PATH: unknown'),
        "gunicornn",
    ),
    starting(
        "command-not-found",
        "Docker era",
        crashing(
            127,
            "ContainerCannotRun",
            (
                "OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "
                '"gunicornn": executable file not found in $PATH: unknown'
            ),
        ),
        "gunicornn",
    ),
    starting(
        "command-not-found",
        "waiting",
        waiting(
            "RunContainerError",
            OCI + 'exec: "/app/serve": stat /app/serve: no such file or directory: unknown',
            restarts=3,
        ),
        "/app/serve",
    ),
    starting(
        "command-not-found",
        "shell",
        crashing(127),
        "gunicornn",
        lines=("/entrypoint.sh: line 7: gunicornn: command not found",),
    ),
    starting("command-not-found", "BusyBox", crashing(127), "gunicornn", lines=("sh: gunicornn: not found",)),
    starting(
        "command-not-found", "dash", crashing(127), "gunicornn", lines=("/bin/sh: 1: gunicornn: not found",)
    ),
    starting(
        "command-not-found",
        "exec of a script",
        crashing(127),
        "/app/start.sh",
        lines=("/usr/local/bin/docker-entrypoint.sh: exec: line 11: /app/start.sh: not found",),
    ),
    Case(
        "script-not-executable",
        "ConfigMap without execute bit",
        scripted(crashing(126), "/bin/sh: 1: /scripts/run.sh: Permission denied"),
        REF,
        ("/scripts/run.sh", "cart-scripts", "0644"),
    ),
    Case(
        "script-not-executable",
        "runc",
        scripted(crashing(128, "StartError", OCI + DENIED)),
        REF,
        ("/scripts/run.sh", "cart-scripts"),
    ),
    Case(
        "script-not-executable",
        "waiting",
        scripted(waiting("RunContainerError", OCI + DENIED, restarts=2)),
        REF,
        ("/scripts/run.sh",),
    ),
    Case(
        "port-conflict",
        "Go",
        sidecar("listen tcp :8080: bind: address already in use"),
        REF,
        ("proxy", "web", "8080"),
    ),
    Case(
        "port-conflict",
        "Node",
        sidecar("Error: listen EADDRINUSE: address already in use :::8080"),
        REF,
        ("proxy", "web", "8080"),
    ),
    Case(
        "port-conflict",
        "Python",
        sidecar(
            "OSError: [Errno 98] Address already in use",
            "INFO: Uvicorn running on http://0.0.0.0:8080",
            ports=(),
        ),
        REF,
        ("proxy", "web", "8080"),
    ),
    Case(
        "port-conflict",
        "nginx",
        sidecar("nginx: [emerg] bind() to 0.0.0.0:8080 failed (98: Address in use)"),
        REF,
        ("proxy", "8080"),
    ),
    Case(
        "port-conflict",
        "Spring",
        sidecar("Web server failed to start. Port 8080 was already in use."),
        REF,
        ("proxy", "8080"),
    ),
    starting(
        "mount-onto-wrong-type", "runc", waiting("RunContainerError", MOUNT, restarts=2), "/etc/app.conf"
    ),
    starting("mount-onto-wrong-type", "StartError", crashing(128, "StartError", MOUNT), "/etc/app.conf"),
    starting(
        "start-refused-by-runtime",
        "name reserved",
        waiting(
            "CreateContainerError",
            'failed to reserve container name "app_cart_shop": name "app_cart_shop" is reserved for "8a1f"',
        ),
        "is reserved for",
    ),
    starting(
        "start-refused-by-runtime",
        "no command",
        waiting("CreateContainerError", "Error response from daemon: No command specified"),
        "No command specified",
    ),
    starting(
        "start-refused-by-runtime",
        "unknown capability",
        crashing(128, "StartError", OCI + "unable to apply caps: operation not permitted: unknown"),
        "apply caps",
    ),
    Case(
        "hook-failed",
        "PostStart, 1.27 and later",
        [
            family := cart(
                waiting(
                    "PostStartHookError",
                    "Exec lifecycle hook ([/bin/prime]) failed - error: command '/bin/prime' exited with 1",
                    restarts=3,
                )
            ),
            event(family.pod, "FailedPostStartHook", "PostStartHook failed", inside="app"),
        ],
        REF,
        ("cart", "PostStartHook"),
    ),
    Case(
        "hook-failed",
        "PostStart, 1.20",
        [
            family := cart(crashing(137)),
            event(
                family.pod,
                "FailedPostStartHook",
                (
                    'Exec lifecycle hook ([/bin/prime]) for Container "app" in Pod "cart_shop(1c0ffee1)" '
                    "failed - error: command '/bin/prime' exited with 1: , message: \"\""
                ),
                inside="app",
            ),
        ],
        REF,
        ("cart", "/bin/prime"),
    ),
    Case(
        "sandbox-failed",
        "CNI",
        [family := cart(CREATING), event(family.pod, "FailedCreatePodSandBox", CNI)],
        REF,
        ("cart", "calico"),
    ),
    Case(
        "sandbox-failed",
        "network not ready",
        [
            family := cart(CREATING),
            event(
                family.pod,
                "NetworkNotReady",
                (
                    "network is not ready: container runtime network not ready: NetworkReady=false "
                    "reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not "
                    "initialized"
                ),
            ),
        ],
        REF,
        ("cni plugin",),
    ),
    Case(
        "sandbox-failed",
        "no addresses left",
        [
            family := cart(CREATING),
            event(
                family.pod,
                "FailedCreatePodSandBox",
                (
                    "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network "
                    'for sandbox "8a1f": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed '
                    "to assign an IP address to container"
                ),
            ),
        ],
        REF,
        ("failed to assign an IP address",),
    ),
    Case(
        "sandbox-failed",
        "Pods of several workloads on a node",
        [
            family := cart(CREATING),
            event(family.pod, "FailedCreatePodSandBox", CNI),
            other := workload("Deployment", NS, "till", states=CREATING),
            event(other.pod, "FailedCreatePodSandBox", CNI),
        ],
        ref("Node", "node-a"),
        ("calico", "node-a"),
    ),
    Case(
        "runtime-unavailable",
        "containerd",
        [
            family := cart(CREATING),
            event(
                family.pod,
                "FailedCreatePodSandBox",
                (
                    "Failed to create pod sandbox: rpc error: code = Unavailable desc = connection error: "
                    'desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: '
                    'connect: connection refused"'
                ),
            ),
        ],
        ref("Node", "node-a"),
        ("node-a", "/run/containerd/containerd.sock", "connection refused"),
    ),
    Case(
        "runtime-unavailable",
        "CRI-O",
        [
            family := cart(CREATING),
            event(
                family.pod,
                "FailedCreatePodSandBox",
                (
                    "Failed to create pod sandbox: rpc error: code = Unavailable desc = connection error: "
                    'desc = "transport: Error while dialing dial unix /var/run/crio/crio.sock: connect: no '
                    'such file or directory"'
                ),
            ),
        ],
        ref("Node", "node-a"),
        ("crio.sock",),
    ),
    Case(
        "init-container-failing",
        "migration",
        initial(crashing(1), 'ERROR relation "carts" already exists'),
        REF,
        ("migrate", "carts", "cart"),
    ),
    Case(
        "init-container-failing",
        "nothing said",
        initial(State(ended(3, seconds=4), ended(3), False, 4)),
        REF,
        ("migrate", "3"),
    ),
]
