"""What ``kubectl describe`` prints of most kinds, with the facts in it that must survive."""

from datetime import UTC, datetime
from typing import Any

from tools.importers.transcript.assemble import assemble
from tools.importers.transcript.command import parse_command
from tools.importers.transcript.completion import RECONSTRUCTED
from tools.importers.transcript.section import Section

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)


def read(command: str, text: str) -> list[dict[str, Any]]:
    return assemble("test", [Section(text, parse_command(command))], NOW).objects


def read_one(command: str, text: str) -> dict[str, Any]:
    found = read(command, text)
    assert len(found) == 1, [item["kind"] for item in found]
    return found[0]


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
