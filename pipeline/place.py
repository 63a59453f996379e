"""Where a line came from: what the ``kubernetes`` filter said or, without it, what the log file is called."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_FILE = re.compile(
    r"(?P<pod>[a-z0-9.-]+)_(?P<namespace>[a-z0-9-]+)_(?P<container>[a-z0-9-]+)-[0-9a-f]{64}\.log$"
)
"""The name that a kubelet gives a container's log; with Fluent Bit's tags it stands at the end of the tag."""

_FOLDER = re.compile(
    r"(?P<namespace>[a-z0-9-]+)_(?P<pod>[a-z0-9.-]+)_[0-9a-f-]{32,36}/(?P<container>[a-z0-9-]+)/\d+\.log$"
)
"""The same in ``/var/log/pods``."""

_FILE_KEYS = ("tag", "file", "filename", "file_path", "path", "source")
_SAFE = "bcdfghjklmnpqrstvwxz2456789"
"""The letters of generated names: k8s.io/apimachinery, util/rand."""

_REPLICA = re.compile(rf"^(?P<owner>.+?)-[{_SAFE}0-9a-f]{{6,10}}-[{_SAFE}]{{5}}$")
_CRON = re.compile(rf"^(?P<owner>.+?)-\d{{8,10}}-[{_SAFE}]{{5}}$")
_SET = re.compile(rf"^(?P<owner>.+?)-(?:\d{{1,4}}|[{_SAFE}]{{5}})$")
_SERVICE_LABELS = ("app.kubernetes.io/name", "app", "k8s-app")


@dataclass(frozen=True)
class Place:
    """One source of lines that belong together: a container, a node's unit, a cluster's events."""

    cluster: str = ""
    namespace: str = ""
    pod: str = ""
    container: str = ""
    host: str = ""
    service: str = ""
    run: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it apart from every other place; a container's runs are told apart by ``run``."""
        return self.cluster, self.namespace, self.pod, self.container, self.host, self.service, self.run


def place_of(record: Mapping[str, Any], cluster: str) -> Place:
    """The place of a container's record; empty names where nothing tells."""
    origin = record.get("kubernetes")
    told = origin if isinstance(origin, Mapping) else {}
    file = _of_file(record) if not told.get("pod_name") else {}
    pod, container = (str(told.get(f"{key}_name") or file.get(key) or "") for key in ("pod", "container"))
    labels = _labels(told)
    return Place(
        cluster=str(record.get("cluster") or record.get("cluster_name") or cluster),
        namespace=str(told.get("namespace_name") or file.get("namespace") or ""),
        pod=pod,
        container=container,
        host=str(told.get("host") or record.get("host") or ""),
        service=name_service(labels, pod, container) or "unattributed",
        run=str(told.get("docker_id") or "")[:12],
        labels=labels,
    )


def name_service(labels: Mapping[str, str], pod: str, container: str) -> str:
    """The service: label ``app.kubernetes.io/name``, ``app``, ``k8s-app``, the Pod's owner, the container."""
    named = next((labels[key] for key in _SERVICE_LABELS if labels.get(key)), "")
    return named or name_owner(pod) or container or pod


def name_owner(pod: str) -> str:
    """The workload that a Pod's generated name was made from; empty for a name that was not generated."""
    matches = (pattern.match(pod) for pattern in (_CRON, _REPLICA, _SET))
    return next((match["owner"] for match in matches if match), "")


def _labels(told: Mapping[str, Any]) -> dict[str, str]:
    labels = told.get("labels")
    return {str(key): str(value) for key, value in labels.items()} if isinstance(labels, Mapping) else {}


def _of_file(record: Mapping[str, Any]) -> dict[str, str]:
    for name in (record[key] for key in _FILE_KEYS if isinstance(record.get(key), str)):
        if match := _FOLDER.search(name) or _FILE.search(name):
            return {
                key: value.rpartition("var.log.containers.")[2] for key, value in match.groupdict().items()
            }
    return {}
