"""The Web API's methods that Kubewhy uses, over a workspace in memory."""

from collections.abc import Awaitable, Callable
from typing import Any

from surfaces.slack.loopback.limits import (
    VIEW_BLOCKS,
    find_message_fault,
    list_block_faults,
    list_view_faults,
)
from surfaces.slack.loopback.workspace import APP, BOT, BOT_USER, TEAM, Message, Payload, Workspace

MOST_PROMPTS = 4

Method = Callable[[Workspace, Payload], Awaitable[Payload]]

SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "conversations.replies": "channels:history",
    "conversations.info": "channels:read",
    "users.conversations": "channels:read",
    "users.info": "users:read",
    "usergroups.users.list": "usergroups:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "reactions.add": "reactions:write",
    "assistant.threads.setStatus": "assistant:write",
    "assistant.threads.setTitle": "assistant:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write",
}
"""The scope that a method needs, if any."""


def refuse(error: str, **more: Any) -> Payload:
    """An answer that says no."""
    return {"ok": False, "error": error, **more}


def _refuse_message(arguments: Payload) -> Payload | None:
    fault = find_message_fault(arguments)
    if not fault:
        return None
    told = list_block_faults(arguments.get("blocks") or [])
    return refuse(fault, response_metadata={"messages": told})


async def _auth_test(_: Workspace, __: Payload) -> Payload:
    who = {"user": "kubewhy", "user_id": BOT_USER, "bot_id": BOT, "app_id": APP}
    return {"ok": True, "url": "https://loopback.slack.com/", "team": "Loopback", "team_id": TEAM, **who}


async def _post_message(workspace: Workspace, arguments: Payload) -> Payload:
    channel = arguments.get("channel", "")
    if BOT_USER not in workspace.members.get(channel, ()):
        return refuse("not_in_channel" if channel in workspace.members else "channel_not_found")
    if refused := _refuse_message(arguments):
        return refused
    message = await workspace.add(_read_message(workspace, arguments))
    return {"ok": True, "channel": channel, "ts": message.ts, "message": message.describe()}


def _read_message(workspace: Workspace, arguments: Payload, only_for: str = "") -> Message:
    return Message(
        channel=arguments["channel"],
        ts=workspace.next_ts(),
        text=arguments.get("text", ""),
        user=BOT_USER,
        thread_ts=arguments.get("thread_ts", ""),
        blocks=arguments.get("blocks") or [],
        metadata=arguments.get("metadata") or {},
        only_for=only_for,
    )


async def _post_ephemeral(workspace: Workspace, arguments: Payload) -> Payload:
    members = workspace.members.get(arguments.get("channel", ""))
    if members is None or BOT_USER not in members:
        return refuse("channel_not_found" if members is None else "not_in_channel")
    if arguments.get("user") not in members:
        return refuse("user_not_in_channel")
    if refused := _refuse_message(arguments):
        return refused
    message = await workspace.add(_read_message(workspace, arguments, arguments["user"]))
    return {"ok": True, "message_ts": message.ts}


async def _update(workspace: Workspace, arguments: Payload) -> Payload:
    message = workspace.find(arguments.get("channel", ""), arguments.get("ts", ""))
    if message is None:
        return refuse("message_not_found")
    if not message.by_bot or message.only_for:
        return refuse("cant_update_message")
    if refused := _refuse_message(arguments):
        return refused
    message.text, message.blocks = arguments.get("text", ""), arguments.get("blocks") or []
    message.metadata = arguments.get("metadata") or message.metadata
    message.edits += 1
    await workspace.wake()
    return {"ok": True, "channel": message.channel, "ts": message.ts, "text": message.text}


async def _replies(workspace: Workspace, arguments: Payload) -> Payload:
    found = workspace.thread(arguments.get("channel", ""), arguments.get("ts", ""))
    if not found:
        return refuse("thread_not_found")
    wanted = str(arguments.get("include_all_metadata", "")).lower() in ("true", "1")
    told = [message.describe() | _tell_files(workspace, message) for message in found]
    if not wanted:
        told = [{key: value for key, value in item.items() if key != "metadata"} for item in told]
    return {"ok": True, "messages": told, "has_more": False}


def _tell_files(workspace: Workspace, message: Message) -> Payload:
    files = [{"id": id_, "name": workspace.files[id_][0]} for id_ in message.files]
    return {"files": files} if files else {}


async def _channel_info(workspace: Workspace, arguments: Payload) -> Payload:
    channel = arguments.get("channel", "")
    if channel not in workspace.members:
        return refuse("channel_not_found")
    member = BOT_USER in workspace.members[channel]
    is_im = channel.startswith("D")
    return {"ok": True, "channel": {"id": channel, "is_im": is_im, "is_member": member, "name": "incidents"}}


async def _user_channels(workspace: Workspace, arguments: Payload) -> Payload:
    """The channels that a user and the app are both in."""
    both = {arguments.get("user", ""), BOT_USER}
    found = [id_ for id_, members in workspace.members.items() if id_[0] != "D" and both <= members]
    return {"ok": True, "channels": [{"id": id_} for id_ in found]}


async def _user_info(workspace: Workspace, arguments: Payload) -> Payload:
    user = arguments.get("user", "")
    if not any(user in members for members in workspace.members.values()):
        return refuse("user_not_found")
    home = workspace.homes.get(user, TEAM)
    about = {"id": user, "team_id": home, "is_bot": user == BOT_USER, "is_stranger": home != TEAM}
    return {"ok": True, "user": about}


async def _group_users(workspace: Workspace, arguments: Payload) -> Payload:
    users = workspace.groups.get(arguments.get("usergroup", ""))
    return refuse("no_such_subteam") if users is None else {"ok": True, "users": users}


async def _complete_upload(workspace: Workspace, arguments: Payload) -> Payload:
    ids = [item["id"] for item in arguments.get("files", [])]
    if not ids or any(id_ not in workspace.files for id_ in ids):
        return refuse("file_not_found")
    if channel := arguments.get("channel_id"):
        message = _read_message(workspace, arguments | {"channel": channel, "text": ""})
        message.text, message.files = arguments.get("initial_comment") or "", ids
        await workspace.add(message)
    return {"ok": True, "files": [{"id": id_, "title": workspace.files[id_][0]} for id_ in ids]}


async def _publish_view(workspace: Workspace, arguments: Payload) -> Payload:
    view = arguments.get("view") or {}
    if faults := list_block_faults(view.get("blocks"), VIEW_BLOCKS):
        return refuse("invalid_arguments", response_metadata={"messages": faults})
    workspace.views[arguments.get("user_id", "")] = view
    await workspace.wake()
    return {"ok": True, "view": view}


def _pane(arguments: Payload) -> tuple[str, str]:
    return (arguments.get("channel_id", ""), arguments.get("thread_ts", ""))


async def _set_status(workspace: Workspace, arguments: Payload) -> Payload:
    workspace.statuses[_pane(arguments)] = arguments.get("status", "")
    await workspace.wake()
    return {"ok": True}


async def _set_title(workspace: Workspace, arguments: Payload) -> Payload:
    workspace.titles[_pane(arguments)] = arguments.get("title", "")
    return {"ok": True}


async def _set_prompts(workspace: Workspace, arguments: Payload) -> Payload:
    """Slack takes four at most."""
    prompts = arguments.get("prompts") or []
    if not 1 <= len(prompts) <= MOST_PROMPTS:
        return refuse("invalid_arguments")
    workspace.prompts[_pane(arguments)] = [prompt["message"] for prompt in prompts]
    await workspace.wake()
    return {"ok": True}


async def _add_reaction(workspace: Workspace, arguments: Payload) -> Payload:
    message = workspace.find(arguments.get("channel", ""), arguments.get("timestamp", ""))
    if message is None:
        return refuse("message_not_found")
    names = workspace.reactions.setdefault((message.channel, message.ts), [])
    if arguments["name"] in names:
        return refuse("already_reacted")
    names.append(arguments["name"])
    await workspace.wake()
    return {"ok": True}


async def _open_view(workspace: Workspace, arguments: Payload) -> Payload:
    view, user = arguments.get("view") or {}, workspace.triggers.pop(arguments.get("trigger_id", ""), "")
    if not user:
        return refuse("expired_trigger_id")
    if faults := list_view_faults(view):
        return refuse("invalid_arguments", response_metadata={"messages": faults})
    workspace.modals[user] = view
    await workspace.wake()
    return {"ok": True, "view": view}


METHODS: dict[str, Method] = {
    "auth.test": _auth_test,
    "chat.postMessage": _post_message,
    "chat.postEphemeral": _post_ephemeral,
    "chat.update": _update,
    "conversations.replies": _replies,
    "conversations.info": _channel_info,
    "users.conversations": _user_channels,
    "users.info": _user_info,
    "usergroups.users.list": _group_users,
    "files.completeUploadExternal": _complete_upload,
    "views.publish": _publish_view,
    "assistant.threads.setStatus": _set_status,
    "assistant.threads.setTitle": _set_title,
    "assistant.threads.setSuggestedPrompts": _set_prompts,
    "reactions.add": _add_reaction,
    "views.open": _open_view,
}
