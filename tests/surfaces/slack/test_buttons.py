"""What people do below an answer: dig deeper, verify, export, rate."""

import asyncio
import io
import json
import shutil
import sqlite3
import time
import zipfile
from pathlib import Path

import pytest
import yaml

from evals.dataset import load_cases
from evals.run import run as evaluate
from evals.solver import Setup
from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.loopback.workspace import Message
from tests.graphs.test_threads import rename_selector
from tests.surfaces.slack.conftest import ANNA, BEN, CHANNEL, EVE, Run
from tests.surfaces.slack.reading import answer_of, answers, read, whispers
from tools.incidents import INCIDENTS

QUESTION = "payment service cannot start"
TWO_FAULTS = "support-desk is half down after the deploy: no attachments and no mails. One root cause?"


async def get_answer(slack: LoopbackSlack, question: str = QUESTION, word: str = "Show evidence") -> Message:
    return await answer_of(slack, await slack.people.mention(CHANNEL, ANNA, question), word, 30)


async def get_next(slack: LoopbackSlack, earlier: Message) -> Message:
    """The answer below another one, once it is there."""

    def find() -> Message | None:
        later = [m for m in answers(slack, earlier) if m.ts > earlier.ts]
        return next((m for m in later if "Stop" not in read(m)), None)

    found: Message = await slack.workspace.until(find, 30)
    return found


async def until_whispered(slack: LoopbackSlack, user: str, word: str) -> str:
    def find() -> str | None:
        return next((told for told in whispers(slack, user) if word in told), None)

    told: str = await slack.workspace.until(find, 30)
    return told


async def test_dig_deeper_looks_at_the_next_cause_and_then_owns_up(slack: LoopbackSlack, run: Run):
    """By the button, or in words."""
    async with run("two-faults"):
        first = await get_answer(slack, TWO_FAULTS)
        await slack.people.click(first, BEN, "dig_deeper")
        second = await get_next(slack, first)
        await slack.people.mention(CHANNEL, BEN, "Dig deeper!", first.thread_ts)
        third = await get_next(slack, second)

    assert "scan-rules does not exist" in read(first).split("Why")[0]
    assert read(second).startswith("Diagnosed") and "SMTP_HOST" in read(second).split("Why")[0]
    assert "scan-rules" not in read(second), "what is doubted is not told again"
    assert read(third).startswith("No cause found")


async def test_a_question_after_digging_believes_the_first_cause_again(slack: LoopbackSlack, run: Run):
    async with run("two-faults"):
        first = await get_answer(slack, TWO_FAULTS)
        await slack.people.click(first, BEN, "dig_deeper")
        second = await get_next(slack, first)
        await slack.people.mention(CHANNEL, ANNA, "and what about attachments?", first.thread_ts)
        third = await get_next(slack, second)

    assert "scan-rules" in read(third)


async def test_what_is_still_broken_is_told_in_short(slack: LoopbackSlack, run: Run):
    async with run():
        answer = await get_answer(slack)
        await slack.people.click(answer, BEN, "did_it_recover")
        still = await get_next(slack, answer)

    told = read(still)
    assert told.startswith("Not recovered") and "as said before in this thread" in told
    assert "cache-config" in told and "How to verify" in told
    assert "create configmap" not in told and "create configmap" in read(answer)


async def test_the_incident_is_exported_as_a_file_that_can_be_asked_about(
    slack: LoopbackSlack, run: Run, tmp_path: Path
):
    async with run():
        answer = await get_answer(slack)
        await slack.people.click(answer, BEN, "export_incident")
        await slack.workspace.until(lambda: any(m.files for m in answers(slack, answer)), 30)

    files = [slack.workspace.files[file] for m in answers(slack, answer) for file in m.files]
    assert [name for name, _ in files] == [f"incident-{answer.thread_ts.replace('.', '-')}.zip"]
    with zipfile.ZipFile(io.BytesIO(files[0][1])) as archive:
        assert {"incident.yaml", "answer.json"} <= set(archive.namelist())
        told = json.loads(archive.read("answer.json"))
        archive.extractall(tmp_path / "exported")  # noqa: S202 (made a moment ago)
    assert told["question"] == QUESTION and told["diagnosis"]["missing"]["name"] == "cache-config"
    assert any(command.startswith("kubectl ") for command in told["commands"])
    assert "Recording what is there now" in whispers(slack, BEN)[0]
    async with run(str(tmp_path / "exported")):
        again = await slack.people.mention(CHANNEL, ANNA, "payment-service cannot start")
        assert "cache-config" in read(await answer_of(slack, again, "Show evidence", 30))


@pytest.mark.parametrize("action", ["export_incident", "thumbs_up", "thumbs_down", "show_evidence"])
async def test_who_may_not_ask_may_not_click_either(slack: LoopbackSlack, run: Run, describe, action: str):
    grant = describe().slack.channels[CHANNEL].model_copy(update={"groups": ("S0ONCALL",)})
    async with run(channels={CHANNEL: grant}):
        answer = await get_answer(slack)
        slack.workspace.members[CHANNEL].add(EVE)
        await slack.people.click(answer, EVE, action)
        told = await until_whispered(slack, EVE, "may ask")

    assert "the platform team" in told
    assert EVE not in slack.workspace.modals
    assert not any(message.files for message in slack.workspace.messages)


async def test_thumbs_up_keeps_a_case_that_the_evaluation_scores_as_right(
    slack: LoopbackSlack, run: Run, tmp_path: Path
):
    async with run(cases=tmp_path / "cases"):
        answer = await get_answer(slack)
        await slack.people.click(answer, BEN, "thumbs_up")
        told = await until_whispered(slack, BEN, "Thank you")

    cases = load_cases((), tmp_path / "cases")
    assert [case.id for case in cases] == [Path(told.removesuffix(".").split(": ")[1]).name]
    assert str(cases[0].expected.object) == "Deployment prod-apps/cache-service"
    result = await evaluate(cases, setups=[Setup()])
    assert result.all_right


async def test_thumbs_down_asks_why_and_keeps_what_is_told(slack: LoopbackSlack, run: Run, tmp_path: Path):
    async with run(cases=tmp_path / "cases"):
        answer = await get_answer(slack)
        await slack.people.click(answer, BEN, "thumbs_down")
        view = await slack.workspace.until(lambda: slack.workspace.modals.get(BEN), 20)
        options = {o["text"]["text"]: o["value"] for o in view["blocks"][1]["element"]["options"]}
        culprit = options["Service prod-apps/cache-service"]
        words = "the Service selects nothing, password=hunter2hunter2"
        await slack.people.submit(BEN, {"reason": "cause", "culprit": culprit, "told": words})
        await until_whispered(slack, BEN, "Thank you")

    (case,) = load_cases((), tmp_path / "cases")
    assert str(case.expected.object) == "Service prod-apps/cache-service"
    described = yaml.safe_load((case.incident.folder / "incident.yaml").read_text())
    assert described["feedback"][0]["verdict"] == "cause"
    assert "hunter2" not in json.dumps(described, default=str) + (tmp_path / "audit.ndjson").read_text()
    assert not (await evaluate([case], setups=[Setup()])).all_right
    audit = [json.loads(line) for line in (tmp_path / "audit.ndjson").read_text().splitlines()]
    assert [line["by"] for line in audit if line["verdict"] == "rated cause"] == [BEN]


async def test_a_complaint_without_a_culprit_is_kept_for_a_person_to_label(
    slack: LoopbackSlack, run: Run, tmp_path: Path
):
    async with run(cases=tmp_path / "cases"):
        answer = await get_answer(slack)
        await slack.people.click(answer, BEN, "thumbs_down")
        await slack.workspace.until(lambda: slack.workspace.modals.get(BEN), 20)
        await slack.people.submit(BEN, {"reason": "unclear"})
        await until_whispered(slack, BEN, "Thank you")

    (folder,) = (tmp_path / "cases").iterdir()
    described = yaml.safe_load((folder / "incident.yaml").read_text())
    assert "expected" not in described and described["feedback"][0]["verdict"] == "unclear"


async def test_two_clicks_at_once_make_one_case_with_both_verdicts(
    slack: LoopbackSlack, run: Run, tmp_path: Path
):
    async with run(cases=tmp_path / "cases"):
        answer = await get_answer(slack)
        await slack.people.click(answer, BEN, "thumbs_up")
        await slack.people.click(answer, ANNA, "thumbs_up")
        await until_whispered(slack, BEN, "Thank you")
        await until_whispered(slack, ANNA, "Thank you")

    (folder,) = (tmp_path / "cases").iterdir()
    assert len(yaml.safe_load((folder / "incident.yaml").read_text())["feedback"]) == 2


async def test_a_recovery_closes_the_thread_and_tells_how_long_it_took(
    slack: LoopbackSlack, run: Run, tmp_path: Path
):
    """The recording is changed as if somebody had made the fix."""
    incident = tmp_path / "incident"
    shutil.copytree(INCIDENTS / "service-selector-typo", incident)
    question = "Points show as unavailable in the app but all pods in loyalty are green."
    async with run(str(incident), cases=tmp_path / "cases"):
        answer = await get_answer(slack, question)
        await asyncio.to_thread(rename_selector, incident)
        await slack.people.click(answer, BEN, "did_it_recover")
        over = await answer_of(slack, answer, "This thread is closed", 30)
        await slack.workspace.until(lambda: slack.workspace.reactions, 10)
        await slack.people.click(answer, BEN, "thumbs_up")
        told = await until_whispered(slack, BEN, "Thank you")

    assert read(over).startswith("Recovered") and "less than a minute after the first question" in read(over)
    assert slack.workspace.reactions == {(CHANNEL, answer.thread_ts): ["white_check_mark"]}
    assert "no case is made of it" in told and not (tmp_path / "cases").exists()


async def test_what_is_old_is_forgotten_and_its_buttons_own_up(
    slack: LoopbackSlack, run: Run, describe, tmp_path: Path
):
    async with run():
        old = await get_answer(slack)
        new = await get_answer(slack)
    with sqlite3.connect(tmp_path / "slack.sqlite") as questions:
        about = (time.time() - 91 * 86_400, old.thread_ts)
        questions.execute("UPDATE questions SET asked_at = ? WHERE thread = ?", about)
    questions.close()

    async with run():
        for _ in range(200):
            if count_threads(tmp_path / "threads.sqlite") == 1:
                break
            await asyncio.sleep(0.05)
        for action in ("show_evidence", "dig_deeper", "thumbs_down"):
            await slack.people.click(old, BEN, action)
        await slack.workspace.until(lambda: len(whispers(slack, BEN)) == 3, 20)
        await slack.people.click(new, ANNA, "show_evidence")
        assert "[1]" in await until_whispered(slack, ANNA, "[1]")

    assert all("do not know it any more" in told for told in whispers(slack, BEN))
    assert count_threads(tmp_path / "threads.sqlite") == 1


def count_threads(path: Path) -> int:
    with sqlite3.connect(path) as threads:
        (number,) = threads.execute("SELECT COUNT(DISTINCT thread_id) FROM checkpoints").fetchone()
    threads.close()
    return int(number)
