"""What an answer other than 200 means, in one sentence that says the way out."""

import re

import orjson

from domain.errors import ClusterUnavailable, KubewhyError, NotFound, RefusedCommand
from tools.cluster.live.request import ReadRequest

MESSAGE_CHARACTERS = 300
"""How much is kept of a message that the server wrote."""

_USER = re.compile(r'User "([^"]{1,200})"')


def read_message(body: bytes) -> str:
    """The ``message`` of a Status, or the text of any other body, on one line and bounded."""
    try:
        status = orjson.loads(body)
    except orjson.JSONDecodeError:
        status = None
    text = status.get("message") if isinstance(status, dict) else body.decode(errors="replace")
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text or "")).split())
    return line if len(line) <= MESSAGE_CHARACTERS else line[: MESSAGE_CHARACTERS - 3] + "..."


def explain_refusal(request: ReadRequest, status: int, body: bytes) -> KubewhyError:
    """The error for a 4xx answer."""
    message = read_message(body)
    if status == 401:
        return ClusterUnavailable(
            "The API server does not accept our credentials (401): log in again, or check the user of "
            "the kubeconfig context."
        )
    if status == 403:
        return ClusterUnavailable(_explain_forbidden(request, message))
    if status == 404 and request.name:
        where = f" in namespace {request.namespace}" if request.namespace else ""
        return NotFound(f"There is no {request.kind} {request.name}{where}.")
    if status == 400:
        return _explain_bad_request(request, message)
    return ClusterUnavailable(f"The API server answered {status} to `{request}`: {message or 'no reason'}.")


def _explain_bad_request(request: ReadRequest, message: str) -> KubewhyError:
    """400 is what the server says to a selector it cannot use, and for a log that does not exist (yet)."""
    if request.resource == "pods/log":
        return NotFound(f"There is no such log of Pod {request.name}: {message}.")
    return RefusedCommand(f"The API server cannot `{request}` in this way: {message}.")


def _explain_forbidden(request: ReadRequest, message: str) -> str:
    who = f"User {found[1]!r}" if (found := _USER.search(message)) else "This identity"
    if not request.resource:
        return (
            f"{who} may not read {request.path} (403); binding the ClusterRole system:discovery to it helps."
        )
    where = f"in namespace {request.namespace}" if request.namespace else "in the whole cluster"
    role = f"Role in namespace {request.namespace}" if request.namespace else "ClusterRole"
    rule = f'apiGroups: ["{request.group}"], resources: ["{request.resource}"], verbs: ["{request.verb}"]'
    return (
        f"{who} may not {request.verb} {request.resource} {where} (403); "
        f"a {role} with the rule {{{rule}}}, bound to it, allows that."
    )
