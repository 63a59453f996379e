"""Typed analyzers: what a pattern on one object cannot say. Importing this package registers them all."""

from agents.playbook.analyzers import (
    configuration,
    crashes,
    dependencies,
    ingresses,
    nodes,
    probes,
    scheduling,
    services,
    storage,
    workloads,
)
from agents.playbook.analyzers.registry import ANALYZERS

__all__ = [
    "ANALYZERS",
    "configuration",
    "crashes",
    "dependencies",
    "ingresses",
    "nodes",
    "probes",
    "scheduling",
    "services",
    "storage",
    "workloads",
]
