"""What it costs to look at a large cluster: a survey, and a whole question, of 1,000 and of 5,000 Pods.

Starts the control plane of the live tests without a node, creates the Pods through its API with the states
that a kubelet would have reported, and asks in processes of their own, so that their peak memory is known.
API calls are counted in the server's audit log. Run it with numbers of Pods, rising:
``python -m benchmarks.survey_large_cluster 1000 5000``.
"""

import argparse
import asyncio
import json
import resource
import ssl
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import httpx
from aiohttp import web
from rich.console import Console
from rich.table import Table

from tests.live.build import build

# mypy takes the folder of that name, with the Go module, for the module
from tests.live.controlplane import ControlPlane  # type: ignore[attr-defined]
from tests.live.processes import find_ports

NAMESPACES, PODS_A_WORKLOAD, NODES, LOG_LINES = 20, 10, 50, 500
BAD = {17: "CrashLoopBackOff", 18: "ImagePullBackOff"}
"""Which of every hundred workloads fail, and how."""

USER = "kubewhy-reader"
AT_ONCE = 32
QUESTION = "app-17 in team-17 does not start, why?"
SECONDS = {"survey": 5.0, "ask": 60.0}
"""Goals for 5,000 Pods, of processor time: a busy machine takes longer."""

Object = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds, processor time of ours, megabytes at its peak and before it began."""

    seconds: float
    processor: float
    peak: float
    before: float
    told: str


def make_workload(number: int) -> Iterator[tuple[str, Object]]:
    """(path, object) of a Deployment with everything that belongs to it."""
    space, name = f"team-{number % NAMESPACES}", f"app-{number}"
    labels = {"app": name}
    home, apps = f"/api/v1/namespaces/{space}", f"/apis/apps/v1/namespaces/{space}"
    container = {
        "name": "main",
        "image": f"registry.example/{name}:1.4",
        "env": [{"name": f"SETTING_{n}", "value": f"value-{n}"} for n in range(10)],
        "envFrom": [{"configMapRef": {"name": name}}],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": PODS_A_WORKLOAD, "selector": {"matchLabels": labels}, "template": template}
    ports = [{"port": 80, "targetPort": 8080}]
    data = {f"key-{n}": "v" * 200 for n in range(10)}
    yield f"{home}/configmaps", {"metadata": {"name": name}, "data": data}
    yield f"{home}/services", {"metadata": {"name": name}, "spec": {"selector": labels, "ports": ports}}
    yield f"{apps}/deployments", {"metadata": {"name": name, "labels": labels}, "spec": spec}
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": "0", "controller": True}
    meta = {"name": f"{name}-5d8f6c7b9", "labels": labels, "ownerReferences": [owner]}
    yield f"{apps}/replicasets", {"metadata": meta, "spec": spec}
    for place in range(PODS_A_WORKLOAD):
        yield f"{home}/pods", make_pod(number, place, {"labels": labels}, container)


def make_pod(number: int, place: int, meta: Object, container: Object) -> Object:
    """A Pod on a node, owned by its workload's ReplicaSet."""
    name = f"app-{number}-5d8f6c7b9"
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": name, "uid": "0", "controller": True}
    node = f"node-{(number * PODS_A_WORKLOAD + place) % NODES}"
    return {
        "metadata": meta | {"name": f"{name}-{place:05}", "ownerReferences": [owner]},
        "spec": {"nodeName": node, "containers": [container], "terminationGracePeriodSeconds": 0},
    }


def make_status(number: int) -> Object:
    """The status of the Pods of a workload: most run."""
    reason = BAD.get(number % 100)
    waiting = {"waiting": {"reason": reason, "message": "back-off 5m0s restarting failed container"}}
    container: Object = {
        "name": "main",
        "image": f"registry.example/app-{number}:1.4",
        "imageID": "",
        "ready": not reason,
        "restartCount": 7 if reason == "CrashLoopBackOff" else 0,
        "state": waiting if reason else {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
    }
    if reason == "CrashLoopBackOff":
        container["lastState"] = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
    ready = {"type": "Ready", "status": "False" if reason else "True"}
    phase = "Pending" if reason == "ImagePullBackOff" else "Running"
    return {"status": {"phase": phase, "conditions": [ready], "containerStatuses": [container]}}


class Builder:
    """Creates objects through the API, many at once."""

    def __init__(self, client: httpx.AsyncClient, kubelet: int) -> None:
        """Write with ``client``; the logs of all nodes are at the port ``kubelet``."""
        self._client, self._kubelet = client, kubelet
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def prepare(self) -> None:
        """Namespaces with their accounts, and nodes."""
        names = [f"team-{n}" for n in range(NAMESPACES)]
        await asyncio.gather(*(self._create("/api/v1/namespaces", {"metadata": {"name": n}}) for n in names))
        accounts = [f"/api/v1/namespaces/{name}/serviceaccounts" for name in names]
        await asyncio.gather(*(self._create(path, {"metadata": {"name": "default"}}) for path in accounts))
        nodes = [{"metadata": {"name": f"node-{n}"}} for n in range(NODES)]
        await asyncio.gather(*(self._create("/api/v1/nodes", node) for node in nodes))
        ready = {
            "conditions": [{"type": "Ready", "status": "True"}],
            "allocatable": {"cpu": "64"},
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": self._kubelet}},
        }
        paths = [f"/api/v1/nodes/node-{n}/status" for n in range(NODES)]
        await asyncio.gather(*(self._patch(path, {"status": ready}) for path in paths))

    async def add(self, first: int, last: int) -> None:
        """The workloads of those numbers, with their Pods in their states."""
        await asyncio.gather(*(self._add_workload(number) for number in range(first, last)))

    async def _add_workload(self, number: int) -> None:
        objects = list(make_workload(number))
        await asyncio.gather(*(self._create(path, item) for path, item in objects))
        pods = [f"{path}/{item['metadata']['name']}" for path, item in objects if path.endswith("/pods")]
        status = make_status(number)
        await asyncio.gather(*(self._patch(f"{pod}/status", status) for pod in pods))
        if number % 100 in BAD:
            await asyncio.gather(*(self._warn(pod, BAD[number % 100]) for pod in pods))

    async def _warn(self, pod: str, reason: str) -> None:
        _, _, _, _, space, _, name = pod.split("/")
        about = {"kind": "Pod", "namespace": space, "name": name, "apiVersion": "v1"}
        event: Object = {"metadata": {"name": f"{name}.1"}, "involvedObject": about, "reason": "BackOff"}
        event |= {"message": reason, "type": "Warning", "count": 40, "source": {"component": "kubelet"}}
        event |= {"lastTimestamp": "2026-11-24T12:00:00Z", "firstTimestamp": "2026-11-24T11:00:00Z"}
        await self._create(f"/api/v1/namespaces/{space}/events", event)

    async def _create(self, path: str, item: Object) -> None:
        async with self._slots:
            answer = await self._client.post(path, json=item)
        if answer.status_code not in (201, 409):
            raise SystemExit(f"POST {path}: {answer.text[:500]}")

    async def _patch(self, path: str, item: Object) -> None:
        headers = {"content-type": "application/strategic-merge-patch+json"}
        async with self._slots:
            answer = await self._client.patch(path, content=json.dumps(item), headers=headers)
        answer.raise_for_status()


async def serve_logs(plane: ControlPlane) -> int:
    """Answer for the kubelets of all nodes: every container wrote the same 500 lines. The port."""
    lines = "".join(f"2026-01-01T00:00:{n % 60:02}Z INFO request {n} served\n" for n in range(LOG_LINES))

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=lines)

    certificate, key = plane.authority.issue("kubelet", hosts=("127.0.0.1",))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    app = web.Application()
    app.router.add_get("/containerLogs/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    (port,) = find_ports(1)
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
    return port


async def survey(kubeconfig: Path) -> str:
    """One look at the cluster, and what is wrong in it."""
    from agents.survey import survey
    from domain.scope import Scope, TimeWindow
    from tools.cluster.live.cluster import LiveCluster
    from tools.cluster.live.login import KubeconfigLogin
    from tools.cluster.snapshot import take_snapshot

    async with LiveCluster("large", KubeconfigLogin((kubeconfig,))) as cluster:
        snapshot = await take_snapshot(cluster)
    window = TimeWindow(start=snapshot.now, end=snapshot.now)
    found = survey(Scope(cluster="large", window=window), snapshot)
    return f"{len(snapshot)} objects, {len(found.evidence)} observations"


async def ask(kubeconfig: Path) -> str:
    """A whole question."""
    from domain.diagnosis import Diagnosis
    from domain.settings import load_settings
    from graphs.context import Context
    from graphs.session import Session

    load_settings.cache_clear()
    context = Context(cluster="local")
    try:
        items = [item async for item in Session(context).ask(QUESTION)]
    finally:
        await context.close()
    assert isinstance(items[-1], Diagnosis)
    return f"{items[-1].outcome}: {items[-1].object}"


WORK: dict[str, Callable[[Path], Awaitable[str]]] = {"survey": survey, "ask": ask}


def peak_megabytes() -> float:
    """The most memory that this process has held so far; Linux tells kibibytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure_here(name: str, kubeconfig: Path) -> Cost:
    """Do the work in this process, with everything imported before."""
    for module in ("graphs.session", "tools.cluster.live.cluster"):
        import_module(module)
    before, begun, processor = peak_megabytes(), perf_counter(), process_time()
    told = await WORK[name](kubeconfig)
    return Cost(perf_counter() - begun, process_time() - processor, peak_megabytes(), before, told)


async def measure(name: str, kubeconfig: Path) -> Cost:
    """Do the work in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.survey_large_cluster", "--measure", name, str(kubeconfig)),
        env={"KUBECONFIG": str(kubeconfig), "PATH": ""},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"{name} failed.")
    return Cost(**json.loads(output.splitlines()[-1]))


def count_calls(plane: ControlPlane) -> int:
    """Requests that the reader has made so far."""
    lines = plane.audit_log.read_text().splitlines()
    return sum(f'"username":"{USER}"' in line and '"stage":"ResponseComplete"' in line for line in lines)


async def fill_and_measure(plane: ControlPlane, sizes: Sequence[int], table: Table) -> bool:
    """Grow the cluster to each size and measure; whether the goals are met."""
    context = ssl.create_default_context(cafile=str(plane.authority.certificate))
    context.load_cert_chain(*map(str, plane.authority.issue("kubewhy-writer", "system:masters")))
    kubeconfig = plane.authority.write_kubeconfig(plane.server, USER, "system:masters")
    there, met = 0, True
    async with httpx.AsyncClient(base_url=plane.server, verify=context, timeout=120) as client:
        builder = Builder(client, await serve_logs(plane))
        await builder.prepare()
        for size in sizes:
            begun, wanted = perf_counter(), size // PODS_A_WORKLOAD
            await builder.add(there, wanted)
            there = wanted
            print(f"{size} Pods are there after {perf_counter() - begun:.0f} s", file=sys.stderr)
            for name in WORK:
                calls = count_calls(plane)
                cost = await measure(name, kubeconfig)
                calls = count_calls(plane) - calls
                times = (f"{cost.seconds:.2f}", f"{cost.processor:.2f}")
                memory = (f"{cost.peak:.0f}", f"{cost.peak - cost.before:.0f}")
                table.add_row(f"{size:,}", name, *times, str(calls), *memory, cost.told)
                met &= cost.processor <= SECONDS[name] * max(1.0, size / 5000)
    return met


def main() -> None:
    """Print a table, and fail if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", nargs=2, metavar=("WORK", "KUBECONFIG"), help=argparse.SUPPRESS)
    parser.add_argument("sizes", nargs="*", type=int, default=[1000, 5000])
    options = parser.parse_args()
    if options.measure:
        name, kubeconfig = options.measure
        print(json.dumps(asdict(asyncio.run(measure_here(name, Path(kubeconfig))))))
        return
    table = Table("Pods", "work", title="A large cluster", title_justify="left")
    for heading in ("seconds", "of CPU", "API calls", "peak MB", "for the work", "found"):
        table.add_column(heading, justify="right")
    with TemporaryDirectory() as folder:
        plane = ControlPlane(build(), Path(folder) / "cluster")
        try:
            plane.start()
            for program in ("kube-controller-manager", "kube-scheduler"):
                plane.processes.stop(program)
            met = asyncio.run(fill_and_measure(plane, options.sizes, table))
        finally:
            plane.stop()
    Console().print(table)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
