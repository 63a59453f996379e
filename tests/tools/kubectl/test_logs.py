"""Logs of containers: which one, which lines, and what is said when there are none."""

from pathlib import Path

from tools.incidents import open_incident
from tools.kubectl import Kubectl

RECORDINGS = Path(__file__).parents[2] / "recordings"


async def run(line: str, incident: str, namespace: str) -> str:
    cluster = open_incident(RECORDINGS / incident).cluster()
    kubectl = Kubectl(cluster, namespace=namespace, max_characters=200_000)
    return (await kubectl.run(line)).text


async def chain(line: str) -> str:
    return await run(line, "missing-configmap-chain", "prod-apps")


POD = "payment-service-564bd57b89-tq2js"


async def test_the_last_words() -> None:
    text = await chain(f"logs {POD} --tail=1")
    assert text.endswith("could not reach session store cache-service:6379 after 3 attempts, giving up")
    assert "\n" not in text


async def test_the_run_before() -> None:
    assert "giving up" in await chain(f"logs {POD} --previous")
    text = await chain("logs orders-5c5f8fdddf-dmmbx -p")
    assert text.startswith("Error from server (BadRequest):")
    assert "previous terminated container" in text


async def test_times_are_shown_on_request() -> None:
    plain, stamped = await chain(f"logs {POD} --tail=1"), await chain(f"logs {POD} --tail=1 --timestamps")
    assert stamped.endswith(" " + plain)
    assert stamped.startswith("2026-11-24T14:17:18.")


async def test_since_counts_from_the_moment_of_the_recording() -> None:
    every = (await chain("logs deploy/catalog")).split("\n")
    late = (await chain("logs deploy/catalog --since=60s")).split("\n")
    later = (await chain("logs deploy/catalog --since-time=2026-11-24T14:18:00Z")).split("\n")
    assert 0 < len(later) < len(late) < len(every)
    assert every[-len(late) :] == late


async def test_a_workload_stands_for_its_pod() -> None:
    assert await chain("logs deploy/payment-service") == await chain(f"logs {POD}")
    assert await chain("logs svc/payment-service") == await chain(f"logs {POD}")
    text = await run("logs deploy/indexer --tail=2", "config-parse-crash", "search")
    assert text.startswith("Found 2 pods, using pod/indexer-")


async def test_pods_by_label() -> None:
    text = await chain("logs -l 'app in (orders,web)' --prefix --tail=2")
    assert [line.split("]")[0] for line in text.split("\n")] == [
        "[pod/orders-5c5f8fdddf-dmmbx/orders",
        "[pod/orders-5c5f8fdddf-dmmbx/orders",
        "[pod/web-66885d4448-8c4s2/web",
        "[pod/web-66885d4448-8c4s2/web",
    ]
    assert len((await chain("logs -l app=orders")).split("\n")) == 10, "ten lines by default, as in kubectl"
    assert await chain("logs -l app=nobody") == "No resources found in prod-apps namespace."


async def test_a_container_that_never_ran() -> None:
    text = await chain("logs deploy/cache-service")
    assert text.startswith("Error from server (BadRequest):")
    assert "waiting to start: CreateContainerConfigError" in text


async def test_what_is_not_there() -> None:
    assert 'pods "nope" not found' in await chain("logs nope")
    assert await chain(f"logs {POD} -c nope") == (
        f"error: container nope is not valid for pod {POD} out of: payment-service"
    )


async def test_several_containers() -> None:
    text = await run("logs deploy/gateway --tail=3", "sidecar-port-conflict", "gateway")
    assert text.startswith('Defaulted container "')
    both = await run("logs deploy/gateway --all-containers --prefix", "sidecar-port-conflict", "gateway")
    assert len({line.split("]")[0] for line in both.split("\n")}) == 2


async def test_init_containers_can_be_read() -> None:
    text = await run("logs deploy/auth-api --all-containers --prefix", "init-command-typo", "identity")
    assert text
