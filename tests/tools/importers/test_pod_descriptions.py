"""A description of a Pod, read back into the Pod."""

from datetime import UTC, datetime

from tests.tools.importers.descriptions import NOW, read
from tools.importers.transcript.assemble import assemble
from tools.importers.transcript.command import parse_command
from tools.importers.transcript.completion import RECONSTRUCTED
from tools.importers.transcript.section import Section

POD = """\
Name:             basket-6c9f7d5b8d-x2k4p
Namespace:        shop
Priority:         0
Service Account:  basket
Node:             node-7/10.2.0.7
Start Time:       Tue, 06 May 2031 10:00:05 +0200
Labels:           app=basket
                  pod-template-hash=6c9f7d5b8d
Annotations:      example.com/owner: team-a
                  example.com/text: first
                    second
Status:           Running
IP:               10.244.3.9
IPs:
  IP:           10.244.3.9
Controlled By:  ReplicaSet/basket-6c9f7d5b8d
Init Containers:
  wait-db:
    Container ID:  containerd://aa
    Image:         registry.local/wait:1
    Image ID:      registry.local/wait@sha256:1
    Port:          <none>
    Host Port:     <none>
    Command:
      sh
      -c
      until nc -z db 5432
      do sleep 1; done
    State:          Terminated
      Reason:       Completed
      Exit Code:    0
      Started:      Tue, 06 May 2031 10:00:06 +0200
      Finished:     Tue, 06 May 2031 10:00:09 +0200
    Ready:          True
    Restart Count:  0
    Environment:    <none>
    Mounts:         <none>
Containers:
  app:
    Container ID:   containerd://bb
    Image:          registry.local/basket:4
    Image ID:       registry.local/basket@sha256:2
    Ports:          8080/TCP (http), 9090/TCP
    Host Ports:     0/TCP (http), 9090/TCP
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
      Started:      Tue, 06 May 2031 10:20:00 +0200
      Finished:     Tue, 06 May 2031 10:20:41 +0200
    Ready:          False
    Restart Count:  6
    Limits:
      memory:  64Mi
    Requests:
      cpu:      100m
      memory:   64Mi
    Liveness:   http-get https://:http/live delay=5s timeout=2s period=10s #success=1 #failure=3
    Readiness:  exec [sh -c curl -f localhost:8080/ready] delay=0s timeout=1s period=5s #success=1 #failure=2
    Startup:    grpc <pod>:9090 probe delay=0s timeout=1s period=3s #success=1 #failure=30
    Environment Variables from:
      common  ConfigMap with prefix 'C_'  Optional: false
      creds   Secret                      Optional: true
    Environment:
      DB_HOST:   db:5432
      DB_PASS:   <set to the key 'password' in secret 'db'>        Optional: false
      MODE:      <set to the key 'mode' of config map 'settings'>  Optional: true
      POD_NAME:  basket-6c9f7d5b8d-x2k4p (v1:metadata.name)
      MEMORY:    67108864 (limits.memory)
      GREETING:  hello
                 world
      NOTHING:
    Mounts:
      /etc/basket from config (ro,path="basket.yaml")
      /data from data (rw)
Conditions:
  Type                        Status
  PodReadyToStartContainers   True
  Ready                       False
  PodScheduled                True
Volumes:
  config:
    Type:      ConfigMap (a volume populated by a ConfigMap)
    Name:      basket-config
    Optional:  false
  data:
    Type:       PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)
    ClaimName:  basket-data
    ReadOnly:   false
  kube-api-access-abcde:
    Type:                    Projected (a volume that contains injected data from multiple sources)
    TokenExpirationSeconds:  3607
    ConfigMapName:           kube-root-ca.crt
    ConfigMapOptional:       <nil>
    DownwardAPI:             true
QoS Class:                   Burstable
Node-Selectors:              disk=ssd
Tolerations:                 op=Exists
                             dedicated=shop:NoSchedule
                             node.kubernetes.io/not-ready:NoExecute op=Exists for 300s
Events:
  Type     Reason     Age                   From               Message
  ----     ------     ----                  ----               -------
  Normal   Scheduled  30m                   default-scheduler  Successfully assigned shop/basket to node-7
  Warning  BackOff    12s (x25 over 9m41s)  kubelet, node-7    Back-off restarting failed container app in pod
"""


def test_a_pod_is_read_in_full() -> None:
    pod = next(
        item
        for item in read("kubectl describe po basket-6c9f7d5b8d-x2k4p -n shop", POD)
        if item["kind"] == "Pod"
    )
    meta, spec, status = pod["metadata"], pod["spec"], pod["status"]
    assert (meta["namespace"], meta["name"]) == ("shop", "basket-6c9f7d5b8d-x2k4p")
    assert meta["labels"] == {"app": "basket", "pod-template-hash": "6c9f7d5b8d"}
    assert meta["annotations"]["example.com/text"] == "first\nsecond"
    assert meta["annotations"][RECONSTRUCTED] == "true"
    assert meta["ownerReferences"][0]["name"] == "basket-6c9f7d5b8d"
    assert (spec["nodeName"], spec["serviceAccountName"]) == ("node-7", "basket")
    assert spec["nodeSelector"] == {"disk": "ssd"}
    assert spec["tolerations"] == [
        {"operator": "Exists"},
        {"key": "dedicated", "value": "shop", "effect": "NoSchedule", "operator": "Equal"},
        {
            "key": "node.kubernetes.io/not-ready",
            "effect": "NoExecute",
            "operator": "Exists",
            "tolerationSeconds": 300,
        },
    ]
    assert status["phase"] == "Running"
    assert status["startTime"] == "2031-05-06T08:00:05Z"
    assert {"type": "Ready", "status": "False"} in status["conditions"]


def test_a_container_keeps_its_specification() -> None:
    pod = read("kubectl describe pod x -n shop", POD)[0]
    init, app = pod["spec"]["initContainers"][0], pod["spec"]["containers"][0]
    assert init["command"] == ["sh", "-c", "until nc -z db 5432\ndo sleep 1; done"]
    assert app["ports"] == [
        {"containerPort": 8080, "protocol": "TCP", "name": "http"},
        {"containerPort": 9090, "protocol": "TCP", "hostPort": 9090},
    ]
    assert app["resources"] == {"limits": {"memory": "64Mi"}, "requests": {"cpu": "100m", "memory": "64Mi"}}
    assert app["livenessProbe"]["httpGet"] == {"scheme": "HTTPS", "port": "http", "path": "/live"}
    assert app["livenessProbe"]["failureThreshold"] == 3
    assert app["readinessProbe"]["exec"]["command"] == ["sh", "-c", "curl -f localhost:8080/ready"]
    assert app["startupProbe"]["grpc"] == {"port": 9090, "service": "probe"}
    assert app["volumeMounts"] == [
        {"mountPath": "/etc/basket", "name": "config", "readOnly": True, "subPath": "basket.yaml"},
        {"mountPath": "/data", "name": "data"},
    ]
    assert app["envFrom"] == [
        {"prefix": "C_", "configMapRef": {"name": "common"}},
        {"secretRef": {"name": "creds", "optional": True}},
    ]


def test_env_keeps_where_each_value_comes_from() -> None:
    env = {
        entry["name"]: entry
        for entry in read("kubectl describe pod x -n shop", POD)[0]["spec"]["containers"][0]["env"]
    }
    assert env["DB_HOST"]["value"] == "db:5432"
    assert env["DB_PASS"]["valueFrom"] == {"secretKeyRef": {"name": "db", "key": "password"}}
    assert env["MODE"]["valueFrom"] == {
        "configMapKeyRef": {"name": "settings", "key": "mode", "optional": True}
    }
    assert env["POD_NAME"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
    assert env["MEMORY"]["valueFrom"] == {"resourceFieldRef": {"resource": "limits.memory"}}
    assert env["GREETING"]["value"] == "hello\nworld"
    assert env["NOTHING"]["value"] == ""


def test_a_container_keeps_how_it_fares() -> None:
    status = read("kubectl describe pod x -n shop", POD)[0]["status"]
    init, app = status["initContainerStatuses"][0], status["containerStatuses"][0]
    assert init["state"]["terminated"]["exitCode"] == 0
    assert app["state"] == {"waiting": {"reason": "CrashLoopBackOff"}}
    assert app["lastState"]["terminated"] == {
        "reason": "OOMKilled",
        "exitCode": 137,
        "startedAt": "2031-05-06T08:20:00Z",
        "finishedAt": "2031-05-06T08:20:41Z",
    }
    assert (app["restartCount"], app["ready"]) == (6, False)


def test_volumes_keep_what_they_mount() -> None:
    volumes = {v["name"]: v for v in read("kubectl describe pod x -n shop", POD)[0]["spec"]["volumes"]}
    assert volumes["config"]["configMap"] == {"name": "basket-config"}
    assert volumes["data"]["persistentVolumeClaim"] == {"claimName": "basket-data"}
    assert {"configMap": {"name": "kube-root-ca.crt"}} in volumes["kube-api-access-abcde"]["projected"][
        "sources"
    ]


def test_events_of_a_description_count_from_the_moment_it_was_printed() -> None:
    imported = assemble("test", [Section(POD, parse_command("kubectl describe pod x -n shop"))], NOW)
    assert imported.recorded_at == datetime(2031, 5, 6, 8, 30, 5, tzinfo=UTC)
    back_off = next(event for event in imported.events if event["reason"] == "BackOff")
    assert back_off["count"] == 25
    assert back_off["lastTimestamp"] == "2031-05-06T08:29:53Z"
    assert back_off["firstTimestamp"] == "2031-05-06T08:20:24Z"
    assert back_off["source"] == {"component": "kubelet", "host": "node-7"}
    assert back_off["involvedObject"]["name"] == "basket-6c9f7d5b8d-x2k4p"


def test_the_deployment_behind_a_pod_is_put_back() -> None:
    found = {item["kind"]: item for item in read("kubectl describe pod x -n shop", POD)}
    assert found.keys() == {"Pod", "ReplicaSet", "Deployment"}
    deployment = found["Deployment"]
    assert deployment["metadata"]["name"] == "basket"
    assert deployment["spec"]["selector"]["matchLabels"] == {"app": "basket"}
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.local/basket:4"
    assert "nodeName" not in deployment["spec"]["template"]["spec"]
    owner = found["ReplicaSet"]["metadata"]["ownerReferences"][0]
    assert owner["uid"] == deployment["metadata"]["uid"]
