"""What went wrong with a model, in one sentence."""

from typing import Any

from domain.errors import ModelUnavailable

_SENTENCES = {
    "ThrottlingException": "is throttled: too many requests",
    "ServiceQuotaExceededException": "is throttled: a quota of the account is used up",
    "TooManyRequestsException": "is throttled: too many requests",
    "AccessDeniedException": "may not be used: enable it in this region, and allow bedrock:InvokeModel",
    "UnrecognizedClientException": "refuses the AWS credentials",
    "ExpiredTokenException": "refuses the AWS credentials: they have expired",
    "ResourceNotFoundException": "does not exist in this region",
    "ModelNotReadyException": "is not ready",
    "ModelTimeoutException": "took too long",
    "ModelErrorException": "failed while it answered",
    "ServiceUnavailableException": "is not available",
    "InternalServerException": "failed inside its service",
    "ReadTimeoutError": "took too long",
    "ConnectTimeoutError": "cannot be reached",
    "EndpointConnectionError": "cannot be reached",
    "NoCredentialsError": "needs AWS credentials, and none were found: set a profile, or the AWS_* variables",
    "NoRegionError": "needs an AWS region: set `region` in [models] of kubewhy.toml",
    "RateLimitError": "is throttled: too many requests",
    "AuthenticationError": "refuses the API key",
    "APIConnectionError": "cannot be reached",
    "APITimeoutError": "took too long",
}
_MOST = 200


def explain_fault(spec: str, error: BaseException) -> ModelUnavailable:
    """The error of any provider's client as ours; what the service said is kept where it is not known.

    botocore names the fault in ``response["Error"]["Code"]``, others by the class of the exception.
    """
    if isinstance(error, ModelUnavailable):
        return ModelUnavailable(f"{spec}: {error}")
    code, told = name_fault(error), _read_answer(error)
    if known := _SENTENCES.get(code):
        return ModelUnavailable(f"{spec} {known}.")
    said = " ".join(str(told.get("Message") or error).split())[:_MOST]
    return ModelUnavailable(f"{spec} failed ({code}): {said}".rstrip(": "))


def name_fault(error: BaseException) -> str:
    """The fault's code: the service's own (``AccessDeniedException``), else the class of the exception."""
    return str(_read_answer(error).get("Code") or type(error).__name__)


def _read_answer(error: BaseException) -> dict[str, Any]:
    response = getattr(error, "response", None)
    told: dict[str, Any] = response.get("Error", {}) if isinstance(response, dict) else {}
    return told
