"""Whether the app is set up: its tokens, its scopes, its grants; what is missing, and where to get it."""

from dataclasses import dataclass, replace

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from domain.errors import MalformedSettings
from domain.settings import Settings
from surfaces.slack.access import Access
from surfaces.slack.events import check_http

SCOPES = {
    "app_mentions:read": "hear mentions",
    "assistant:write": "be asked in the assistant pane",
    "channels:history": "read the threads of public channels it is in",
    "channels:read": "tell people in which of their channels they may ask",
    "chat:write": "answer",
    "commands": "the /why command and the shortcut",
    "files:write": "attach what is too long for a message",
    "groups:history": "read the threads of private channels it is in",
    "groups:read": "tell people in which of their private channels they may ask",
    "im:history": "hear direct messages",
    "reactions:write": "mark the threads whose trouble is over",
    "usergroups:read": "know who is in a user group",
    "users:read": "know which workspace somebody belongs to",
}
"""The scopes of the manifest, and what each is for."""

_PAGE = "https://api.slack.com/apps"


@dataclass(frozen=True)
class Installation:
    """Where the app is installed: ``missing`` scopes were not granted, in ``absent`` channels it is not."""

    team: str
    user: str
    url: str
    missing: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    def tell(self) -> list[str]:
        """What a person should know of it, a line each."""
        lines = [f"Connected to {self.team} ({self.url}) as @{self.user}."]
        lines += [f"Missing scope {scope}: it is needed to {SCOPES[scope]}." for scope in self.missing]
        invite = f"/invite @{self.user}"
        return lines + [f"Not in channel {channel}: say {invite} there." for channel in self.absent]


async def check_setup(settings: Settings) -> Installation:
    """Try the tokens, and look which scopes the installation has.

    Raises:
        MalformedSettings: a token or a grant is missing or cannot be used; the sentence says where to get it.
    """
    slack = settings.slack
    tokens = {
        "bot_token": ("xoxb-", f"OAuth & Permissions of your app on {_PAGE}"),
    }
    if slack.mode == "socket":
        tokens["app_token"] = ("xapp-", f"Basic Information, App-Level Tokens of your app on {_PAGE}")
    else:
        check_http(settings)
    for name, (prefix, where) in tokens.items():
        if not getattr(slack, name).get_secret_value().startswith(prefix):
            raise MalformedSettings(
                f"KUBEWHY_SLACK__{name.upper()} must be a token that begins with {prefix}: see {where}."
            )
    if not (slack.channels or slack.groups or slack.workspaces):
        raise MalformedSettings(
            "Nobody may ask anything: grant clusters to a channel in kubewhy.toml, such as"
            ' [slack.channels.C0123456789] clusters = ["production"].'
        )
    client = AsyncWebClient(slack.bot_token.get_secret_value(), slack.api_url)
    Access(settings, client)
    installation = await _test_bot(client)
    installation = replace(installation, absent=tuple([c for c in slack.channels if await _lacks(client, c)]))
    if slack.mode == "socket":
        await _test_app(client, slack.app_token.get_secret_value())
    return installation


async def _test_bot(client: AsyncWebClient) -> Installation:
    try:
        told = await client.auth_test()
    except SlackApiError as error:
        raise _explain("KUBEWHY_SLACK__BOT_TOKEN", error) from error
    except OSError as error:
        raise MalformedSettings(f"Slack cannot be reached at {client.base_url}: {error}.") from error
    granted = set(str(told.headers.get("x-oauth-scopes", "")).replace(" ", "").split(","))
    missing = tuple(scope for scope in SCOPES if scope not in granted)
    return Installation(str(told["team"]), str(told["user"]), str(told["url"]), missing)


async def _lacks(client: AsyncWebClient, channel: str) -> bool:
    """Whether the app is not in a channel; private ones are hidden from those who are not."""
    try:
        told = await client.conversations_info(channel=channel)
    except SlackApiError as error:
        return bool(error.response["error"] == "channel_not_found")
    return not told["channel"]["is_member"]


async def _test_app(client: AsyncWebClient, token: str) -> None:
    try:
        await client.apps_connections_open(app_token=token)
    except SlackApiError as error:
        raise _explain("KUBEWHY_SLACK__APP_TOKEN", error) from error


def _explain(setting: str, error: SlackApiError) -> MalformedSettings:
    code = error.response["error"]
    needed = f"; it lacks the scope {error.response['needed']}" if error.response.get("needed") else ""
    return MalformedSettings(f"Slack refuses {setting}: {code}{needed}. See {_PAGE}.")
