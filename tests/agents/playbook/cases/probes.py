"""Probes: the kubelet asks the container how it is, and does not get the answer it wants."""

from tests.agents.playbook.builders import (
    Family,
    Json,
    State,
    container,
    ended,
    event,
    logs,
    ref,
    running,
    workload,
)
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import Piece

NS = "chat"
REF = ref("Deployment", "relay", NS)
HTTP = {
    "httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"},
    "timeoutSeconds": 1,
    "periodSeconds": 10,
}
KILLED = running(15, ready=False, restarts=4, last=ended(137, "Error", seconds=20, ran=60))
UNREADY = running(ready=False)


def relay(
    state: State, *, kind: str = "liveness", probe: Json = HTTP, ports: tuple[int, ...] = (8080,)
) -> Family:
    probes: Json = {f"{kind}Probe": probe}
    inside = container(ports=list(ports), **probes)
    return workload("Deployment", NS, "relay", inside, states=state)


def failing(
    rule: str,
    variant: str,
    message: str,
    *says: str,
    state: State = KILLED,
    probe: Json = HTTP,
    ports: tuple[int, ...] = (8080,),
    lines: tuple[str, ...] = (),
) -> Case:
    kind = message.partition(" ")[0].lower()
    family = relay(state, kind=kind, probe=probe, ports=ports)
    talk: list[Piece] = [logs(family.pod, "app", *lines)] if lines else []
    told = event(family.pod, "Unhealthy", message, inside="app")
    kill = event(
        family.pod,
        "Killing",
        f"Container app failed {kind} probe, will be restarted",
        type="Normal",
        inside="app",
    )
    return Case(
        rule,
        variant,
        [family, told, *([kill] if kind != "readiness" else []), *talk],
        REF,
        ("relay", kind, *says),
    )


def get(port: int, error: str, scheme: str = "http") -> str:
    return f'Get "{scheme}://10.244.1.17:{port}/healthz": {error}'


def dial(port: int) -> str:
    return f"dial tcp 10.244.1.17:{port}: connect: connection refused"


ON_9090: Json = {"httpGet": {"path": "/healthz", "port": 9090}}
NAMED: Json = {"httpGet": {"path": "/healthz", "port": "metrics"}}
HTTPS: Json = {"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTPS"}}
EXEC: Json = {"exec": {"command": ["cat", "/run/healthy"]}, "timeoutSeconds": 1}
GRPC: Json = {"grpc": {"port": 8080}}
TCP: Json = {"tcpSocket": {"port": 8080}}

CASES = [
    failing(
        "probe-impatient",
        "one missed answer is enough",
        "Liveness probe failed: " + get(8080, "context deadline exceeded"),
        "has not answered for 1s",
        probe={**HTTP, "periodSeconds": 1, "failureThreshold": 1},
    ),
    failing(
        "probe-wrong-port",
        "nothing declared there",
        "Liveness probe failed: " + get(9090, dial(9090)),
        "9090",
        "8080",
        probe=ON_9090,
    ),
    failing(
        "probe-wrong-port",
        "the log says where it listens",
        "Readiness probe failed: " + get(8080, dial(8080)),
        "8080",
        "3000",
        state=UNREADY,
        lines=("Example app listening on port 3000!",),
    ),
    failing(
        "probe-wrong-port",
        "tcpSocket",
        "Liveness probe failed: dial tcp 10.244.1.17:9090: connect: connection refused",
        "9090",
        "8080",
        probe={"tcpSocket": {"port": 9090}},
    ),
    failing(
        "probe-wrong-port", "startup", "Startup probe failed: " + get(9090, dial(9090)), "9090", probe=ON_9090
    ),
    failing(
        "probe-wrong-path",
        "404",
        "Readiness probe failed: HTTP probe failed with statuscode: 404",
        "/healthz",
        "404",
        state=UNREADY,
    ),
    failing(
        "probe-wrong-path", "401", "Liveness probe failed: HTTP probe failed with statuscode: 401", "401"
    ),
    failing(
        "probe-wrong-protocol",
        "https asked of http",
        "Liveness probe failed: " + get(8080, "http: server gave HTTP response to HTTPS client", "https"),
        "HTTPS",
        "8080",
        probe=HTTPS,
    ),
    failing(
        "probe-wrong-protocol",
        "http asked of something else",
        "Readiness probe failed: "
        + get(
            8080,
            (
                "net/http: HTTP/1.x transport connection broken: malformed HTTP response "
                '"\\x15\\x03\\x01\\x00\\x02\\x02"'
            ),
        ),
        "HTTP",
        state=UNREADY,
    ),
    failing(
        "probe-too-early",
        "liveness kills a slow starter",
        "Liveness probe failed: " + get(8080, dial(8080)),
        "8080",
        "failureThreshold 3",
    ),
    failing("probe-too-early", "startup", "Startup probe failed: " + get(8080, dial(8080)), "8080"),
    failing(
        "probe-too-early",
        "it listens after a while",
        "Liveness probe failed: " + get(8080, dial(8080)),
        "8080",
        lines=("warming caches", "server listening on :8080"),
    ),
    failing(
        "probe-timeout",
        "Go client",
        "Liveness probe failed: "
        + get(8080, "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"),
        "1s",
        "8080",
    ),
    failing(
        "probe-timeout",
        "1.20 wording",
        "Liveness probe failed: "
        + get(8080, "net/http: request canceled (Client.Timeout exceeded while awaiting headers)"),
        "1s",
    ),
    failing(
        "probe-timeout",
        "gRPC",
        "Liveness probe failed: timeout: health rpc did not complete within 1s",
        "8080",
        probe=GRPC,
    ),
    failing(
        "probe-command-failing",
        "exec",
        "Liveness probe failed: cat: can't open '/run/healthy': No such file or directory",
        "/run/healthy",
        probe=EXEC,
    ),
    failing(
        "probe-command-failing",
        "exec times out",
        'Readiness probe failed: command "cat /run/healthy" timed out',
        "timed out",
        probe=EXEC,
        state=UNREADY,
    ),
    failing(
        "probe-command-failing",
        "no such program",
        "Readiness probe errored: rpc error: code = Unknown desc = failed to exec in container: failed "
        'to start exec "5a": OCI runtime exec failed: exec failed: unable to start container process: '
        'exec: "cat": executable file not found in $PATH: unknown',
        "cat",
        probe=EXEC,
        state=UNREADY,
    ),
    failing(
        "probe-command-failing",
        "no such program, 1.32",
        (
            "Readiness probe errored and resulted in unknown state: rpc error: code = Unknown desc = failed "
            'to exec in container: exec: "cat": executable file not found in $PATH: unknown'
        ),
        "cat",
        probe=EXEC,
        state=UNREADY,
    ),
    failing(
        "probe-answers-unhealthy",
        "a client that is refused",
        "Readiness probe failed: Could not connect to Redis at 127.0.0.1:6380: Connection refused",
        "6380",
        probe=EXEC,
        state=UNREADY,
    ),
    failing(
        "probe-answers-unhealthy",
        "503",
        "Readiness probe failed: HTTP probe failed with statuscode: 503",
        "503",
        "/healthz",
        state=UNREADY,
    ),
    failing(
        "probe-answers-unhealthy",
        "gRPC",
        'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")',
        state=UNREADY,
        probe=GRPC,
    ),
    failing(
        "probe-refused",
        "readiness",
        "Readiness probe failed: " + get(8080, dial(8080)),
        "8080",
        state=UNREADY,
    ),
    failing(
        "probe-refused",
        "gRPC",
        (
            'Readiness probe failed: timeout: failed to connect service "10.244.1.17:8080" within 1s: '
            "context deadline exceeded: connection refused"
        ),
        "8080",
        state=UNREADY,
        probe=GRPC,
    ),
    failing(
        "probe-wrong-protocol",
        "a server that hangs up",
        "Liveness probe failed: "
        + get(8080, "read tcp 10.0.0.7:4711->10.244.1.17:8080: read: connection reset by peer"),
        "HTTP",
        "8080",
    ),
    Case(
        "probe-wrong-port",
        "events have expired",
        [relay(UNREADY, kind="readiness", probe=ON_9090)],
        REF,
        ("9090", "8080", "readiness"),
    ),
    Case(
        "probe-wrong-port",
        "killed time and again, events have expired",
        [relay(KILLED, probe=ON_9090)],
        REF,
        ("9090", "8080", "liveness"),
    ),
    Case(
        "probe-silent", "readiness", [relay(UNREADY, kind="readiness")], REF, ("readiness", "8080", "relay")
    ),
    failing(
        "probe-wrong-port",
        "a name that no port has",
        'Readiness probe errored and resulted in unknown state: strconv.Atoi: parsing "http": invalid syntax',
        "http",
        "8080",
        state=UNREADY,
        probe={"httpGet": {"path": "/healthz", "port": "http"}},
    ),
    Case("probe-silent", "liveness", [relay(KILLED)], REF, ("liveness", "8080", "relay")),
    failing(
        "probe-failing",
        "something else",
        "Liveness probe failed: the sun is down",
        "the sun is down",
        probe=TCP,
    ),
]
