"""A model's spec -> the chat model that answers. The only file that knows providers of chat models."""

from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable
from pydantic import BaseModel

from domain.errors import MalformedSettings
from domain.settings import ModelSettings
from tools.aws import create_client

BEDROCK = "bedrock"


def open_chat(
    spec: str, family: str, settings: ModelSettings, schema: type[BaseModel] | None
) -> Runnable[LanguageModelInput, AIMessage]:
    """The chat model of a spec: ``bedrock:ID``, a bare id or an ARN for Bedrock, else ``PROVIDER:ID``.

    Blocking: importing a provider's client and reading its profiles takes most of a second.

    Args:
        spec: as the routing table names it.
        family: ``claude`` or ``deepseek``: an ARN does not tell whose model it is.
        settings: where Bedrock is, and the bounds of one call.
        schema: what the answer has to fit, given as a tool that the model has to call; None: words.

    Raises:
        MalformedSettings: the provider is not known, not installed, or not configured.
    """
    provider, _, name = spec.partition(":")
    if provider == BEDROCK or provider == "arn" or not name or "." in provider:
        chat = _open_bedrock(spec.removeprefix(f"{BEDROCK}:"), family, settings)
    else:
        chat = _open_other(spec, settings)
    return chat if schema is None else _bind(chat, schema)


def _bind(chat: BaseChatModel, schema: type[BaseModel]) -> Runnable[LanguageModelInput, AIMessage]:
    """With the one tool; some models may only be offered it."""
    choices: Sequence[str] | None = getattr(chat, "supports_tool_choice_values", None)
    forced = choices is None or "any" in choices
    return chat.bind_tools([schema], tool_choice="any" if forced else None)


def _open_bedrock(name: str, family: str, settings: ModelSettings) -> BaseChatModel:
    from langchain_aws import ChatBedrockConverse

    seconds, endpoint = settings.call_seconds, settings.endpoint_url
    guardrail, _, version = settings.guardrail.partition(":")
    guarded = {"guardrailIdentifier": guardrail, "guardrailVersion": version or "DRAFT"}
    own: dict[str, Any] = {}
    if family == "deepseek":
        # langchain-aws does not know that DeepSeek takes `any`, though not a tool by its name.
        own["supports_tool_choice_values"] = ("auto", "any")
    return ChatBedrockConverse(
        model_id=name,
        provider="anthropic" if family == "claude" else family,
        client=create_client("bedrock-runtime", settings.region, endpoint, seconds, settings.attempts),
        bedrock_client=create_client("bedrock", settings.region, None, seconds),
        max_tokens=settings.output_tokens,
        temperature=0.0,
        guardrail_config=guarded if guardrail else None,
        **own,
    )


def _open_other(spec: str, settings: ModelSettings) -> BaseChatModel:
    options: dict[str, Any] = {
        "max_tokens": settings.output_tokens,
        "temperature": 0.0,
        "timeout": settings.call_seconds,
        "max_retries": settings.attempts - 1,
    }
    try:
        from langchain.chat_models import init_chat_model

        opened: BaseChatModel = init_chat_model(spec, **options)
        return opened
    except ImportError as error:
        raise MalformedSettings(
            f"Model {spec!r} needs a package that is not installed beside Kubewhy: {_first_line(error)}"
        ) from error
    except ValueError as error:
        raise MalformedSettings(f"Model {spec!r} cannot be opened: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:300]
