"""``kubectl describe`` of ConfigMaps, Secrets (never their values), ServiceAccounts and rights."""

from typing import Any

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
    """A Role or ClusterRole, a row for each resource."""
    writer.heading(item, namespaced=False)
    writer.metadata(item)
    writer.line("PolicyRule:")
    rows = [row for rule in entries(item, "rules") for row in _rule_rows(rule)]
    writer.table("Resources|Non-Resource URLs|Resource Names|Verbs", sorted(rows))


def _rule_rows(rule: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    names, verbs = (f"[{' '.join(entries(rule, key))}]" for key in ("resourceNames", "verbs"))
    urls = [("", f"[{url}]", names, verbs) for url in entries(rule, "nonResourceURLs")]
    return urls + [
        (_write_resource(resource, group), "[]", names, verbs)
        for resource in entries(rule, "resources")
        for group in entries(rule, "apiGroups") or [""]
    ]


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
