"""Kubernetes objects, and whatever is made of dicts and lists, without the secrets in them."""

from collections.abc import Iterator
from typing import Any

import orjson

from domain.objects import KubeObject
from tools.cluster.secrets import drop_values
from tools.redaction.assignments import smells
from tools.redaction.redactor import Redactor
from tools.redaction.spans import NO_VALUE

_PLAIN = frozenset(
    (
        *("kind", "apiVersion", "uid", "resourceVersion", "name", "namespace", "generateName", "controller"),
        *("image", "imageID", "containerID", "nodeName", "hostIP", "podIP", "ip", "clusterIP", "protocol"),
        *("creationTimestamp", "lastTransitionTime", "lastProbeTime", "lastHeartbeatTime", "startTime"),
        *("startedAt", "finishedAt", "phase", "status", "type", "reason", "path", "mountPath"),
    )
)
"""Fields in which Kubernetes itself writes names, times and states."""

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SHORTEST = 4


class ObjectRedactor:
    """Redacts objects with the redactor of an investigation."""

    def __init__(self, redactor: Redactor) -> None:
        """Share the numbers of ``redactor``."""
        self._redactor = redactor

    def redact(self, item: KubeObject) -> KubeObject:
        """The object without its secrets: it is ``item`` itself when there are none.

        Of a Secret only the keys stay. Elsewhere go: values of env entries and fields whose name smells of a
        secret, what follows such a flag in a list of arguments, and in every other text, ConfigMaps and
        annotations included, what ``Redactor.redact`` finds. Names, images, uids and states stay as they are.
        """
        if item.get("kind") == "Secret" and str(item.get("apiVersion")) == "v1":
            item = drop_values(item)
        return self._mapping(item)

    def values(self, items: list[Any]) -> list[Any]:
        """A list, such as the cells of a table, without its secrets."""
        return self._list(items)

    def _mapping(self, mapping: dict[str, Any]) -> dict[str, Any]:
        named = mapping.get("name")
        secretive = isinstance(named, str) and isinstance(mapping.get("value"), str) and smells(named)
        changed: dict[str, Any] = {}
        for key, value in mapping.items():
            if key in _PLAIN and not isinstance(value, dict | list):
                continue
            new = self._hide(value) if secretive and key == "value" else self._field(key, value)
            if new is not value:
                changed[key] = new
        return {**mapping, **changed} if changed else mapping

    def _field(self, key: str, value: Any) -> Any:
        if isinstance(value, str):
            if key == _LAST_APPLIED:
                return self._document(value)
            return self._hide(value) if self._is_secret(key, value) else self._text(value)
        if isinstance(value, dict):
            return value if key == "managedFields" else self._mapping(value)
        return self._list(value) if isinstance(value, list) and key != "managedFields" else value

    def _is_secret(self, key: str, value: str) -> bool:
        """As the text ``key: value`` would be judged: ``secret: db-credentials`` names one."""
        return smells(key) and "\n" not in value and self._redactor_would_hide(key, value)

    def _redactor_would_hide(self, key: str, value: str) -> bool:
        return Redactor().redact(f'"{key}": {orjson.dumps(value).decode()}').endswith(':1>"')

    def _list(self, items: list[Any]) -> list[Any]:
        new = list(self._items(items))
        return new if any(a is not b for a, b in zip(new, items, strict=True)) else items

    def _items(self, items: list[Any]) -> Iterator[Any]:
        expected = False
        for item in items:
            if isinstance(item, str):
                yield self._hide(item) if expected and not item.startswith("-") else self._text(item)
                expected = item.startswith("-") and "=" not in item and smells(item.lstrip("-"))
            elif isinstance(item, dict):
                yield self._mapping(item)
            else:
                yield self._list(item) if isinstance(item, list) else item

    def _document(self, text: str) -> str:
        """An object in a string, such as the last applied configuration."""
        try:
            content = orjson.loads(text)
        except orjson.JSONDecodeError:
            return self._text(text)
        if not isinstance(content, dict):
            return self._text(text)
        content.setdefault("metadata", {})
        new = self.redact(content)
        return text if new is content else orjson.dumps(new).decode() + "\n"

    def _hide(self, value: str) -> str:
        return value if not value or NO_VALUE.fullmatch(value.strip()) else self._redactor.hide(value)

    def _text(self, text: str) -> str:
        if len(text) < _SHORTEST:
            return text
        new = self._redactor.redact(text)
        return text if new == text else new
