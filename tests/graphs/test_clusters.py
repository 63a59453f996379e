"""Questions to several clusters: which one is meant, what may be read of it, where a trail leaves it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.diagnosis import Diagnosis, Outcome
from domain.errors import OutOfBounds, UnknownCluster
from domain.settings import load_settings
from graphs.context import Context
from graphs.session import Clarification, Session
from graphs.threads import open_threads
from tests.tools.cluster.live.server import ApiServer
from tools.cluster.recorded import RecordedCluster

RECORDINGS = Path(__file__).parents[1] / "recordings"
PAYMENT = "Payment service cannot start"
HOMEPAGE = "Homepage is slow"


class Plant:
    """Two clusters on loopback, and the settings that name them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.production = ApiServer(RecordedCluster(RECORDINGS / "missing-configmap-chain" / "cluster"))
        self.staging = ApiServer(RecordedCluster(RECORDINGS / "oom-cross-namespace" / "cluster"))

    def write(
        self, production: str = "", staging: str = "", top: str = "default_cluster = 'staging'"
    ) -> None:
        servers = {"prod-eks": self.production.url, "stage-eks": self.staging.url}
        config = {
            "clusters": [{"name": n, "cluster": {"server": url}} for n, url in servers.items()],
            "users": [{"name": "u", "user": {"token": "any"}}],
            "contexts": [{"name": n, "context": {"cluster": n, "user": "u"}} for n in servers],
        }
        (self.folder / "config").write_text(json.dumps(config))
        (self.folder / "kubewhy.toml").write_text(
            f"{top}\n[clusters.production]\ncontext = 'prod-eks'\naliases = ['prod']\n{production}\n"
            f"[clusters.staging]\ncontext = 'stage-eks'\naliases = ['stage']\n{staging}\n"
        )
        load_settings.cache_clear()


@pytest.fixture
async def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Plant]:
    plant = Plant(tmp_path)
    servers = (plant.production, plant.staging)
    runners = [await server.start() for server in servers]
    for server in servers:
        server.log = None
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    plant.write()
    yield plant
    load_settings.cache_clear()
    for runner in runners:
        await runner.cleanup()


async def ask(question: str, saver: Any = None, thread: str = "", **chosen: str) -> Diagnosis | Clarification:
    context = Context(**chosen)
    try:
        items = [item async for item in Session(context, thread, saver).ask(question)]
    finally:
        await context.close()
    end = items[-1]
    assert isinstance(end, Diagnosis | Clarification)
    return end


async def diagnose(question: str, *args: Any, **chosen: Any) -> Diagnosis:
    end = await ask(question, *args, **chosen)
    assert isinstance(end, Diagnosis), end
    return end


async def test_the_question_names_the_cluster(plant: Plant) -> None:
    diagnosis = await diagnose(f"{PAYMENT} in prod")

    assert (diagnosis.cluster, diagnosis.kube_context) == ("production", "prod-eks")
    assert diagnosis.missing is not None
    assert diagnosis.missing.name == "cache-config"
    assert plant.staging.seen == []


async def test_without_a_word_it_is_the_default_cluster(plant: Plant) -> None:
    diagnosis = await diagnose(HOMEPAGE)

    assert diagnosis.cluster == "staging"
    assert plant.production.seen == []


async def test_a_channel_has_a_usual_cluster_and_may_ask_about_another(plant: Plant) -> None:
    async with open_threads(plant.folder / "threads.sqlite") as saver:
        usual = await diagnose(PAYMENT, saver, "t", usual_cluster="prod")
        other = await diagnose("and the homepage in staging?", saver, "t", usual_cluster="prod")
    assert (usual.cluster, other.cluster) == ("production", "staging")


async def test_what_is_chosen_outright_stands_whatever_the_question_says(plant: Plant) -> None:
    assert (await diagnose(f"{PAYMENT}, as in staging", cluster="PROD")).cluster == "production"
    assert (await diagnose(f"{PAYMENT} in prod", incident="missing-configmap-chain")).cluster == "local"
    assert plant.staging.seen == []


async def test_the_word_for_the_cluster_says_nothing_about_objects(plant: Plant) -> None:
    named, plain = await diagnose(f"{PAYMENT} in prod"), await diagnose(PAYMENT, cluster="production")

    assert named.summary == plain.summary
    assert named.alternatives == plain.alternatives


async def test_no_cluster_and_no_default_says_which_there_are(plant: Plant) -> None:
    plant.write(top="")

    with pytest.raises(UnknownCluster, match=r"production \(also prod\), staging \(also stage\)"):
        await ask(PAYMENT)


async def test_two_clusters_in_a_question_are_asked_about(plant: Plant) -> None:
    async with open_threads(plant.folder / "threads.sqlite") as saver:
        asked = await ask("payment works in staging, but not in prod", saver, "t")
        assert isinstance(asked, Clarification)
        assert asked.options == ("production", "staging")
        assert plant.production.seen == plant.staging.seen == []
        again = await ask("hm", saver, "t")
        assert isinstance(again, Clarification)
        assert again.question.startswith("'hm' does not say which.")
        answered = await diagnose("the one in prod", saver, "t")
    assert answered.cluster == "production"


async def test_a_thread_stays_with_its_cluster_until_another_is_named(plant: Plant) -> None:
    async with open_threads(plant.folder / "threads.sqlite") as saver:
        first = await diagnose(f"{PAYMENT} in prod", saver, "t")
        then = await diagnose("did the fix work?", saver, "t")
        elsewhere = await diagnose("and is the homepage slow in staging?", saver, "t")
        after = await diagnose("and the feature store?", saver, "t")
    assert (then.outcome, then.cluster) == (Outcome.NOT_VERIFIED, "production")
    assert first.evidence
    assert elsewhere.cluster == after.cluster == "staging"
    assert not {item.id for item in first.evidence} & {item.id for item in elsewhere.evidence}


async def test_a_thread_that_was_begun_with_a_cluster_goes_on_there(plant: Plant) -> None:
    async with open_threads(plant.folder / "threads.sqlite") as saver:
        await diagnose(PAYMENT, saver, "t", cluster="production")
        assert (await diagnose("did the fix work?", saver, "t")).cluster == "production"


async def test_a_trail_goes_on_into_other_allowed_namespaces(plant: Plant) -> None:
    plant.write(staging="namespaces = ['web-*', 'recsys']")

    diagnosis = await diagnose(HOMEPAGE, namespace="web-edge")

    assert diagnosis.object is not None
    assert (diagnosis.object.namespace, diagnosis.object.name) == ("recsys", "feature-store")
    assert not [sentence for sentence in diagnosis.not_seen if "namespaces" in sentence]


async def test_a_trail_that_leaves_the_allowed_namespaces_is_said_to(plant: Plant) -> None:
    plant.write(staging="namespaces = ['web-*']")

    diagnosis = await diagnose(HOMEPAGE)

    assert (
        "The trail leads from Deployment web-edge/homepage (its log) to Service feature-store"
        " in namespace recsys, which `namespaces` of cluster staging in kubewhy.toml does not include."
    ) in diagnosis.not_seen
    assert diagnosis.object is not None
    assert diagnosis.object.namespace == "web-edge"
    assert "feature-store.recsys" in diagnosis.summary
    assert not [request.path for request in plant.staging.seen if "recsys" in request.path]


async def test_a_slip_in_the_settings_is_said(plant: Plant) -> None:
    plant.write(staging="namespaces = ['web-*', 'recsis']")

    diagnosis = await diagnose(HOMEPAGE)

    told = "There is no namespace 'recsis', which `namespaces` of cluster staging in kubewhy.toml allows."
    assert told in diagnosis.not_seen


async def test_a_namespace_that_may_not_be_read_is_refused_at_once(plant: Plant) -> None:
    plant.write(staging="namespaces = ['web-*']")

    with pytest.raises(OutOfBounds, match="'recsys' is not read: `namespaces` of cluster staging .* web-"):
        await ask(HOMEPAGE, namespace="recsys")
    assert plant.staging.seen == []


async def test_a_namespace_that_the_question_names_and_that_may_not_be_read_is_said(plant: Plant) -> None:
    plant.write(staging="namespaces = ['web-*']")

    diagnosis = await diagnose("feature store in namespace recsys is down")

    assert (
        "Namespace recsys was not looked at: `namespaces` of cluster staging in kubewhy.toml"
        " does not include it."
    ) in diagnosis.not_seen
