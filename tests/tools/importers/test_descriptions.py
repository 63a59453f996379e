from datetime import UTC, datetime
from typing import Any

import pytest

from tools.importers.transcript.assemble import assemble
from tools.importers.transcript.command import parse_command
from tools.importers.transcript.completion import RECONSTRUCTED
from tools.importers.transcript.section import Section

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)

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


def read(command: str, text: str) -> list[dict[str, Any]]:
    return assemble("test", [Section(text, parse_command(command))], NOW).objects


def read_one(command: str, text: str) -> dict[str, Any]:
    found = read(command, text)
    assert len(found) == 1, [item["kind"] for item in found]
    return found[0]


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


DEPLOYMENT = """\
Name:                   basket
Namespace:              shop
CreationTimestamp:      Tue, 06 May 2031 10:00:00 +0200
Labels:                 app=basket
Annotations:            deployment.kubernetes.io/revision: 3
Selector:               app=basket,tier in (a,b),!legacy
Replicas:               3 desired | 1 updated | 4 total | 2 available | 2 unavailable
StrategyType:           RollingUpdate
MinReadySeconds:        0
RollingUpdateStrategy:  25% max unavailable, 1 max surge
Pod Template:
  Labels:  app=basket
  Containers:
   app:
    Image:         registry.local/basket:4
    Port:          8080/TCP
    Host Port:     0/TCP
    Environment:   <none>
    Mounts:        <none>
  Volumes:         <none>
  Node-Selectors:  <none>
  Tolerations:     <none>
Conditions:
  Type           Status  Reason
  ----           ------  ------
  Progressing    False   ProgressDeadlineExceeded
OldReplicaSets:  basket-1 (3/3 replicas created)
NewReplicaSet:   basket-2 (1/1 replicas created)
Events:          <none>
"""

NODE = """\
Name:               node-7
Roles:              <none>
Labels:             kubernetes.io/hostname=node-7
Annotations:        <none>
CreationTimestamp:  Mon, 05 May 2031 08:00:00 +0000
Taints:             dedicated=shop:NoSchedule
                    node.kubernetes.io/unreachable:NoExecute
Unschedulable:      true
Conditions:
  Type    Status   LastHeartbeatTime                 LastTransitionTime                Reason             Message
  ----    ------   -----------------                 ------------------                ------             -------
  Ready   Unknown  Tue, 06 May 2031 08:10:00 +0000   Tue, 06 May 2031 08:11:00 +0000   NodeStatusUnknown  Kubelet stopped posting node status.
Addresses:
  InternalIP:  10.2.0.7
Capacity:
  cpu:     4
  memory:  8Gi
Allocatable:
  cpu:     3800m
  memory:  7Gi
System Info:
  Kubelet Version:  v1.33.1
PodCIDR:            10.244.3.0/24
Non-terminated Pods:  (1 in total)
  Namespace  Name    CPU Requests  CPU Limits  Memory Requests  Memory Limits  Age
  ---------  ----    ------------  ----------  ---------------  -------------  ---
  shop       basket  100m (2%)     0 (0%)      64Mi (0%)        64Mi (0%)      30m
Events:              <none>
"""  # noqa: E501

CASES: list[tuple[str, str, dict[str, Any]]] = [
    (
        "kubectl describe deploy basket -n shop",
        DEPLOYMENT,
        {
            "spec.replicas": 3,
            "spec.selector.matchLabels": {"app": "basket"},
            "spec.selector.matchExpressions": [
                {"key": "tier", "operator": "In", "values": ["a", "b"]},
                {"key": "legacy", "operator": "DoesNotExist"},
            ],
            "spec.strategy.rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 1},
            "status.updatedReplicas": 1,
            "status.unavailableReplicas": 2,
            "status.conditions": [
                {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
            ],
            "metadata.creationTimestamp": "2031-05-06T08:00:00Z",
        },
    ),
    (
        "kubectl describe node node-7",
        NODE,
        {
            "spec.taints": [
                {"key": "dedicated", "value": "shop", "effect": "NoSchedule"},
                {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"},
            ],
            "spec.unschedulable": True,
            "status.allocatable": {"cpu": "3800m", "memory": "7Gi"},
            "status.nodeInfo.kubeletVersion": "v1.33.1",
            "status.conditions": [
                {
                    "type": "Ready",
                    "status": "Unknown",
                    "reason": "NodeStatusUnknown",
                    "message": "Kubelet stopped posting node status.",
                    "lastHeartbeatTime": "2031-05-06T08:10:00Z",
                    "lastTransitionTime": "2031-05-06T08:11:00Z",
                }
            ],
        },
    ),
    (
        "kubectl describe svc basket -n shop",
        """\
Name:              basket
Namespace:         shop
Labels:            <none>
Annotations:       <none>
Selector:          app=basket
Type:              NodePort
IP:                10.96.1.1
Port:              http  80/TCP
TargetPort:        web/TCP
NodePort:          http  30080/TCP
Endpoints:         <none>
Port:              <unset>  9090/UDP
TargetPort:        9090/UDP
NodePort:          <unset>  30090/UDP
Endpoints:         <none>
Session Affinity:  None
Events:            <none>
""",
        {
            "spec.selector": {"app": "basket"},
            "spec.type": "NodePort",
            "spec.ports": [
                {"port": 80, "protocol": "TCP", "name": "http", "targetPort": "web", "nodePort": 30080},
                {"port": 9090, "protocol": "UDP", "targetPort": 9090, "nodePort": 30090},
            ],
        },
    ),
    (
        "kubectl describe pvc data -n shop",
        """\
Name:          data
Namespace:     shop
StorageClass:  fast
Status:        Pending
Volume:
Labels:        <none>
Annotations:   <none>
Finalizers:    [kubernetes.io/pvc-protection]
Capacity:
Access Modes:
VolumeMode:    Filesystem
Used By:       basket-0
Events:        <none>
""",
        {"spec.storageClassName": "fast", "status.phase": "Pending"},
    ),
    (
        "kubectl describe pv disk-1",
        """\
Name:              disk-1
Labels:            type=local
Annotations:       <none>
Finalizers:        [kubernetes.io/pv-protection]
StorageClass:      slow
Status:            Bound
Claim:             shop/data
Reclaim Policy:    Retain
Access Modes:      RWO,ROX
VolumeMode:        Filesystem
Capacity:          5Gi
Node Affinity:
  Required Terms:
    Term 0:        kubernetes.io/hostname in [node-7]
Message:
Source:
    Type:  LocalVolume (a persistent volume backed by local storage on a node)
    Path:  /mnt/disk-1
Events:    <none>
""",
        {
            "spec.capacity": {"storage": "5Gi"},
            "spec.accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
            "spec.claimRef": {"kind": "PersistentVolumeClaim", "namespace": "shop", "name": "data"},
            "spec.local": {"path": "/mnt/disk-1"},
            "spec.nodeAffinity.required.nodeSelectorTerms": [
                {
                    "matchExpressions": [
                        {"key": "kubernetes.io/hostname", "operator": "In", "values": ["node-7"]}
                    ]
                }
            ],
        },
    ),
    (
        "kubectl describe quota limits -n shop",
        """\
Name:            limits
Namespace:       shop
Resource         Used    Hard
--------         ----    ----
limits.memory    900Mi   1Gi
requests.memory  3000Mi  3Gi
""",
        {
            "spec.hard": {"limits.memory": "1Gi", "requests.memory": "3Gi"},
            "status.used": {"limits.memory": "900Mi", "requests.memory": "3000Mi"},
        },
    ),
    (
        "kubectl describe limits defaults -n shop",
        """\
Name:       defaults
Namespace:  shop
Type        Resource  Min  Max    Default Request  Default Limit  Max Limit/Request Ratio
----        --------  ---  ---    ---------------  -------------  -----------------------
Container   memory    -    128Mi  32Mi             64Mi           -
Container   cpu       10m  1      -                -              4
""",
        {
            "spec.limits": [
                {
                    "type": "Container",
                    "max": {"memory": "128Mi", "cpu": "1"},
                    "min": {"cpu": "10m"},
                    "defaultRequest": {"memory": "32Mi"},
                    "default": {"memory": "64Mi"},
                    "maxLimitRequestRatio": {"cpu": "4"},
                }
            ]
        },
    ),
    (
        "kubectl describe cm settings -n shop",
        """\
Name:         settings
Namespace:    shop
Labels:       <none>
Annotations:  <none>

Data
====
mode:
----
fast

app.conf:
----
[server]
  listen = 8080

[db]
Name: x

BinaryData
====
logo.png: 12 bytes

Events:  <none>
""",
        {
            "data": {"mode": "fast", "app.conf": "[server]\n  listen = 8080\n\n[db]\nName: x"},
            "binaryData": {"logo.png": ""},
        },
    ),
    (
        "kubectl describe secret db -n shop",
        """\
Name:         db
Namespace:    shop
Labels:       <none>
Annotations:  <none>

Type:  Opaque

Data
====
user:      5 bytes
password:  16 bytes
""",
        {"type": "Opaque", "data": {"user": None, "password": None}},
    ),
    (
        "kubectl describe ing web -n shop",
        """\
Name:             web
Labels:           <none>
Namespace:        shop
Address:          192.0.2.9
Ingress Class:    nginx
Default backend:  <default>
TLS:
  web-tls terminates a.example.com
Rules:
  Host           Path  Backends
  ----           ----  --------
  a.example.com
                 /      front:80 (10.1.0.1:8080)
                 /api   api:http (<error: services "api" not found>)
  *
                 /      front:80 (<none>)
Annotations:     <none>
Events:          <none>
""",
        {
            "spec.ingressClassName": "nginx",
            "spec.tls": [{"secretName": "web-tls", "hosts": ["a.example.com"]}],
            "spec.rules": [
                {
                    "host": "a.example.com",
                    "http": {
                        "paths": [
                            {"path": "/", "backend": {"service": {"name": "front", "port": {"number": 80}}}},
                            {
                                "path": "/api",
                                "backend": {"service": {"name": "api", "port": {"name": "http"}}},
                            },
                        ]
                    },
                },
                {
                    "http": {
                        "paths": [
                            {"path": "/", "backend": {"service": {"name": "front", "port": {"number": 80}}}}
                        ]
                    }
                },
            ],
        },
    ),
    (
        "kubectl describe netpol db-only -n shop",
        """\
Name:         db-only
Namespace:    shop
Created on:   2031-05-05 10:00:00 +0000 UTC
Labels:       <none>
Annotations:  <none>
Spec:
  PodSelector:     app=db
  Allowing ingress traffic:
    To Port: 5432/TCP
    From:
      NamespaceSelector: team=ops
      PodSelector: app=front
    ----------
    To Port: 6000-6010/UDP
    From:
      IPBlock:
        CIDR: 10.0.0.0/8
        Except: 10.1.0.0/16
  Not affecting egress traffic
  Policy Types: Ingress
""",
        {
            "spec.podSelector": {"matchLabels": {"app": "db"}},
            "spec.policyTypes": ["Ingress"],
            "spec.ingress": [
                {
                    "ports": [{"port": 5432, "protocol": "TCP"}],
                    "from": [
                        {
                            "podSelector": {"matchLabels": {"app": "front"}},
                            "namespaceSelector": {"matchLabels": {"team": "ops"}},
                        }
                    ],
                },
                {
                    "ports": [{"port": 6000, "protocol": "UDP", "endPort": 6010}],
                    "from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}],
                },
            ],
        },
    ),
    (
        "kubectl describe netpol deny -n shop",
        """\
Name:         deny
Namespace:    shop
Created on:   2031-05-05 10:00:00 +0000 UTC
Labels:       <none>
Annotations:  <none>
Spec:
  PodSelector:     <none> (Allowing the specific traffic to all pods in this namespace)
  Allowing ingress traffic:
    <none> (Selected pods are isolated for ingress connectivity)
  Not affecting egress traffic
  Policy Types: Ingress
""",
        {"spec.podSelector": {}, "spec.ingress": [], "spec.policyTypes": ["Ingress"]},
    ),
    (
        "kubectl describe hpa front -n shop",
        """\
Name:                                                  front
Namespace:                                             shop
Labels:                                                <none>
Annotations:                                           <none>
CreationTimestamp:                                     Tue, 06 May 2031 08:00:00 +0000
Reference:                                             Deployment/front
Metrics:                                               ( current / target )
  resource cpu on pods  (as a percentage of request):  <unknown> / 80%
  resource memory on pods:                             412Mi / 500Mi
Min replicas:                                          2
Max replicas:                                          10
Deployment pods:                                       4 current / 0 desired
Conditions:
  Type           Status  Reason                   Message
  ----           ------  ------                   -------
  ScalingActive  False   FailedGetResourceMetric  no metrics returned
Events:          <none>
""",
        {
            "spec.scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "front"},
            "spec.maxReplicas": 10,
            "spec.metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"averageUtilization": 80, "type": "Utilization"}},
                },
                {
                    "type": "Resource",
                    "resource": {
                        "name": "memory",
                        "target": {"averageValue": "500Mi", "type": "AverageValue"},
                    },
                },
            ],
            "status.currentMetrics": [
                {"type": "Resource", "resource": {"name": "memory", "current": {"averageValue": "412Mi"}}}
            ],
            "status.conditions": [
                {
                    "type": "ScalingActive",
                    "status": "False",
                    "reason": "FailedGetResourceMetric",
                    "message": "no metrics returned",
                }
            ],
        },
    ),
    (
        "kubectl describe job once -n shop",
        """\
Name:             once
Namespace:        shop
Selector:         job-name=once
Labels:           <none>
Annotations:      <none>
Parallelism:      1
Completions:      1
Backoff Limit:    2
Start Time:       Tue, 06 May 2031 08:00:00 +0000
Pods Statuses:    0 Active (0 Ready) / 0 Succeeded / 3 Failed
Pod Template:
  Labels:  job-name=once
  Containers:
   run:
    Image:         registry.local/run:1
    Port:          <none>
    Host Port:     <none>
    Environment:   <none>
    Mounts:        <none>
  Volumes:         <none>
Events:            <none>
""",
        {"spec.backoffLimit": 2, "status.failed": 3, "status.startTime": "2031-05-06T08:00:00Z"},
    ),
    (
        "kubectl describe sa runner -n shop",
        """\
Name:                runner
Namespace:           shop
Labels:              <none>
Annotations:         <none>
Image pull secrets:  pull-a
                     pull-b (not found)
Mountable secrets:   <none>
Tokens:              <none>
Events:              <none>
""",
        {"imagePullSecrets": [{"name": "pull-a"}, {"name": "pull-b"}]},
    ),
    (
        "kubectl describe ep basket -n shop",
        """\
Name:         basket
Namespace:    shop
Labels:       <none>
Annotations:  <none>
Subsets:
  Addresses:          <none>
  NotReadyAddresses:  10.244.3.9,10.244.3.10
  Ports:
    Name     Port  Protocol
    ----     ----  --------
    <unset>  8080  TCP

Events:  <none>
""",
        {
            "subsets": [
                {
                    "notReadyAddresses": [{"ip": "10.244.3.9"}, {"ip": "10.244.3.10"}],
                    "ports": [{"port": 8080, "protocol": "TCP"}],
                }
            ]
        },
    ),
    (
        "kubectl describe sc fast",
        """\
Name:            fast
IsDefaultClass:  Yes
Annotations:     storageclass.kubernetes.io/is-default-class=true

Provisioner:           ebs.csi.example.com
Parameters:            type=gp3
AllowVolumeExpansion:  True
MountOptions:          <none>
ReclaimPolicy:         Delete
VolumeBindingMode:     WaitForFirstConsumer
Events:                <none>
""",
        {
            "provisioner": "ebs.csi.example.com",
            "volumeBindingMode": "WaitForFirstConsumer",
            "parameters": {"type": "gp3"},
            "metadata.annotations": {
                "storageclass.kubernetes.io/is-default-class": "true",
                RECONSTRUCTED: "true",
            },
        },
    ),
]


def value_at(item: Any, path: str, keys: set[str]) -> Any:
    if path in keys:
        return item[path]
    for step in path.split("."):
        item = item[step]
    return item


@pytest.mark.parametrize(("command", "text", "expected"), CASES, ids=[command for command, _, _ in CASES])
def test_the_facts_of_a_description_survive(command: str, text: str, expected: dict[str, Any]) -> None:
    item = read_one(command, text)
    for path, value in expected.items():
        assert value_at(item, path, set(item)) == value, path


@pytest.mark.parametrize(("command", "text", "expected"), CASES, ids=[command for command, _, _ in CASES])
def test_a_description_is_recognised_without_its_command(
    command: str, text: str, expected: dict[str, Any]
) -> None:
    told = read_one(command, text)
    (found,) = assemble("test", [Section(text)], NOW).objects
    assert (found["kind"], found["metadata"]["name"]) == (told["kind"], told["metadata"]["name"])


def test_several_descriptions_in_one_text_are_several_objects() -> None:
    found = read(
        "kubectl describe deploy -n shop", DEPLOYMENT + "\n\n" + DEPLOYMENT.replace("basket", "front")
    )
    assert [(item["kind"], item["metadata"]["name"]) for item in found] == [
        ("Deployment", "basket"),
        ("Deployment", "front"),
    ]
