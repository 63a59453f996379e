"""A is broken because B because C: one root, the chain in order, innocents nowhere."""

from collections.abc import Iterator

import pytest

from domain.diagnosis import Outcome
from domain.objects import KubeObject
from tests.agents.playbook.builders import (
    CREATING,
    State,
    container,
    ended,
    event,
    workload,
)
from tests.agents.playbook.cases.chains import (
    CHAINS,
    CHECKOUT,
    DATA,
    EDGE,
    SHOP,
    Chain,
    at,
    broken_image,
    without_settings,
)
from tests.agents.playbook.scene import BYSTANDERS, NODES, Answer, Piece, ask, bystanders


@pytest.fixture(params=CHAINS, ids=lambda chain: chain.name)
def chain(request: pytest.FixtureRequest) -> Chain:
    found: Chain = request.param
    return found


def answer(chain: Chain) -> Answer:
    nodes = [n for n in NODES if n["metadata"]["name"] not in set(_node_names(chain.pieces))]
    return ask(
        *chain.pieces, *nodes, *bystanders(EDGE), *bystanders(chain.asked.namespace), about=chain.asked
    )


def _node_names(pieces: list[Piece]) -> Iterator[str]:
    return (
        piece["metadata"]["name"] for piece in pieces if isinstance(piece, dict) and piece["kind"] == "Node"
    )


def test_there_is_one_root_and_the_chain_leads_to_the_question(chain: Chain) -> None:
    diagnosis = answer(chain).diagnosis

    assert diagnosis.outcome is Outcome.DIAGNOSED
    assert diagnosis.object == chain.links[0], diagnosis.summary
    assert diagnosis.missing == chain.missing
    missing = [chain.missing] if chain.missing else []
    assert [link.object for link in diagnosis.chain] == [*missing, *chain.links]
    assert all(link.evidence for link in diagnosis.chain)


def test_only_independent_faults_are_told_beside_it(chain: Chain) -> None:
    found = answer(chain)

    assert [fault.object for fault in found.diagnosis.also] == chain.also
    assert not [object_ for object_ in found.blamed if object_.name in BYSTANDERS]


def test_the_summary_says_who_suffers(chain: Chain) -> None:
    summary = answer(chain).diagnosis.summary

    assert chain.links[0].name in summary or str(chain.missing and chain.missing.name) in summary
    assert chain.links[-1].name in summary


def shuffled(pieces: list[Piece]) -> list[Piece]:
    return list(reversed(pieces))


def test_the_order_in_which_objects_are_listed_does_not_matter(chain: Chain) -> None:
    backwards = Chain(chain.name, shuffled(chain.pieces), chain.asked, chain.links, chain.missing, chain.also)

    one, other = answer(chain).diagnosis, answer(backwards).diagnosis

    assert (one.object, one.root_cause, one.chain) == (other.object, other.root_cause, other.chain)


def test_a_fault_elsewhere_is_nobodys_business() -> None:
    broken: list[Piece] = broken_image("lonely", "far-away")

    found = ask(workload("Deployment", SHOP, "checkout"), *broken, *NODES, about=CHECKOUT)

    assert found.diagnosis.outcome is not Outcome.DIAGNOSED
    assert not found.diagnosis.also


def test_a_crash_that_was_seen_in_no_log_is_blamed_on_what_it_needs() -> None:
    family = workload(
        "Deployment",
        SHOP,
        "checkout",
        container(env={"B": "http://cache.data.svc:8080"}),
        states=State(ended(1), ended(1), False, 4),
    )

    found = ask(family, *without_settings(), *NODES, about=CHECKOUT)

    assert found.diagnosis.object == at("Deployment", "cache")


def test_a_pod_that_waits_is_not_explained_by_its_neighbours() -> None:
    stuck = workload("Deployment", SHOP, "checkout", states=CREATING)
    told: KubeObject = event(
        stuck.pod,
        "FailedCreatePodSandBox",
        'Failed to create pod sandbox: plugin type="calico" failed (add): no addresses left',
    )

    found = ask(stuck, told, *broken_image(), *NODES, about=CHECKOUT)

    assert found.diagnosis.object == CHECKOUT
    assert "no addresses left" in found.diagnosis.root_cause


def test_asked_about_a_namespace_the_root_may_lie_outside_of_it() -> None:
    chain = next(chain for chain in CHAINS if chain.name == "a lost node")

    found = ask(*chain.pieces, *NODES, *bystanders(EDGE), namespaces=(DATA,))

    assert found.diagnosis.object == chain.links[0]


def test_a_fault_elsewhere_that_the_question_names_is_told_with_doubt() -> None:
    well = workload("Deployment", SHOP, "checkout")
    seen = [*broken_image("thumbnailer", "far-away"), well, *NODES]

    found = ask(*seen, about=CHECKOUT, words=("thumbnails", "missing"))

    assert found.diagnosis.object == at("Deployment", "thumbnailer", "far-away")
