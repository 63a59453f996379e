import json
from pathlib import Path

import pytest

from domain.errors import MalformedSettings, OutOfBounds, UnknownCluster
from domain.settings import ClusterSettings, Settings, SlackGrant, SlackSettings
from surfaces.slack.access import GrantedContext, intersect, narrow
from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.loopback.workspace import TEAM
from tests.surfaces.slack.conftest import ANNA, BEN, CHANNEL, DIRECT, EVE, OTHER, Run
from tests.surfaces.slack.reading import answer_of, answers, whispers

QUESTION = "payment service cannot start"
CLUSTERS = {
    "production": ClusterSettings(aliases=("prod",), namespaces=("shop-*", "mail")),
    "staging": ClusterSettings(),
}


async def test_outside_the_grants_nothing_may_be_asked(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(OTHER, EVE, QUESTION)
        await slack.workspace.until(lambda: whispers(slack, EVE))
        await slack.people.arrive()

    assert whispers(slack, EVE) == [
        "Nothing may be asked about in this channel. For access, ask the platform team."
    ]
    assert not answers(slack, asked)


async def test_a_refused_command_is_told_its_user_alone(slack: LoopbackSlack, run: Run):
    async with run():
        await slack.people.command(OTHER, EVE, QUESTION)
        await slack.workspace.until(lambda: whispers(slack, EVE))

    assert "Nothing may be asked" in whispers(slack, EVE)[0]
    assert not [message for message in slack.workspace.by_bot() if not message.only_for]


async def test_a_channel_may_be_kept_to_a_user_group(slack: LoopbackSlack, run: Run):
    grant = SlackGrant(incident="missing-configmap-chain", groups=("S0ONCALL",))
    async with run(channels={CHANNEL: grant}):
        refused = await slack.people.mention(CHANNEL, BEN, QUESTION)
        await slack.workspace.until(lambda: whispers(slack, BEN))
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        answer = await answer_of(slack, asked, "Diagnosed")
        await slack.people.click(answer, BEN, "show_evidence")
        await slack.workspace.until(lambda: len(whispers(slack, BEN)) == 2)

    assert not answers(slack, refused)
    assert all("user group" in told for told in whispers(slack, BEN))


async def test_direct_messages_are_for_members_of_granted_groups(slack: LoopbackSlack, run: Run):
    slack.workspace.groups["S0ONCALL"] = [BEN]
    async with run():
        await slack.people.write(DIRECT, ANNA, QUESTION)
        await slack.workspace.until(lambda: whispers(slack, ANNA))

    assert "no user group" in whispers(slack, ANNA)[0]


async def test_a_group_that_slack_does_not_tell_has_no_members(slack: LoopbackSlack, run: Run):
    slack.workspace.scopes.discard("usergroups:read")
    async with run():
        await slack.people.write(DIRECT, ANNA, QUESTION)
        await slack.workspace.until(lambda: whispers(slack, ANNA))


async def test_the_audit_log_says_who_asked_what_and_what_came_of_it(
    slack: LoopbackSlack, run: Run, tmp_path: Path
):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, f"{QUESTION}, password=hunter2-Xy9!kq")
        await answer_of(slack, asked, "Diagnosed")
        await slack.people.mention(OTHER, EVE, QUESTION)
        await slack.workspace.until(lambda: whispers(slack, EVE))
        await slack.people.arrive()

    lines = [json.loads(line) for line in (tmp_path / "audit.ndjson").read_text().splitlines()]
    assert [(line["user"], line["verdict"]) for line in lines] == [
        (ANNA, "asked"),
        (ANNA, "diagnosed"),
        (EVE, "refused"),
    ]
    assert any("kubectl" in command for command in lines[1]["commands"])
    assert "hunter2" not in (tmp_path / "audit.ndjson").read_text()
    assert (tmp_path / "audit.ndjson").stat().st_mode & 0o077 == 0


def settle(**channels: SlackGrant) -> Settings:
    return Settings(clusters=CLUSTERS, slack=SlackSettings(channels=channels))


async def test_a_cluster_that_was_not_granted_is_refused_when_it_is_named(
    slack: LoopbackSlack, run, describe
):
    settings = describe(channels={CHANNEL: SlackGrant(clusters=("staging",))})
    settings = settings.model_copy(update={"clusters": CLUSTERS})
    from surfaces.slack.app import run_app

    async with run_app(settings):
        await slack.people.mention(CHANNEL, ANNA, "why is basket down in prod?")
        await slack.workspace.until(lambda: whispers(slack, ANNA))

    assert whispers(slack, ANNA)[0].startswith("You may not ask about production here.")


async def test_a_context_opens_nothing_but_what_was_granted():
    context = GrantedContext(settle(), SlackGrant(clusters=("staging",)))
    fleet = await context.fleet()

    assert fleet.names == ("staging",) and fleet.default() == "staging"
    with pytest.raises(UnknownCluster):
        fleet.open("production")
    context.cluster = "production"
    with pytest.raises(UnknownCluster):
        await context.open()


async def test_a_grant_narrows_the_namespaces_of_a_cluster():
    grant = SlackGrant(clusters=("prod",), namespaces=("shop-web", "secret"))
    opened = (await GrantedContext(settle(), grant).fleet()).open("production")
    try:
        opened.bounds.check("shop-web")
        for outside in ("secret", "mail", "shop-api"):
            with pytest.raises(OutOfBounds):
                opened.bounds.check(outside)
    finally:
        await opened.close()


@pytest.mark.parametrize(
    "grant",
    [
        SlackGrant(clusters=("production",), namespaces=("kube-system",)),
        SlackGrant(clusters=("production",), namespaces=("*-web",)),
    ],
)
def test_a_grant_of_nothing_is_no_grant_of_everything(grant: SlackGrant):
    with pytest.raises(MalformedSettings, match="none of which may be read"):
        narrow(settle(), grant)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ((), ("a",), ("a",)),
        (("a",), (), ("a",)),
        (("shop-*",), ("shop-web", "mail"), ("shop-web",)),
        (("shop-*",), ("shop-a*",), ("shop-a*",)),
        (("*",), ("a", "b*"), ("a", "b*")),
        (("a*",), ("*b",), ()),
    ],
)
def test_patterns_intersect(one: tuple[str, ...], other: tuple[str, ...], both: tuple[str, ...]):
    assert intersect(one, other) == both == intersect(other, one)


@pytest.mark.parametrize(
    "given", [{}, {"clusters": ["a"], "incident": "b"}, {"incident": "b", "namespaces": ["c"]}]
)
def test_a_grant_is_about_clusters_or_an_incident(given: dict[str, object]):
    with pytest.raises(ValueError, match="give clusters"):
        SlackGrant.model_validate(given)


async def test_people_of_other_workspaces_may_not_ask_in_a_shared_channel(slack: LoopbackSlack, run: Run):
    slack.workspace.homes = {BEN: "T0PARTNER"}
    async with run():
        refused = await slack.people.mention(CHANNEL, BEN, QUESTION)
        await slack.workspace.until(lambda: whispers(slack, BEN))

    assert not answers(slack, refused)
    assert whispers(slack, BEN) == [
        "People of other workspaces may not ask here. For access, ask the platform team."
    ]


async def test_a_workspace_may_be_granted_what_its_people_may_ask_anywhere(slack: LoopbackSlack, run: Run):
    slack.workspace.homes = {BEN: "T0PARTNER"}
    grant = SlackGrant(incident="oom-cross-namespace")
    async with run(channels={}, groups={}, workspaces={TEAM: grant, "T0PARTNER": grant}):
        for channel, user in ((CHANNEL, BEN), (OTHER, ANNA), (DIRECT, ANNA)):
            asked = await slack.people.mention(channel, user, "homepage is slow")
            await answer_of(slack, asked, "Diagnosed")


async def test_who_slack_does_not_know_may_not_ask(slack: LoopbackSlack, run: Run):
    slack.workspace.scopes.discard("users:read")
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: whispers(slack, ANNA))

    assert not answers(slack, asked) and "who you are" in whispers(slack, ANNA)[0]


async def test_a_workspace_may_be_kept_to_user_groups_too(slack: LoopbackSlack, run: Run):
    slack.workspace.homes = {BEN: "T0PARTNER"}
    grant = SlackGrant(incident="oom-cross-namespace", groups=("S0ONCALL",))
    async with run(channels={}, groups={}, workspaces={TEAM: grant, "T0PARTNER": grant}):
        asked = await slack.people.mention(OTHER, ANNA, "homepage is slow")
        await answer_of(slack, asked, "Diagnosed")
        for user in (EVE, BEN):
            await slack.people.mention(CHANNEL if user == BEN else OTHER, user, "homepage is slow")
            await slack.workspace.until(lambda user=user: whispers(slack, user))

    assert all("user group" in told for user in (EVE, BEN) for told in whispers(slack, user))
