import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

ROOT = Path(__file__).parents[2]
GRAPHS = {"troubleshoot", "log_retrieval", "kubectl_planning", "model_selection", "diagnosis"}
OFFLINE = {
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
}
PAYMENT = {"question": "Payment service cannot start"}


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(150):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/ok", timeout=1):  # noqa: S310 (a loopback address)
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"langgraph dev did not come up:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="module")
def studio(
    tmp_path_factory: pytest.TempPathFactory, unused_tcp_port_factory: Any
) -> Iterator[tuple[str, Path]]:
    """The address and the log of a real `langgraph dev`, offline, as `make studio` starts it."""
    folder = tmp_path_factory.mktemp("studio")
    log = folder / "server.log"
    port = unused_tcp_port_factory()
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--no-browser", "--no-reload"]
    command += ["--port", str(port), "--config", str(ROOT / "langgraph.json")]
    with log.open("wb") as out:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | OFFLINE,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_up(url, server, log)
        yield url, log
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


@pytest.fixture
async def client(studio: tuple[str, Path]) -> Any:
    async with get_client(url=studio[0]) as client:
        yield client


async def test_every_agent_is_an_assistant_with_a_context_to_edit(client: LangGraphClient):
    assistants = await client.assistants.search()
    assert {assistant["graph_id"] for assistant in assistants} == GRAPHS
    main = next(assistant for assistant in assistants if assistant["graph_id"] == "troubleshoot")
    schemas = await client.assistants.get_schemas(main["assistant_id"])
    assert set(schemas["context_schema"]["properties"]) == {
        "incident",
        "namespace",
        "cluster",
        "usual_cluster",
        "reasoner",
        "route",
        "domain",
    }
    assert set(schemas["input_schema"]["properties"]) == {"question", "deeper"}


async def test_a_streamed_run_on_the_default_incident_ends_with_a_diagnosis(client: LangGraphClient):
    nodes, last = [], {}
    stream = client.runs.stream(
        None, "troubleshoot", input=PAYMENT, stream_mode=["custom", "values"], stream_subgraphs=True
    )
    async for part in stream:
        assert part.event != "error", part.data
        if part.event.startswith("custom"):
            nodes.append(part.data["node"])
        elif part.event == "values":
            last = part.data
    assert nodes[0] == "understand" and nodes[-1] == "report"
    assert {"retrieve_logs", "survey", "run_command"} <= set(nodes)
    assert last["diagnosis"]["missing"]["name"] == "cache-config"


async def test_an_interrupt_is_answered_and_resumed(client: LangGraphClient, twins: Path):
    thread = (await client.threads.create())["thread_id"]
    context = {"incident": str(twins)}
    question = {"question": "what is wrong with basket?"}
    await client.runs.wait(thread, "troubleshoot", input=question, context=context)
    state = await client.threads.get_state(thread)
    (asked,) = state["interrupts"]
    assert asked["value"]["options"] == ["Deployment blue/basket", "Deployment green/basket"]
    end = await client.runs.wait(thread, "troubleshoot", command={"resume": "the green one"}, context=context)
    assert end["diagnosis"]["outcome"] == "healthy"
    assert end["diagnosis"]["cluster"] == "twins"


async def test_a_thread_of_the_server_takes_a_follow_up(client: LangGraphClient):
    thread = (await client.threads.create())["thread_id"]
    await client.runs.wait(thread, "troubleshoot", input=PAYMENT)
    end = await client.runs.wait(thread, "troubleshoot", input={"question": "did the fix work?"})
    assert end["diagnosis"]["outcome"] == "not-verified"


@pytest.mark.parametrize(
    ("graph", "channel"),
    [("log_retrieval", "evidence"), ("kubectl_planning", "commands"), ("model_selection", "choice")],
)
async def test_an_agent_works_on_its_own(client: LangGraphClient, graph: str, channel: str):
    end = await client.runs.wait(None, graph, input=PAYMENT)
    assert end[channel]


async def test_the_diagnosis_agent_answers_after_one_look(client: LangGraphClient):
    end = await client.runs.wait(None, "diagnosis", input=PAYMENT)
    assert end["diagnosis"]["outcome"] == "diagnosed"


async def test_no_node_blocked_the_servers_event_loop(studio: tuple[str, Path]):
    log = studio[1].read_text()
    assert "Background run succeeded" in log
    for complaint in ("Blocking call", "BlockingError", "Traceback"):
        assert complaint not in log
