"""``version``, ``api-resources``, ``auth can-i`` and ``explain``: about the cluster's API and ourselves."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from domain.errors import RefusedCommand
from tools.cluster.reader import Resource
from tools.cluster.resources import find_resource
from tools.kubectl.documents import write_json, write_yaml
from tools.kubectl.policy import READ_VERBS, is_readable, is_secret, resolve_type
from tools.kubectl.text import lay_out_table
from tools.kubectl.verbs.request import Request

_SUBRESOURCES = ("", "log", "status")


async def tell_version(request: Request) -> str:
    """The version of the server."""
    version = await request.reader.version()
    document = {"serverVersion": {"gitVersion": version}}
    match request.command.output.format:
        case "json":
            return write_json(document)
        case "yaml":
            return write_yaml(document)
    return f"Server Version: {version}"


async def list_resources(request: Request) -> str:
    """The types that may be read, as ``kubectl api-resources`` lists them."""
    command = request.command
    shown = [r for r in request.resources if is_readable(r)]
    if command.namespaced is not None:
        shown = [r for r in shown if r.namespaced is command.namespaced]
    if command.api_group:
        shown = [r for r in shown if r.group == command.api_group]
    shown.sort(key=lambda r: (r.group, r.plural))
    if command.output.format == "name":
        return "\n".join(r.plural + (f".{r.group}" if r.group else "") for r in shown)
    wide = command.output.format == "wide"
    header = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"] + ["VERBS"] * wide
    rows = [[*_row(r), *[",".join(READ_VERBS)] * wide] for r in shown]
    return lay_out_table(rows if command.no_headers else [header, *rows])


def _row(resource: Resource) -> list[str]:
    short, kind = ",".join(resource.short_names), resource.kind.partition(".")[0]
    return [resource.plural, short, resource.api_version, str(resource.namespaced).lower(), kind]


async def answer_can_i(request: Request) -> str:
    """Whether Kubewhy itself may do something: it may get and list what the policy lets it read."""
    command = request.command
    if command.list_rights:
        return _list_rights(request)
    verb, word = command.arguments[:2]
    resource = None if word.startswith("/") else find_resource(word, request.resources)
    if resource is None or verb not in READ_VERBS or not is_readable(resource):
        return "no"
    if command.subresource not in _SUBRESOURCES:
        return "no"
    return "yes (names and keys, never values)" if is_secret(resource) else "yes"


def _list_rights(request: Request) -> str:
    readable = sorted(
        {r.plural + (f".{r.group}" if r.group else "") for r in request.resources if is_readable(r)}
    )
    verbs = f"[{' '.join(READ_VERBS)}]"
    rows = [[name, "[]", "[]", verbs] for name in [*readable, "pods/log"]]
    return lay_out_table([["Resources", "Non-Resource URLs", "Resource Names", "Verbs"], *rows])


async def explain(request: Request) -> str:
    """What a type is for and its main fields, from a short list of our own.

    Raises:
        RefusedCommand: the cluster serves no such type.
    """
    word, *path = request.command.arguments[0].split(".")
    resource = resolve_type(word, request.resources)
    head = f"KIND:       {resource.kind.partition('.')[0]}\nVERSION:    {resource.api_version}"
    node: Any = _load_explanations().get(resource.kind)
    if node is None:
        return (
            f"{head}\n\nKubewhy explains the common kinds only; see kubectl explain {word} on a live cluster."
        )
    for step in path:
        node = (node.get("fields") or {}).get(step) if isinstance(node, dict) else None
    if node is None:
        raise RefusedCommand(
            f"{'.'.join(path)!r} is not among the fields of {resource.kind} that are explained here."
        )
    return f"{head}\n\n{_write_explanation(node, path)}"


def _write_explanation(node: Any, path: list[str]) -> str:
    if isinstance(node, str):
        return f"FIELD: {path[-1]}\n\nDESCRIPTION:\n    {node}"
    fields = node.get("fields") or {}
    about = {name: f if isinstance(f, str) else f.get("about", "") for name, f in fields.items()}
    listed = "\n".join(f"  {name}\n    {text}" for name, text in about.items())
    return f"DESCRIPTION:\n    {node.get('about', '')}\n\nFIELDS:\n{listed}"


@cache
def _load_explanations() -> dict[str, Any]:
    text = files("tools.kubectl").joinpath("explanations.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))
