"""Containers that run and end."""

from domain.objects import KubeObject
from tests.agents.playbook.builders import (
    Family,
    Json,
    State,
    container,
    crashing,
    ended,
    event,
    logs,
    pod,
    ref,
    running,
    waiting,
    workload,
)
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import Piece

NS = "rec"
REF = ref("Deployment", "ranker", NS)
LIMITED = container(resources={"limits": {"memory": "64Mi"}, "requests": {"memory": "64Mi"}})


def ranker(state: State, inside: Json | None = None) -> Family:
    return workload("Deployment", NS, "ranker", inside or container(), states=state)


def exits(
    rule: str, variant: str, code: int, *lines: str, reason: str = "", says: tuple[str, ...] = ()
) -> Case:
    family = ranker(crashing(code, reason))
    talk = [logs(family.pod, "app", *lines, previous=True)] if lines else []
    told = event(
        family.pod,
        "BackOff",
        "Back-off restarting failed container app in pod ranker_rec(1c0ffee1)",
        inside="app",
    )
    return Case(rule, variant, [family, told, *talk], REF, ("app", "ranker", *says))


def oom(variant: str, state: State) -> Case:
    return Case("out-of-memory", variant, [ranker(state, LIMITED)], REF, ("app", "ranker", "64Mi"))


def evicted(message: str, count: int = 2) -> list[Piece]:
    family = workload("Deployment", NS, "ranker", created=0)
    gone: list[KubeObject] = [
        pod(
            f"ranker-7d9c5b6f8d-{suffix}",
            NS,
            owner=family.members[0],
            labels={"app": "ranker"},
            phase="Failed",
            node="node-a",
            age=1200,
            status={"reason": "Evicted", "message": message, "containerStatuses": []},
        )
        for suffix in ("aaaaa", "bbbbb")[:count]
    ]
    return [family, *gone, event(ref("Pod", gone[0]["metadata"]["name"], NS), "Evicted", message, count=1)]


def ended_when_evicted(name: str) -> list[Piece]:
    owner = workload("Deployment", NS, "ranker", created=0).members[0]
    labels, message = {"app": "ranker"}, OVER
    gone = pod(name, NS, owner=owner, labels=labels, phase="Succeeded", node="node-a", age=300)
    return [gone, event(ref("Pod", name, NS), "Evicted", message, count=1)]


OVER = "Pod ephemeral local storage usage exceeds the total limit of containers 20Mi. "
LOW = (
    "The node was low on resource: memory. Threshold quantity: 100Mi, available: 53Mi. Container app was "
    "using 1234Ki, "
    "request is 0, has larger consumption of memory. "
)
SANDBOX_OOM = (
    "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to start sandbox container "
    'task "8a1f": OCI runtime create '
    "failed: container_linux.go:380: starting container process caused: process_linux.go:545: container "
    "init caused: "
    "container init was OOM-killed (memory limit too low?): unknown"
)

CASES = [
    exits(
        "heap-exhausted",
        "Java",
        1,
        'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space',
        says=("OutOfMemoryError: Java heap space",),
    ),
    exits(
        "heap-exhausted",
        "Node",
        134,
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        says=("JavaScript heap out of memory",),
    ),
    exits("heap-exhausted", "Python", 1, "MemoryError", says=("MemoryError",)),
    exits("heap-exhausted", "Go", 2, "fatal error: runtime: out of memory", says=("runtime: out of memory",)),
    exits(
        "process-limit-reached",
        "open files",
        1,
        "accept tcp [::]:8080: accept4: too many open files",
        says=("too many open files",),
    ),
    exits(
        "process-limit-reached",
        "file watchers",
        1,
        "Error: ENOSPC: System limit for number of file watchers reached, watch '/app'",
        says=("file watchers",),
    ),
    exits(
        "process-limit-reached",
        "threads",
        1,
        "java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory",
        says=("unable to create native thread",),
    ),
    oom("back-off", crashing(137, "OOMKilled")),
    oom("between two kills", running(20, restarts=4, last=ended(137, "OOMKilled", seconds=25))),
    oom("just killed", State(ended(137, "OOMKilled", seconds=2), ended(137, "OOMKilled"), False, 3)),
    oom(
        "killed before its first instruction",
        crashing(
            128,
            "StartError",
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
            "runc create failed: unable to start container process: container init was OOM-killed "
            "(memory limit too low?): unknown",
        ),
    ),
    Case(
        "out-of-memory",
        "not even the sandbox starts",
        [
            family := ranker(waiting("ContainerCreating"), LIMITED),
            event(family.pod, "FailedCreatePodSandBox", SANDBOX_OOM),
        ],
        REF,
        ("ranker", "64Mi"),
    ),
    exits(
        "exit-1",
        "Python",
        1,
        "INFO loading",
        "Traceback (most recent call last):",
        '  File "/app/main.py", line 3, in <module>',
        "ValueError: dimension of embeddings is 384, expected 768",
        says=("ValueError", "384"),
    ),
    exits(
        "exit-1",
        "Java",
        1,
        'Exception in thread "main" java.lang.IllegalStateException: model v7 is unknown',
        "\tat com.example.Main.main(Main.java:12)",
        says=("model v7",),
    ),
    exits(
        "exit-1",
        "Node",
        1,
        "/app/index.js:3",
        "TypeError: Cannot read properties of undefined (reading 'rank')",
        "    at Object.<anonymous> (/app/index.js:3:1)",
        says=("TypeError",),
    ),
    exits("exit-1", "nothing said", 1),
    exits(
        "exit-2",
        "Go flag",
        2,
        "flag provided but not defined: -modl",
        "Usage of /app/ranker:",
        says=("-modl",),
    ),
    exits(
        "exit-2",
        "Go panic",
        2,
        "panic: runtime error: index out of range [7] with length 7",
        "",
        "goroutine 1 [running]:",
        "main.main()",
        "\t/src/main.go:9 +0x1d",
        says=("index out of range",),
    ),
    exits("exit-126", "nothing said", 126),
    exits("exit-127", "nothing said", 127, says=("app:1.4.2",)),
    exits("exit-137", "no reason known", 137, "working on batch 9", reason="Error", says=("137",)),
    exits("exit-139", "SIGSEGV", 139, "Segmentation fault (core dumped)", says=("139", "Segmentation fault")),
    exits(
        "exit-139",
        "SIGABRT",
        134,
        "terminate called after throwing an instance of 'std::bad_alloc'",
        says=("134",),
    ),
    exits("exit-143", "nothing said", 143, "received SIGTERM, closing", reason="Error", says=("143",)),
    exits(
        "exit-0", "a script that ends", 0, "done", reason="Completed", says=("exit status 0", "Deployment")
    ),
    exits(
        "exit-other",
        "70",
        70,
        "fatal: schema version 12 is newer than this program",
        says=("70", "schema version 12"),
    ),
    exits("exit-other", "255", 255, "Error: unable to parse licence", says=("255", "licence")),
    exits(
        "exit-other",
        "Rust panic",
        101,
        "thread 'main' panicked at src/main.rs:9:5:",
        "index file is from the future",
        says=("101",),
    ),
    Case("evicted", "memory", evicted(LOW), REF, ("ranker", "low on resource: memory")),
    Case(
        "storage-limit-exceeded",
        "ephemeral storage",
        evicted("Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. "),
        REF,
        ("ranker", "ephemeral local storage"),
    ),
    Case(
        "storage-limit-exceeded",
        "emptyDir",
        evicted('Usage of EmptyDir volume "scratch" exceeds the limit "500Mi". '),
        REF,
        ("ranker", "EmptyDir"),
    ),
    Case(
        "storage-limit-exceeded",
        "its program ended well, only events tell",
        [
            workload("Deployment", NS, "ranker", states=running()),
            *ended_when_evicted("ranker-7d9c5b6f8d-aaaaa"),
            *ended_when_evicted("ranker-7d9c5b6f8d-bbbbb"),
        ],
        REF,
        ("ranker", "20Mi", "2 Pods"),
    ),
    Case(
        "disk-full",
        "C library",
        [
            family := ranker(crashing(1)),
            logs(family.pod, "app", "write error: No space left on device", previous=True),
        ],
        REF,
        ("ranker", "No space left"),
    ),
    Case(
        "disk-full",
        "Node, still running",
        [
            family := ranker(running()),
            logs(family.pod, "app", "Error: ENOSPC: no space left on device, write"),
        ],
        REF,
        ("ENOSPC",),
    ),
    Case(
        "disk-full",
        "postgres",
        [
            family := ranker(crashing(1)),
            logs(
                family.pod,
                "app",
                'FATAL:  could not write lock file "postmaster.pid": No space left on device',
                previous=True,
            ),
        ],
        REF,
        ("postmaster.pid",),
    ),
]
