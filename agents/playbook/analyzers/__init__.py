"""Typed analyzers: what a pattern on one object cannot say. Importing this package registers them all."""

from agents.playbook.analyzers import (
    addresses,
    admission,
    configuration,
    crashes,
    dependencies,
    evictions,
    ingresses,
    lifecycle,
    nodes,
    placement,
    probes,
    sandboxes,
    scaling,
    scheduling,
    services,
    storage,
    workloads,
)
from agents.playbook.analyzers.registry import ANALYZERS

__all__ = [
    "ANALYZERS",
    "addresses",
    "admission",
    "configuration",
    "crashes",
    "dependencies",
    "evictions",
    "ingresses",
    "lifecycle",
    "nodes",
    "placement",
    "probes",
    "sandboxes",
    "scaling",
    "scheduling",
    "services",
    "storage",
    "workloads",
]
