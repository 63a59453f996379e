"""``kubectl events``: oldest first, of a namespace, of all, or about one object."""

from domain.objects import KubeObject, ObjectRef
from tools.kubectl.documents import render_documents
from tools.kubectl.policy import resolve_type
from tools.kubectl.tables.columns import part
from tools.kubectl.tables.events import involved, message_of, tell_interval
from tools.kubectl.text import lay_out_table
from tools.kubectl.verbs.request import Request


async def list_events(request: Request) -> str:
    """The events as ``kubectl events`` prints them."""
    command = request.command
    items = await request.reader.events(
        None if command.all_namespaces else request.namespace, _about(request)
    )
    if command.types:
        items = [item for item in items if item.get("type") in command.types]
    if not command.output.is_table:
        return render_documents(items, command.output, is_single=False, header=True)
    if not items:
        return (
            "No events found."
            if command.all_namespaces
            else f"No events found in {request.namespace} namespace."
        )
    header = ["NAMESPACE"] * command.all_namespaces + ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    rows = [_row(item, request) for item in items]
    return lay_out_table(rows if command.no_headers else [header, *rows])


def _about(request: Request) -> ObjectRef | None:
    """The object of ``--for``."""
    word, _, name = request.command.for_object.partition("/")
    if not name:
        return None
    resource = resolve_type(word, request.resources)
    namespace = request.namespace if resource.namespaced else ""
    return ObjectRef(kind=resource.kind, name=name, namespace=namespace)


def _row(item: KubeObject, request: Request) -> list[str]:
    target = involved(item)
    namespace = str(part(item, "metadata", "namespace") or "")
    return [namespace] * request.command.all_namespaces + [
        tell_interval(item, request.now),
        str(item.get("type") or ""),
        str(item.get("reason") or ""),
        f"{target.get('kind')}/{target.get('name')}",
        " ".join(message_of(item).split("\n")),
    ]
