"""The fuzzed promises, tried on the inputs they are known by: every seed, and every case that broke one."""

import pytest

from tests.fuzz import run, targets


def test_every_target_can_be_run() -> None:
    assert tuple(targets.TARGETS) == run.TARGETS


@pytest.mark.parametrize("target", run.TARGETS)
def test_known_inputs_break_no_promise(target: str) -> None:
    seeds = run.list_seeds(target)
    assert seeds
    for seed in seeds:
        targets.TARGETS[target](seed)


def test_a_slow_target_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "SECONDS", -1.0)
    with pytest.raises(AssertionError, match="took too long"):
        targets.try_command(b"get pods")
