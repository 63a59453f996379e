"""Kubewhy's kubectl prints what the real one printed; see parity/README.md."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
import yaml

from tools.cluster.recorded import RecordedCluster
from tools.kubectl import Kubectl

HERE = Path(__file__).parent / "parity"
RECORDINGS = Path(__file__).parents[2] / "recordings"
SAID = yaml.load((HERE / "kubectl-v1.34.2.yaml").read_text(), Loader=yaml.CSafeLoader)


def list_cases() -> Iterator[tuple[str, str, str]]:
    for place, recorded in SAID.items():
        for case in recorded["said"]:
            yield place, case["command"], case["output"]


@cache
def open_cluster(place: str) -> RecordedCluster:
    folder = HERE / "cluster" if place == "authored" else RECORDINGS / place / "cluster"
    return RecordedCluster(folder, now=datetime.fromisoformat(SAID[place]["now"]))


@pytest.mark.parametrize(("place", "line", "said"), list(list_cases()), ids=lambda text: text[:60])
async def test_prints_what_kubectl_printed(place: str, line: str, said: str) -> None:
    output = await Kubectl(open_cluster(place), max_characters=1_000_000).run(line)
    assert output.text.strip("\n") == said.strip("\n")
    assert not output.truncated


def test_enough_is_compared() -> None:
    lines = [line for _, line, _ in list_cases()]
    kinds = {line.split()[1] for line in lines if line.startswith(("get ", "describe "))}
    assert len(lines) > 150
    assert len(kinds) > 35
