"""The models: each is asked for one word, since only an answer shows that one may be used."""

import asyncio
from collections.abc import Iterable

from agents.models.catalogue import describe_model
from agents.models.faults import explain_fault, name_fault
from domain.errors import EmbeddingUnavailable, MalformedSettings
from domain.settings import EmbeddingSettings, ModelSettings, Settings
from surfaces.doctor.finding import Finding, fail, limit, pass_, skip
from tools.chat_models import open_chat
from tools.embeddings.choose import open_embedder

SECONDS = 20.0
QUESTION = "Say yes."

_THROTTLED = {
    "ThrottlingException",
    "TooManyRequestsException",
    "ServiceQuotaExceededException",
    "RateLimitError",
}
_CREDENTIALS = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "UnrecognizedClientException",
    "ExpiredTokenException",
    "InvalidClientTokenId",
}
_SIGNATURE = {"InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed"}
_UNREACHABLE = {
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "InvalidRegionError",
    "ValueError",
}


async def check_models(settings: Settings) -> list[Finding]:
    """Check every chat model of the routes, and the model that makes vectors."""
    chats, vectors = await asyncio.gather(_check_chats(settings.models), _check_vectors(settings.embeddings))
    return [*chats, *vectors]


async def _check_chats(settings: ModelSettings) -> list[Finding]:
    if settings.use == "never":
        return [skip("models", '[models] use is "never": the playbook concludes alone')]
    quick = settings.model_copy(
        update={"attempts": 1, "output_tokens": 1, "call_seconds": min(SECONDS, settings.call_seconds)}
    )
    return list(await asyncio.gather(*(_check_chat(spec, quick) for spec in _list_specs(settings))))


def _list_specs(settings: ModelSettings) -> Iterable[str]:
    routed = (spec for route in settings.routes.values() for spec in route)
    return dict.fromkeys(filter(None, (*routed, settings.classifier)))


async def _check_chat(spec: str, settings: ModelSettings) -> Finding:
    part = f"model {spec}"
    try:
        model = describe_model(spec, settings)
        chat = await asyncio.to_thread(open_chat, spec, model.family, settings, None)
        async with asyncio.timeout(settings.call_seconds):
            await chat.ainvoke(QUESTION)
    except MalformedSettings as error:
        return fail(part, str(error), "correct [models] in kubewhy.toml")
    except TimeoutError:
        return fail(
            part, f"did not answer within {settings.call_seconds:g} s", _advise("ReadTimeoutError", settings)
        )
    except Exception as error:  # whatever a provider's client raises is what is to be told
        told = str(explain_fault(spec, error)).removeprefix(spec).lstrip(": ")
        return _judge(part, told, name_fault(error), settings)
    return pass_(part, f"answers in {settings.region}")


async def _check_vectors(settings: EmbeddingSettings) -> list[Finding]:
    embedder = open_embedder(settings)
    if embedder is None:
        return [skip("embeddings", '[embeddings] use is "none": logs are searched by words')]
    part = f"model {embedder.name}"
    try:
        await embedder.embed([QUESTION])
    except EmbeddingUnavailable as error:
        return [_judge(part, str(error), name_fault(error.__cause__ or error), settings)]
    return [pass_(part, f"answers in {settings.region}")]


def _judge(part: str, told: str, fault: str, settings: ModelSettings | EmbeddingSettings) -> Finding:
    if fault in _THROTTLED:
        return limit(
            part, told, "ask for a higher quota of the model in Service Quotas, or add a second to its route"
        )
    return fail(part, told, _advise(fault, settings))


def _advise(fault: str, settings: ModelSettings | EmbeddingSettings) -> str:
    table = "models" if isinstance(settings, ModelSettings) else "embeddings"
    if fault == "AccessDeniedException":
        return (
            f"request access to the model in the Bedrock console of {settings.region}, and allow"
            " bedrock:InvokeModel on it and on its inference profile (deploy/terraform/modules/identity does)"
        )
    if fault in _CREDENTIALS:
        return "give the Pod its role (pod identity or IRSA), or set AWS_PROFILE: aws sts get-caller-identity"
    if fault in _SIGNATURE:
        return "let this machine keep time by NTP: AWS refuses signatures that are five minutes off"
    if fault in _UNREACHABLE:
        host = settings.endpoint_url or f"bedrock-runtime.{settings.region}.amazonaws.com"
        return f"correct region or endpoint_url of [{table}], and let the network reach {host}"
    if fault in ("ValidationException", "ResourceNotFoundException"):
        return (
            f"name a model that {settings.region} offers: many want the prefix of an inference profile"
            f" (us., eu., global.), or set region of [{table}]"
        )
    return f"see [{table}] in kubewhy.toml, and the status of Bedrock in {settings.region}"
