"""Records as Fluent Bit writes them."""

import gzip
from datetime import UTC, datetime
from typing import Any

import orjson

from pipeline.delivery import Delivery

ARRIVED = datetime(2026, 11, 24, 14, 6, tzinfo=UTC)


def container_line(
    log: str, number: int = 0, pod: str = "web-7d9f8c7b6d-x2k4p", **more: Any
) -> dict[str, Any]:
    """A line of a container, enriched by the kubernetes filter; ``number`` counts its microseconds."""
    return {
        "time": f"2026-11-24T14:05:24.{number:06d}518Z",
        "stream": "stderr",
        "logtag": "F",
        "log": log,
        "kubernetes": {
            "pod_name": pod,
            "namespace_name": "shop",
            "container_name": "web",
            "host": "node-a",
            "docker_id": "0a1b2c3d4e5f60718293",
            "labels": {"app.kubernetes.io/name": "webshop", "tier": "front"},
        },
    } | more


def kubernetes_event(reason: str, message: str, version: int = 1, **more: Any) -> dict[str, Any]:
    """An Event of a Pod, as the kubernetes_events input gives it."""
    about = {
        "kind": "Pod",
        "namespace": "shop",
        "name": "web-7d9f8c7b6d-x2k4p",
        "fieldPath": "spec.containers{web}",
    }
    return {
        "metadata": {"name": "web.17a", "namespace": "shop", "uid": "e-1", "resourceVersion": str(version)},
        "involvedObject": about,
        "reason": reason,
        "message": message,
        "source": {"component": "kubelet", "host": "node-a"},
        "firstTimestamp": "2026-11-24T14:00:00Z",
        "lastTimestamp": "2026-11-24T14:05:00Z",
        "count": version,
        "type": "Warning",
    } | more


def kubelet_line(message: str, **more: Any) -> dict[str, Any]:
    """An entry of a node's journal, as the systemd input gives it."""
    return {
        "_SYSTEMD_UNIT": "kubelet.service",
        "_HOSTNAME": "node-a",
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "kubelet",
        "_SOURCE_REALTIME_TIMESTAMP": "1795529124291753",
        "MESSAGE": message,
    } | more


def deliver(*records: Any, compress: bool = False) -> list[Delivery]:
    """Each record as one delivery; bytes stay as they are."""
    packed = [record if isinstance(record, bytes) else orjson.dumps(record) for record in records]
    return [
        Delivery(f"shard-0:{number:04d}", gzip.compress(data) if compress else data, ARRIVED)
        for number, data in enumerate(packed)
    ]
