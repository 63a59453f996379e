"""``kubectl describe`` of ConfigMaps, Secrets (never their values), ServiceAccounts and rights."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from domain.objects import KubeObject
from tools.kubectl.describe.related import Related
from tools.kubectl.describe.writer import Writer
from tools.kubectl.tables.columns import entries, mapping, name_of
from tools.kubectl.text import NONE


def describe_config_map(writer: Writer, item: KubeObject, related: Related) -> None:
    """A ConfigMap with its data."""
    writer.heading(item)
    writer.metadata(item)
    _open_section(writer, "Data")
    for key, value in sorted(mapping(item, "data").items()):
        writer.line(f"{key}:")
        writer.line("----")
        for line in str(value).replace("\t", "    ").split("\n"):
            writer.line(line)
        writer.line()
    _open_section(writer, "BinaryData")
    for key, value in sorted(mapping(item, "binaryData").items()):
        writer.line(f"{key}: {_count_bytes(str(value or ''))} bytes")
    writer.line()


def _count_bytes(encoded: str) -> int:
    """The size of base64 text when decoded."""
    return len(encoded.rstrip("=")) * 3 // 4


def _open_section(writer: Writer, title: str) -> None:
    writer.line()
    writer.line(title)
    writer.line("====")


def describe_secret(writer: Writer, item: KubeObject, related: Related) -> None:
    """A Secret: its type and its keys. What is behind the keys is never read."""
    writer.heading(item)
    writer.metadata(item)
    writer.line()
    writer.field("Type", item.get("type") or "Opaque")
    _open_section(writer, "Data")
    for key in sorted(mapping(item, "data")):
        writer.field(key, "<value not shown>")


def describe_service_account(writer: Writer, item: KubeObject, related: Related) -> None:
    """A ServiceAccount with the Secrets it refers to.

    Image pull Secrets that do not exist are marked, where Secrets can be seen at all. Mountable ones are
    not: readers leave the tokens of service accounts out.
    """
    writer.heading(item)
    writer.metadata(item)
    known = {name_of(secret) for secret in related.of_kind("Secret")}
    pull = [_mark(s, known) for s in entries(item, "imagePullSecrets")]
    mountable = [str(s.get("name")) for s in entries(item, "secrets")]
    tokens = [name_of(s) for s in related.of_kind("Secret") if _is_token_of(s, item)]
    for title, names in (("Image pull secrets", pull), ("Mountable secrets", mountable), ("Tokens", tokens)):
        writer.several(title, names)


def _mark(reference: dict[str, Any], known: set[str]) -> str:
    name = str(reference.get("name"))
    return f"{name} (not found)" if known and name not in known else name


def _is_token_of(secret: KubeObject, account: KubeObject) -> bool:
    annotated = mapping(secret, "metadata", "annotations").get("kubernetes.io/service-account.name")
    return secret.get("type") == "kubernetes.io/service-account-token" and annotated == name_of(account)


def describe_role(writer: Writer, item: KubeObject, related: Related) -> None:
    """A Role or ClusterRole, a row for each resource, name and URL.

    As kubectl puts rules together (pkg/util/rbac): verbs of one resource are joined, rows come by verbs.
    """
    writer.heading(item, namespaced=False)
    writer.metadata(item)
    writer.line("PolicyRule:")
    rights: dict[_Right, list[str]] = {}
    urls: list[tuple[_Right, list[str]]] = []
    for rule in entries(item, "rules"):
        verbs = entries(rule, "verbs")
        for right in _list_rights(rule):
            known = rights.setdefault(right, [])
            known += [verb for verb in verbs if verb not in known]
        urls += [(_Right(url=url), [verb]) for url in entries(rule, "nonResourceURLs") for verb in verbs]
    rows = sorted([*urls, *rights.items()], key=lambda row: _rank(*row))
    header = "Resources|Non-Resource URLs|Resource Names|Verbs"
    writer.table(header, [_write_right(right, verbs) for right, verbs in rows])


class _Right(NamedTuple):
    """What a verb may be used on."""

    group: str = ""
    resource: str = ""
    name: str = ""
    url: str = ""


def _list_rights(rule: dict[str, Any]) -> Iterator[_Right]:
    for group in entries(rule, "apiGroups"):
        for resource in entries(rule, "resources"):
            for name in entries(rule, "resourceNames") or [""]:
                yield _Right(group, resource, name)


def _rank(right: _Right, verbs: list[str]) -> str:
    """What Go prints of the rule, by which kubectl sorts."""
    named = f"Resources:[{right.resource}],ResourceNames:[{right.name}],NonResourceURLs:[{right.url}]"
    return f"Verbs:[{' '.join(verbs)}],APIGroups:[{right.group}],{named}"


def _write_right(right: _Right, verbs: list[str]) -> tuple[str, ...]:
    resource = _write_resource(right.resource, right.group)
    return (resource, f"[{right.url}]", f"[{right.name}]", f"[{' '.join(verbs)}]")


def _write_resource(resource: str, group: str) -> str:
    name, slash, sub = resource.partition("/")
    return name + (f".{group}" if group else "") + slash + sub


def describe_binding(writer: Writer, item: KubeObject, related: Related) -> None:
    """A RoleBinding or ClusterRoleBinding."""
    role = mapping(item, "roleRef")
    writer.heading(item, namespaced=False)
    writer.metadata(item)
    writer.line("Role:")
    writer.field("Kind", role.get("kind"), 1)
    writer.field("Name", role.get("name"), 1)
    writer.line("Subjects:")
    subjects = entries(item, "subjects")
    rows = [(s.get("kind"), s.get("name"), s.get("namespace") or "") for s in subjects]
    writer.table("Kind|Name|Namespace", rows or [(NONE, "", "")])
