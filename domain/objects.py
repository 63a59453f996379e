"""Kubernetes objects: how we name them and what a raw one looks like."""

from typing import Any

from pydantic import BaseModel, ConfigDict

KubeObject = dict[str, Any]
"""One object as the API server serves it in JSON: ``apiVersion``, ``kind``, ``metadata``, ..."""


class ObjectRef(BaseModel):
    """A name for one object: kind (``Deployment``), namespace (empty when cluster-scoped), name."""

    model_config = ConfigDict(frozen=True)

    kind: str
    name: str
    namespace: str = ""

    def __str__(self) -> str:
        """``Deployment prod-apps/cache-service``, or ``Node node-c`` without a namespace."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def path(self) -> str:
        """``deployment/cache-service``: the TYPE/NAME form that kubectl takes."""
        return f"{self.kind.lower()}/{self.name}"

    @classmethod
    def of(cls, item: KubeObject) -> "ObjectRef":
        """The name of a raw object."""
        meta = item.get("metadata") or {}
        return cls(
            kind=item.get("kind", ""), name=meta.get("name", ""), namespace=meta.get("namespace") or ""
        )
