"""The routing table: issue type -> the models that are tried, in order, and why others are not."""

from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict

from agents.models.catalogue import Model, describe_model
from domain.errors import MalformedSettings
from domain.evidence import IssueType
from domain.settings import ModelSettings

DEFAULT = "default"


class Need(BaseModel):
    """What an investigation asks of a model.

    Attributes:
        read: tokens that the longest prompt may have.
        written: the most tokens of an answer.
        seconds: what is left of the investigation's time.
    """

    model_config = ConfigDict(frozen=True)

    read: int
    written: int
    seconds: float


class Route(BaseModel):
    """The models for an issue in the order in which they are tried, and why others are not."""

    model_config = ConfigDict(frozen=True)

    models: tuple[Model, ...]
    passed_over: tuple[str, ...] = ()


def read_routes(settings: ModelSettings) -> dict[str, tuple[Model, ...]]:
    """The routing table with what is known of each model.

    Raises:
        MalformedSettings: it names an issue type or a model that is not known, or a route without models.
    """
    known = [DEFAULT, *(kind.value for kind in IssueType if kind is not IssueType.NONE)]
    for name, route in settings.routes.items():
        if name not in known:
            raise MalformedSettings(
                f"[models.routes] of kubewhy.toml names the issue type {name!r}; "
                f"the known ones are {', '.join(known)}."
            )
        if not route:
            raise MalformedSettings(f"[models.routes] of kubewhy.toml: the route {name!r} names no model.")
    if DEFAULT not in settings.routes:
        raise MalformedSettings(
            f'[models.routes] of kubewhy.toml needs a route {DEFAULT!r}, such as default = ["deepseek.v3.2"].'
        )
    return {name: tuple(_describe(route, settings)) for name, route in settings.routes.items()}


def _describe(specs: Iterable[str], settings: ModelSettings) -> Iterator[Model]:
    yield from (describe_model(spec, settings) for spec in dict.fromkeys(specs))


def find_route(kind: IssueType, settings: ModelSettings, need: Need) -> Route:
    """The route of an issue type, without the models that cannot do what is needed.

    Raises:
        MalformedSettings: the routing table cannot be used.
    """
    routes = read_routes(settings)
    fit, passed_over = [], []
    for model in routes.get(kind.value, routes[DEFAULT]):
        if lack := _find_lack(model, settings, need):
            passed_over.append(f"{model.spec} was passed over: {lack}")
        else:
            fit.append(model)
    return Route(models=tuple(fit), passed_over=tuple(passed_over))


def _find_lack(model: Model, settings: ModelSettings, need: Need) -> str:
    tokens = need.read + need.written
    if tokens > model.context:
        return f"it holds {model.context:,} tokens and up to {tokens:,} are needed."
    if need.seconds < model.seconds:
        return f"it takes some {model.seconds:g} s, and {need.seconds:.0f} s are left."
    ceiling, cost = settings.cost_ceiling, model.cost(need.read, need.written)
    if ceiling is not None and (cost is None or cost > ceiling):
        told = "its price is not known" if cost is None else f"an answer may cost ${cost:.3f}"
        return f"{told}, and ${ceiling:g} is the ceiling of a question."
    return ""
