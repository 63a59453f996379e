"""The Slack app: its tokens, scopes and grants."""

from domain.errors import InputError
from domain.settings import Settings
from surfaces.doctor.finding import Finding, fail, pass_, skip
from surfaces.slack.setup import SCOPES, check_setup


async def check_slack(settings: Settings) -> list[Finding]:
    """Check what ``kubewhy slack`` needs."""
    slack = settings.slack
    if not (slack.bot_token.get_secret_value() or slack.app_token.get_secret_value() or slack.channels):
        return [skip("slack", "no token and no channel is set: docs/slack.md says how to install the app")]
    try:
        installation = await check_setup(settings)
    except InputError as error:
        return [fail("slack", str(error), "`kubewhy slack --check` tries it again")]
    connected = f"connected to {installation.team} ({installation.url}) as @{installation.user}"
    missing = [
        fail(
            f"slack scope {scope}",
            f"the installation lacks it: it is needed to {SCOPES[scope]}",
            "add it under OAuth & Permissions (deploy/slack/manifest.yaml has all), and reinstall the app",
        )
        for scope in installation.missing
    ]
    return [pass_("slack", connected), *missing]
