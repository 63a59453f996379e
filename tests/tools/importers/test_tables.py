from datetime import UTC, datetime
from typing import Any

import pytest

from tools.importers.incident import ImportedIncident
from tools.importers.transcript.assemble import assemble
from tools.importers.transcript.command import parse_command
from tools.importers.transcript.section import Section

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)


def read(command: str, text: str) -> ImportedIncident:
    return assemble("test", [Section(text, parse_command(command))], NOW)


def pods_of(text: str, command: str = "kubectl get pods -n shop") -> dict[str, Any]:
    return {item["metadata"]["name"]: item for item in read(command, text).objects if item["kind"] == "Pod"}


PODS = """\
NAME      READY   STATUS                  RESTARTS        AGE     IP         NODE     NOMINATED NODE   READINESS GATES
app-0     1/2     CrashLoopBackOff        5 (2m10s ago)   20m     10.1.0.4   node-1   <none>           <none>
bad-tag   0/1     ImagePullBackOff        0               5m      10.1.0.5   node-1   <none>           <none>
done      0/1     Completed               0               3d4h    10.1.0.6   node-1   <none>           <none>
evicted   0/1     Evicted                 0               2d      <none>     node-1   <none>           <none>
failed    0/1     Error                   0               45s     10.1.0.7   node-1   <none>           <none>
fine      1/1     Running                 1 (47h ago)     9d      10.1.0.8   node-2   <none>           <none>
going     1/1     Terminating             0               9d      10.1.0.9   node-2   <none>           <none>
init      0/1     Init:1/3                0               31s     10.1.1.1   node-2   <none>           <none>
init-bad  0/1     Init:CrashLoopBackOff   7 (3m ago)      15m     10.1.1.2   node-2   <none>           <none>
pending   0/1     Pending                 0               12m     <none>     <none>   <none>           <none>
signal    0/1     Signal:9                0               12m     10.1.1.3   node-2   <none>           <none>
"""  # noqa: E501


def test_the_word_of_a_pod_becomes_the_states_of_its_containers() -> None:
    pods = pods_of(PODS, "kubectl get pods -n shop -o wide")

    def states(name: str) -> list[dict[str, Any]]:
        return [status["state"] for status in pods[name]["status"]["containerStatuses"]]

    started = {"running": {"startedAt": "2031-05-06T11:57:50Z"}}
    assert states("app-0") == [started, {"waiting": {"reason": "CrashLoopBackOff"}}]
    assert [s["restartCount"] for s in pods["app-0"]["status"]["containerStatuses"]] == [0, 5]
    assert states("bad-tag") == [{"waiting": {"reason": "ImagePullBackOff"}}]
    assert states("done") == [{"terminated": {"reason": "Completed", "exitCode": 0}}]
    assert states("failed") == [{"terminated": {"reason": "Error"}}]
    assert states("signal") == [{"terminated": {"signal": 9}}]
    assert states("init") == [{"waiting": {"reason": "PodInitializing"}}]
    phases = {name: pod["status"]["phase"] for name, pod in pods.items()}
    assert phases == {
        "app-0": "Running",
        "bad-tag": "Pending",
        "done": "Succeeded",
        "evicted": "Failed",
        "failed": "Running",
        "fine": "Running",
        "going": "Running",
        "init": "Pending",
        "init-bad": "Pending",
        "pending": "Pending",
        "signal": "Pending",
    }
    assert pods["evicted"]["status"]["reason"] == "Evicted"
    assert pods["going"]["metadata"]["deletionTimestamp"]


def test_init_containers_are_counted_out_of_one_word() -> None:
    pods = pods_of(PODS, "kubectl get pods -n shop -o wide")
    states = [list(s["state"]) for s in pods["init"]["status"]["initContainerStatuses"]]
    assert states == [["terminated"], ["running"], ["running"]]
    crashing = pods["init-bad"]["status"]["initContainerStatuses"][0]
    assert (crashing["state"], crashing["restartCount"]) == ({"waiting": {"reason": "CrashLoopBackOff"}}, 7)


def test_ages_become_moments() -> None:
    pods = pods_of(PODS, "kubectl get pods -n shop -o wide")
    assert pods["done"]["metadata"]["creationTimestamp"] == "2031-05-03T08:00:00Z"
    assert pods["fine"]["metadata"]["creationTimestamp"] == "2031-04-27T12:00:00Z"
    ended = pods["fine"]["status"]["containerStatuses"][0]["lastState"]["terminated"]
    assert ended == {"finishedAt": "2031-05-04T13:00:00Z"}


SQUEEZED = """\
NAME READY STATUS RESTARTS AGE
web-0 0/1 CrashLoopBackOff 5 (2m ago) 10m
web-1 1/1 Running 0 10m
"""


def test_a_table_that_lost_its_spaces_is_read() -> None:
    pods = pods_of(SQUEEZED)
    assert pods.keys() == {"web-0", "web-1"}
    assert pods["web-0"]["status"]["containerStatuses"][0]["restartCount"] == 5


def test_a_table_with_tabs_is_read() -> None:
    pods = pods_of("NAME\tREADY\tSTATUS\tRESTARTS\tAGE\nweb-0\t0/1\tError\t5 (2m ago)\t10m\n")
    assert pods["web-0"]["status"]["containerStatuses"][0]["state"] == {"terminated": {"reason": "Error"}}


def test_rows_without_a_header_are_read_by_the_columns_of_their_kind() -> None:
    text = "shop   web-0   0/1   Error   3 (9s ago)   10m   10.1.0.4   node-1   <none>   <none>   app=web\n"
    found = pods_of(text, "kubectl get pods -A -o wide --show-labels | grep web")["web-0"]
    assert found["metadata"]["labels"] == {"app": "web"}
    assert (found["metadata"]["namespace"], found["spec"]["nodeName"]) == ("shop", "node-1")


def test_a_row_that_does_not_fit_stays_text() -> None:
    imported = read("kubectl get pods -n shop | tail -1", "web-0   something   else\n")
    assert imported.objects == []
    assert [left.text for left in imported.leftovers] == ["web-0   something   else"]


def test_empty_cells_do_not_shift_the_others() -> None:
    text = """\
NAME     CAPACITY   ACCESS MODES   RECLAIM POLICY   STATUS      CLAIM       STORAGECLASS   REASON   AGE
disk-1   1Gi        RWO            Retain           Available                                       12m
disk-2   2Gi        RWO,ROX        Delete           Bound       shop/data   fast                    12m
"""
    one, two = sorted(read("kubectl get pv", text).objects, key=lambda item: item["metadata"]["name"])
    assert "claimRef" not in one["spec"]
    assert one["metadata"]["creationTimestamp"] == "2031-05-06T11:48:00Z"
    assert two["spec"]["claimRef"]["name"] == "data"
    assert two["spec"]["storageClassName"] == "fast"


TABLES: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "kubectl get deploy -n shop -o wide",
        "NAME   READY   UP-TO-DATE   AVAILABLE   AGE   CONTAINERS   IMAGES    SELECTOR\n"
        "web    0/2     1            0           5m    app,side     a:1,b:2   app=web\n",
        "Deployment",
        {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "app", "image": "a:1"}, {"name": "side", "image": "b:2"}]},
            },
        },
    ),
    (
        "kubectl get svc -n shop -o wide",
        "NAME   TYPE       CLUSTER-IP   EXTERNAL-IP   PORT(S)                AGE   SELECTOR\n"
        "web    NodePort   10.96.0.4    <none>        80:30080/TCP,53/UDP   5m    app=web\n",
        "Service",
        {
            "type": "NodePort",
            "clusterIP": "10.96.0.4",
            "selector": {"app": "web"},
            "ports": [
                {"port": 80, "protocol": "TCP", "nodePort": 30080},
                {"port": 53, "protocol": "UDP"},
            ],
        },
    ),
    (
        "kubectl get quota -n shop",
        "NAME   AGE   REQUEST                                        LIMIT\n"
        "q      5m    requests.cpu: 1/2, requests.memory: 3Gi/4Gi   limits.cpu: 2/4\n",
        "ResourceQuota",
        {"hard": {"requests.cpu": "2", "requests.memory": "4Gi", "limits.cpu": "4"}},
    ),
    (
        "kubectl get hpa -n shop",
        "NAME   REFERENCE        TARGETS                       MINPODS   MAXPODS   REPLICAS   AGE\n"
        "web    Deployment/web   cpu: 91%/80%, memory: 5%/60%   1         5         5          5m\n",
        "HorizontalPodAutoscaler",
        {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": 1,
            "maxReplicas": 5,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {
                        "name": name,
                        "target": {"type": "Utilization", "averageUtilization": share},
                    },
                }
                for name, share in (("cpu", 80), ("memory", 60))
            ],
        },
    ),
    (
        "kubectl get pvc -n shop",
        "NAME   STATUS    VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS   VOLUMEATTRIBUTESCLASS   AGE\n"
        "data   Pending                                      fast           <unset>                 5m\n",
        "PersistentVolumeClaim",
        {"storageClassName": "fast"},
    ),
    (
        "kubectl get cj -n shop",
        "NAME      SCHEDULE    TIMEZONE   SUSPEND   ACTIVE   LAST SCHEDULE   AGE\n"
        "nightly   0 2 * * *   <none>     True      0        10h             9d\n",
        "CronJob",
        {"schedule": "0 2 * * *", "suspend": True},
    ),
]


@pytest.mark.parametrize(("command", "text", "kind", "spec"), TABLES, ids=[kind for _, _, kind, _ in TABLES])
def test_the_columns_of_a_kind_become_its_fields(
    command: str, text: str, kind: str, spec: dict[str, Any]
) -> None:
    (found,) = read(command, text).objects
    assert found["kind"] == kind
    assert found["spec"] == spec


@pytest.mark.parametrize(("command", "text", "kind", "spec"), TABLES, ids=[kind for _, _, kind, _ in TABLES])
def test_a_table_is_recognised_without_its_command(
    command: str, text: str, kind: str, spec: dict[str, Any]
) -> None:
    (found,) = assemble("test", [Section(text)], NOW).objects
    assert (found["kind"], found["spec"]) == (kind, spec)


def test_a_node_keeps_its_condition_and_its_cordon() -> None:
    text = """\
NAME     STATUS                        ROLES           AGE   VERSION
node-1   Ready                         control-plane   9d    v1.33.1
node-2   NotReady,SchedulingDisabled   <none>          9d    v1.33.1
"""
    nodes = {item["metadata"]["name"]: item for item in read("kubectl get nodes", text).objects}
    assert [nodes[name]["status"]["conditions"][0]["status"] for name in sorted(nodes)] == ["True", "False"]
    assert nodes["node-2"]["spec"] == {"unschedulable": True}


def test_the_default_storage_class_keeps_its_mark() -> None:
    text = "NAME             PROVISIONER   AGE\nfast (default)   ebs           9d\n"
    (found,) = read("kubectl get sc", text).objects
    assert found["metadata"]["name"] == "fast"
    assert found["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] == "true"


def test_get_all_tells_kinds_in_the_names() -> None:
    text = """\
NAME        READY   STATUS    RESTARTS   AGE
pod/web-0   1/1     Running   0          5m

NAME          TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE
service/web   ClusterIP   10.96.0.4    <none>        80/TCP    5m

NAME                   READY   AGE
statefulset.apps/web   1/1     5m
"""
    found = read("kubectl get all -n shop", text).objects
    assert sorted(item["kind"] for item in found) == ["Pod", "Service", "StatefulSet"]
    pod = next(item for item in found if item["kind"] == "Pod")
    assert pod["metadata"]["ownerReferences"][0]["kind"] == "StatefulSet"


def test_metrics_are_read_from_top() -> None:
    (found,) = read(
        "kubectl top pods -n shop", "NAME    CPU(cores)   MEMORY(bytes)\nweb-0   3m           61Mi\n"
    ).objects
    assert found["kind"] == "PodMetrics"
    assert found["containers"][0]["usage"] == {"cpu": "3m", "memory": "61Mi"}


EVENTS = """\
LAST SEEN             TYPE      REASON             OBJECT           MESSAGE
30s (x4 over 9m12s)   Warning   BackOff            pod/web-0        Back-off restarting failed container app
12m                   Normal    Scheduled          Pod/web-0        Successfully assigned shop/web-0 to node-1
5m                    Warning   NodeNotReady       node/node-1      Node node-1 status is now: NodeNotReady
"""


@pytest.mark.parametrize("command", ["kubectl get events -n shop", "kubectl events -n shop"])
def test_events_are_read_from_either_command(command: str) -> None:
    imported = read(command, EVENTS)
    assert imported.listed == {("Event", "shop")}
    (mentioned,) = imported.objects
    assert (mentioned["metadata"]["name"], mentioned["status"]["phase"]) == ("web-0", "Running")
    assert [container["name"] for container in mentioned["spec"]["containers"]] == ["app"]
    back_off, scheduled, lost = imported.events
    assert (back_off["count"], back_off["lastTimestamp"]) == (4, "2031-05-06T11:59:30Z")
    assert back_off["firstTimestamp"] == "2031-05-06T11:50:48Z"
    assert scheduled["involvedObject"] == {"kind": "Pod", "name": "web-0", "namespace": "shop"}
    assert lost["involvedObject"] == {"kind": "Node", "name": "node-1"}


def test_events_of_one_object_may_come_as_a_description_lists_them() -> None:
    text = (
        "Type\tReason  Age  From  Message\nWarning  BackOff  3s (x9 over 2m)  kubelet  Back-off restarting\n"
    )
    imported = read("kubectl events --for pod/web-0 -n shop", text)
    (event,) = imported.events
    assert (event["count"], event["involvedObject"]["name"]) == (9, "web-0")
