"""How AWS says no: the status, and the code in ``x-amzn-ErrorType``."""

from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True)
class Failure:
    """An answer that is none."""

    status: int
    code: str
    message: str = "scripted"


THROTTLED = Failure(429, "ThrottlingException", "Too many requests, please wait before trying again.")
DENIED = Failure(403, "AccessDeniedException", "You don't have access to the model with this ID.")
BROKEN = Failure(500, "InternalServerException")
TIMED_OUT = Failure(408, "ModelTimeoutException", "The model timed out.")
DOWN = Failure(503, "ServiceUnavailableException", "The service is temporarily unavailable.")


def fail(failure: Failure) -> web.Response:
    """The failure as a response."""
    headers = {"x-amzn-ErrorType": failure.code}
    return web.json_response({"message": failure.message}, status=failure.status, headers=headers)
