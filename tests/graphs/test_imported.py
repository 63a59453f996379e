"""Recordings of other forms are asked about as they are."""

import asyncio
import json
from pathlib import Path

import pytest

from domain.diagnosis import Diagnosis
from graphs.context import Context
from graphs.session import Session
from tools.incidents import INCIDENTS, open_incident
from tools.kubectl import Kubectl

LINES = (
    "kubectl get pods -n analytics -o wide",
    "kubectl get nodes",
    "kubectl describe nodes",
    "kubectl get events -n analytics",
    "kubectl get deployments -n analytics",
)


@pytest.fixture
async def transcript(tmp_path: Path) -> Path:
    """What kubectl printed of our own incident, by command, beside the output of something else."""
    kubectl = Kubectl(open_incident("cpu-request-too-big", INCIDENTS).cluster(), max_characters=200_000)
    pods = (await kubectl.run("kubectl get pods -n analytics -o name")).text.split()
    lines = [*LINES, *(f"kubectl describe {pod} -n analytics" for pod in pods)]
    answers = {line: (await kubectl.run(line)).text for line in lines}
    answers["kubectl krew list"] = "PLUGIN VERSION\nneat v2"
    path = tmp_path / "transcript.json"
    path.write_text(json.dumps(answers))
    return path


async def ask(context: Context, question: str) -> Diagnosis:
    items = [item async for item in Session(context).ask(question)]
    assert isinstance(items[-1], Diagnosis)
    return items[-1]


async def test_a_transcript_is_diagnosed_as_it_is(transcript: Path) -> None:
    context = Context(str(transcript))

    diagnosis = await ask(context, "cohort-builder has been pending for ages")

    assert diagnosis.object is not None
    assert (diagnosis.object.kind, diagnosis.object.name) == ("Deployment", "cohort-builder")
    assert "16" in diagnosis.root_cause
    instruments = await context.open()
    assert instruments.incident == str(transcript)
    assert any("neat v2" in item.text for item in instruments.attached)


async def test_a_recorded_command_is_answered_word_for_word(transcript: Path) -> None:
    recorded = json.loads(await asyncio.to_thread(transcript.read_text))["kubectl get nodes"]
    instruments = await Context(str(transcript)).open()

    output = await instruments.kubectl.run("kubectl get no")

    assert output.text.strip() == recorded.strip()
