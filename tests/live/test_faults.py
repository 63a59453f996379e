"""Everything that can be broken here, broken at once on a whole cluster, and asked about."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.diagnosis import Diagnosis
from domain.settings import load_settings
from evals.dataset import Case
from evals.scorers import DECISIVE, SCORERS
from graphs.context import Context
from graphs.session import Clarification, Session
from tests.live.breakage import Fault, break_all, load_faults, remove_all
from tests.live.site import Site

pytestmark = pytest.mark.live

FAULTS = load_faults()
JUDGED = DECISIVE | {"type"}


@pytest.fixture(scope="module")
def broken(site: Site) -> Iterator[None]:
    break_all(site, FAULTS)
    yield
    remove_all(site.plane, FAULTS)


@pytest.fixture(autouse=True)
def settings(fault: Fault, site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """One cluster, of which only the fault's namespaces may be read: all faults are there at once."""
    cluster = {"context": "local", "namespaces": fault.namespaces}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(site.plane.kubeconfig))
    monkeypatch.setenv("KUBEWHY_CLUSTERS", json.dumps({"asked": cluster}))
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


async def ask(fault: Fault) -> Diagnosis:
    """The diagnosis of the live cluster."""
    context = Context(cluster="asked")
    session, text = Session(context), fault.question
    try:
        for answer in (*fault.expected.answers, None):
            end = [item async for item in session.ask(text)][-1]
            if not isinstance(end, Clarification):
                break
            text = answer or end.options[0]
    finally:
        await context.close()
    assert isinstance(end, Diagnosis), end
    return end


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
async def test_a_real_fault_is_diagnosed(fault: Fault) -> None:
    diagnosis = await ask(fault)
    case = Case(incident=fault.as_incident(), expected=fault.expected)
    scores = [score for score in (scorer(case, diagnosis) for scorer in SCORERS) if score.name in JUDGED]
    wrong = [f"{score.name}: {score.reason}" for score in scores if not score.right]
    assert not wrong, f"{wrong}; it said: {diagnosis.root_cause}"
