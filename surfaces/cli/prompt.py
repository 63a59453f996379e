"""``kubewhy prompt``: a case in the words for a model, to be pasted into an approved chat by hand."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from prompts.roles import Family, Role
from surfaces.cli.guard import run

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from domain.case import CaseFile
    from graphs.context import Context

ASKED_BY = {
    Role.REWRITE: "retrieve_logs",
    Role.CLASSIFY: "select_model",
    Role.PLAN: "plan_commands",
    Role.DIAGNOSE: "diagnose",
}
"""The node of the graph that asks a reasoner for it: the case file is taken just before."""


def prompt(
    question: Annotated[
        str, typer.Argument(help="What is wrong, in your words. Empty: the incident's own question.")
    ] = "",
    incident: Annotated[
        str, typer.Option(metavar="ID|DIR", help="A recorded incident, by id or folder.")
    ] = "",
    family: Annotated[Family, typer.Option(help="Whom the words are for.")] = Family.CLAUDE,
    role: Annotated[Role, typer.Option(help="What is asked for.")] = Role.DIAGNOSE,
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="Look into this one only.")] = "",
    domain: Annotated[
        str, typer.Option(metavar="NAME", help="With this domain pack; none: without. As set unless given.")
    ] = "",
) -> None:
    """Print what a model would be given, to paste into a chat model by hand; nothing is sent anywhere."""
    text, told = run(lambda: write_prompt(question, incident, namespace, family, role, domain))
    typer.echo(text, nl=False)
    typer.echo(told, err=True)


async def write_prompt(
    question: str, incident: str, namespace: str, family: Family, role: Role, domain: str
) -> tuple[str, str]:
    """The prompt for a question about a recorded incident, and a sentence on its tokens.

    Raises:
        InputError: the question or the incident is at fault, or the question fits several objects.
    """
    from domain.case import count_tokens
    from graphs.context import Context
    from prompts.loader import render
    from tools.incidents import open_incident

    context = Context(incident, namespace, domain=domain)
    try:
        instruments = await context.open()
        question = question or open_incident(instruments.incident).question
        case = await _prepare_case(question, context, ASKED_BY[role])
    finally:
        await context.close()
    pack = instruments.desk.packs.find(case.scope)
    text = render(role, family, case, instruments.settings.models.evidence_tokens, pack)
    share = f", {pack.tokens} of them of the domain pack {pack.name}" if pack else ""
    return text, f"Some {count_tokens(text):,} tokens{share}."


async def _prepare_case(question: str, context: "Context", node: str) -> "CaseFile":
    from domain.errors import InputError
    from graphs.state import State, open_case
    from graphs.threads import keep_in_memory
    from graphs.troubleshoot import build

    graph = build().compile(checkpointer=keep_in_memory(), interrupt_before=[node])
    config: RunnableConfig = {"configurable": {"thread_id": "prompt"}}
    await graph.ainvoke({"question": question}, config, context=context)
    after = await graph.aget_state(config)
    if after.interrupts:
        asked = after.interrupts[0].value
        raise InputError(f"{asked['question']} Ask again and name one of: {', '.join(asked['options'])}.")
    return open_case(cast(State, after.values))
