"""Between the scheduler's choice and the first instruction of the program."""

from domain.objects import KubeObject, ObjectRef
from tests.agents.playbook.builders import CREATING, INITIALIZING, Family, Json, State, container, crashing, ended, event, logs, ref, running, waiting, workload
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import config_map

NS = "shop"
REF = ref("Deployment", "cart", NS)
IMAGE = "registry.example.com/shop/cart:2.0.1"


def cart(state: State, **fields: object) -> Family:
    return workload("Deployment", NS, "cart", container(image=IMAGE, **fields), states=state)


def pulling(rule: str, variant: str, error: str, *says: str, reason: str = "ImagePullBackOff", told: str = "", at: ObjectRef = REF) -> Case:
    """A container whose image cannot be pulled, with what the kubelet said about it."""
    family = cart(waiting(reason, told or f'Back-off pulling image "{IMAGE}"'))
    events: list[KubeObject] = [
        event(family.pod, "Failed", f'Failed to pull image "{IMAGE}": {error}', last=60, inside="app"),
        event(family.pod, "Failed", "Error: ErrImagePull", last=60, inside="app"),
        event(family.pod, "BackOff", f'Back-off pulling image "{IMAGE}"', type="Normal", last=10, inside="app"),
        event(family.pod, "Failed", "Error: ImagePullBackOff", last=10, inside="app"),
    ]
    return Case(rule, variant, [family, *events], at, (IMAGE, "app", "cart", *says))


RPC = "rpc error: code = Unknown desc = "
UNPACK = f'failed to pull and unpack image "{IMAGE}": '
RESOLVE = f'{UNPACK}failed to resolve reference "{IMAGE}": '
HEAD = 'failed to do request: Head "https://registry.example.com/v2/shop/cart/manifests/2.0.1": '


def starting(rule: str, variant: str, state: State, *says: str, lines: tuple[str, ...] = (), more: tuple[Piece, ...] = (), **fields: object) -> Case:
    family = cart(state, **fields)
    talk = [logs(family.pod, "app", *lines, previous=True)] if lines else []
    return Case(rule, variant, [family, *talk, *more], REF, ("cart", *says))


def initial(state: State, *lines: str) -> list[Piece]:
    """A Deployment whose init container has that state."""
    inits: list[Json] = [container("migrate", image="registry.example.com/shop/migrate:7")]
    family = workload("Deployment", NS, "cart", container(), inits=inits, states={"migrate": state, "app": INITIALIZING})
    return [family, *([logs(family.pod, "migrate", *lines, previous=True)] if lines else [])]


def sidecar(line: str, talk: str = "", ports: tuple[int, ...] = (8080,)) -> list[Piece]:
    """Two containers of one Pod that want the same port."""
    inside = (container("web", ports=list(ports)), container("proxy", args=["--listen=:8080"]))
    family = workload("Deployment", NS, "cart", *inside, states={"proxy": crashing(1)})
    heard = [logs(family.pod, "web", talk)] if talk else []
    return [family, logs(family.pod, "proxy", line, previous=True), *heard]


SCRIPTS = {"name": "scripts", "configMap": {"name": "cart-scripts"}}
OCI = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
DENIED = 'exec: "/scripts/run.sh": permission denied: unknown'
MOUNT = (
    "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: "
    'error mounting "/var/lib/kubelet/pods/1c0ffee1/volume-subpaths/conf/app/0" to rootfs at "/etc/app.conf": mount src=/var/lib, dst=/etc/app.conf: not a directory: '
    "unknown: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type"
)


def scripted(state: State, *lines: str) -> list[Piece]:
    mount = {"name": "scripts", "mountPath": "/scripts"}
    family = workload("Deployment", NS, "cart", container(command=["/scripts/run.sh"], volumeMounts=[mount]), states=state, volumes=[SCRIPTS])
    talk = [logs(family.pod, "app", *lines, previous=True)] if lines else []
    return [family, *talk, config_map(NS, "cart-scripts", **{"run.sh": "#!/bin/sh"})]


CNI = (
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "8a1f": plugin type="calico" failed (add): error getting '
    "ClusterInformation: connection is unauthorized: Unauthorized"
)

CASES = [
    pulling("image-not-found", "containerd 1.x", f"rpc error: code = NotFound desc = {RESOLVE}{IMAGE}: not found", reason="ErrImagePull"),
    pulling("image-not-found", "containerd 2.x", f"failed to pull and unpack image \"{IMAGE}\": failed to resolve image: {IMAGE}: not found"),
    pulling("image-not-found", "Docker", f"{RPC}Error response from daemon: manifest for {IMAGE} not found: manifest unknown: manifest unknown"),
    pulling("image-not-found", "CRI-O", f"{RPC}reading manifest 2.0.1 in registry.example.com/shop/cart: manifest unknown: manifest unknown"),
    pulling("image-not-found", "repository", f"{RPC}Error response from daemon: repository registry.example.com/shop/cart not found: name unknown: repository name not known to registry"),
    pulling("image-not-found", "events gone, message in the status", "x", told=f'Back-off pulling image "{IMAGE}": ErrImagePull: rpc error: code = NotFound desc = {RESOLVE}{IMAGE}: not found'),
    pulling("image-unauthorized", "401", f"{RPC}{RESOLVE}failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized", "401 Unauthorized"),
    pulling("image-unauthorized", "403", f"{RPC}{RESOLVE}unexpected status from HEAD request to https://registry.example.com/v2/shop/cart/manifests/2.0.1: 403 Forbidden", "403 Forbidden"),
    pulling("image-unauthorized", "basic auth", f'{RPC}{RESOLVE}pulling from host registry.example.com failed with status code [manifests 2.0.1]: no basic auth credentials', "no basic auth"),
    pulling("image-unauthorized", "private or absent, containerd",
            f"{RPC}{RESOLVE}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed", "may not exist"),
    pulling("image-unauthorized", "private or absent, Docker",
            f"{RPC}Error response from daemon: pull access denied for shop/cart, repository does not exist or may require 'docker login': denied: requested access to the resource is denied", "may not exist"),
    Case("image-pull-secret-missing", "named by the Pod",
         [family := workload("Deployment", NS, "cart", container(image=IMAGE), states=waiting("ImagePullBackOff", f'Back-off pulling image "{IMAGE}"'), imagePullSecrets=[{"name": "robot"}]),
          event(family.pod, "FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (robot); attempting to pull the image may not succeed.")],
         REF, ("robot", NS), ref("Secret", "robot", NS)),
    Case("image-pull-secret-missing", "and the registry refuses",
         [family := workload("Deployment", NS, "cart", container(image=IMAGE), states=waiting("ImagePullBackOff", f'Back-off pulling image "{IMAGE}"'), imagePullSecrets=[{"name": "robot"}]),
          event(family.pod, "Failed", f'Failed to pull image "{IMAGE}": {RPC}{RESOLVE}unexpected status: 401 Unauthorized', inside="app"),
          event(family.pod, "FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (robot); attempting to pull the image may not succeed.")],
         REF, ("robot", NS), ref("Secret", "robot", NS)),
    pulling("image-registry-unresolvable", "Go resolver", f"{RPC}{RESOLVE}{HEAD}dial tcp: lookup registry.example.com on 10.0.0.2:53: no such host"),
    pulling("image-registry-unresolvable", "no answer", f"{RPC}{RESOLVE}{HEAD}dial tcp: lookup registry.example.com on 10.0.0.2:53: read udp 10.0.0.7:4711->10.0.0.2:53: i/o timeout"),
    pulling("image-registry-unresolvable", "server misbehaving", f"{RPC}{RESOLVE}{HEAD}dial tcp: lookup registry.example.com on 10.0.0.2:53: server misbehaving"),
    pulling("image-registry-unreachable", "timeout", f"{RPC}{RESOLVE}{HEAD}dial tcp 192.0.2.9:443: i/o timeout", "i/o timeout"),
    pulling("image-registry-unreachable", "refused", f"{RPC}{RESOLVE}{HEAD}dial tcp 192.0.2.9:443: connect: connection refused", "connection refused"),
    pulling("image-registry-unreachable", "certificate", f"{RPC}{RESOLVE}{HEAD}tls: failed to verify certificate: x509: certificate signed by unknown authority", "x509"),
    pulling("image-registry-unreachable", "plain HTTP", f"{RPC}{RESOLVE}{HEAD}http: server gave HTTP response to HTTPS client", "HTTP response to HTTPS client"),
    pulling("image-registry-unreachable", "server error", f"{RPC}{RESOLVE}unexpected status from HEAD request to https://registry.example.com/v2/shop/cart/manifests/2.0.1: 503 Service Unavailable", "503"),
    pulling("image-rate-limited", "Docker Hub", f"{RPC}{UNPACK}failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/x/manifests/sha256:ab: 429 Too Many Requests - "
            "Server message: toomanyrequests: You have reached your pull rate limit."),
    pulling("image-rate-limited", "the kubelet's own", "pull QPS exceeded"),
    pulling("image-pull-failing", "something new", f"{RPC}the registry is closed on Sundays"),
    starting("image-pull-failing", "inspection", waiting("ImageInspectError", f'Failed to inspect image "{IMAGE}": rpc error: code = Unknown desc = layer not known'), IMAGE),
    starting("image-invalid-name", "capitals", waiting("InvalidImageName", 'Failed to apply default image tag "Shop/Cart:2": couldn\'t parse image name "Shop/Cart:2": invalid reference format: repository name (Shop/Cart) must be lowercase'), IMAGE),
    starting("image-never-pulled", "policy", waiting("ErrImageNeverPull", f'Container image "{IMAGE}" is not present with pull policy of Never'), IMAGE),
    starting("command-not-found", "runc, StartError", crashing(128, "StartError", OCI + 'exec: "gunicornn": executable file not found in $PATH: unknown'), "gunicornn"),
    starting("command-not-found", "Docker era", crashing(127, "ContainerCannotRun", 'OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "gunicornn": executable file not found in $PATH: unknown'), "gunicornn"),
    starting("command-not-found", "waiting", waiting("RunContainerError", OCI + 'exec: "/app/serve": stat /app/serve: no such file or directory: unknown', restarts=3), "/app/serve"),
    starting("command-not-found", "shell", crashing(127), "gunicornn", lines=("/entrypoint.sh: line 7: gunicornn: command not found",)),
    starting("command-not-found", "BusyBox", crashing(127), "gunicornn", lines=("sh: gunicornn: not found",)),
    starting("command-not-found", "dash", crashing(127), "gunicornn", lines=("/bin/sh: 1: gunicornn: not found",)),
    starting("command-not-found", "exec of a script", crashing(127), "/app/start.sh", lines=("/usr/local/bin/docker-entrypoint.sh: exec: line 11: /app/start.sh: not found",)),
    Case("script-not-executable", "ConfigMap without execute bit", scripted(crashing(126), "/bin/sh: 1: /scripts/run.sh: Permission denied"), REF, ("/scripts/run.sh", "cart-scripts", "0644")),
    Case("script-not-executable", "runc", scripted(crashing(128, "StartError", OCI + DENIED)), REF, ("/scripts/run.sh", "cart-scripts")),
    Case("script-not-executable", "waiting", scripted(waiting("RunContainerError", OCI + DENIED, restarts=2)), REF, ("/scripts/run.sh",)),
    starting("wrong-architecture", "runtime", crashing(1), IMAGE, lines=("exec /app/cart: exec format error",)),
    starting("wrong-architecture", "shell", crashing(2), lines=("standard_init_linux.go:228: exec user process caused: exec format error",)),
    pulling("wrong-architecture", "no manifest", f"rpc error: code = NotFound desc = {UNPACK}no match for platform in manifest: not found"),
    Case("port-conflict", "Go", sidecar("listen tcp :8080: bind: address already in use"), REF, ("proxy", "web", "8080")),
    Case("port-conflict", "Node", sidecar("Error: listen EADDRINUSE: address already in use :::8080"), REF, ("proxy", "web", "8080")),
    Case("port-conflict", "Python", sidecar("OSError: [Errno 98] Address already in use", "INFO: Uvicorn running on http://0.0.0.0:8080", ports=()), REF, ("proxy", "web", "8080")),
    Case("port-conflict", "nginx", sidecar("nginx: [emerg] bind() to 0.0.0.0:8080 failed (98: Address in use)"), REF, ("proxy", "8080")),
    Case("port-conflict", "Spring", sidecar("Web server failed to start. Port 8080 was already in use."), REF, ("proxy", "8080")),
    starting("mount-onto-wrong-type", "runc", waiting("RunContainerError", MOUNT, restarts=2), "/etc/app.conf"),
    starting("mount-onto-wrong-type", "StartError", crashing(128, "StartError", MOUNT), "/etc/app.conf"),
    starting("start-refused-by-runtime", "name reserved", waiting("CreateContainerError", 'failed to reserve container name "app_cart_shop": name "app_cart_shop" is reserved for "8a1f"'), "is reserved for"),
    starting("start-refused-by-runtime", "no command", waiting("CreateContainerError", "Error response from daemon: No command specified"), "No command specified"),
    starting("start-refused-by-runtime", "unknown capability", crashing(128, "StartError", OCI + "unable to apply caps: operation not permitted: unknown"), "apply caps"),
    Case("hook-failed", "PostStart, 1.27 and later", [family := cart(waiting("PostStartHookError", "Exec lifecycle hook ([/bin/prime]) failed - error: command '/bin/prime' exited with 1", restarts=3)),
         event(family.pod, "FailedPostStartHook", "PostStartHook failed", inside="app")], REF, ("cart", "PostStartHook")),
    Case("hook-failed", "PostStart, 1.20", [family := cart(crashing(137)),
         event(family.pod, "FailedPostStartHook", 'Exec lifecycle hook ([/bin/prime]) for Container "app" in Pod "cart_shop(1c0ffee1)" failed - error: command \'/bin/prime\' exited with 1: , message: ""', inside="app")],
         REF, ("cart", "/bin/prime")),
    Case("sandbox-failed", "CNI", [family := cart(CREATING), event(family.pod, "FailedCreatePodSandBox", CNI)], REF, ("cart", "calico")),
    Case("sandbox-failed", "network not ready", [family := cart(CREATING), event(family.pod, "NetworkNotReady",
         "network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized")], REF, ("cni plugin",)),
    Case("sandbox-failed", "no addresses left", [family := cart(CREATING), event(family.pod, "FailedCreatePodSandBox",
         'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "8a1f": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container')],
         REF, ("failed to assign an IP address",)),
    Case("sandbox-failed", "Pods of several workloads on a node",
         [family := cart(CREATING), event(family.pod, "FailedCreatePodSandBox", CNI), other := workload("Deployment", NS, "till", states=CREATING), event(other.pod, "FailedCreatePodSandBox", CNI)],
         ref("Node", "node-a"), ("calico", "node-a")),
    Case("runtime-unavailable", "containerd", [family := cart(CREATING), event(family.pod, "FailedCreatePodSandBox",
         'Failed to create pod sandbox: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"')],
         ref("Node", "node-a"), ("node-a", "/run/containerd/containerd.sock", "connection refused")),
    Case("runtime-unavailable", "CRI-O", [family := cart(CREATING), event(family.pod, "FailedCreatePodSandBox",
         'Failed to create pod sandbox: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing dial unix /var/run/crio/crio.sock: connect: no such file or directory"')],
         ref("Node", "node-a"), ("crio.sock",)),
    pulling("image-without-room", "containerd", f"{RPC}{UNPACK}failed to copy: write /var/lib/containerd/io.containerd.content.v1.content/ingest/ab/data: no space left on device", "node-a", at=ref("Node", "node-a")),
    Case("init-container-failing", "migration", initial(crashing(1), "ERROR relation \"carts\" already exists"), REF, ("migrate", "carts", "cart")),
    Case("init-container-failing", "nothing said", initial(State(ended(3, seconds=4), ended(3), False, 4)), REF, ("migrate", "3")),
]  # fmt: skip
