"""What is known of chat models: a dated data file, and what kubewhy.toml adds to it."""

from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field

from domain.errors import MalformedSettings
from domain.settings import KnownModel, ModelSettings
from prompts.roles import Family

MILLION = 1_000_000


class Model(BaseModel):
    """A chat model: its spec as the routing table names it, and what follows from it.

    Attributes:
        spec: ``provider:id``; without a provider it is an id of Bedrock.
        family: whom its prompts are written for.
        tool_use: whether it can be given a schema as a tool; else it is asked for JSON in words.
        context: tokens that it reads and writes in all.
        input: US dollars for a million tokens read; None where the price is not known.
        output: the same for tokens written.
        seconds: what an answer takes, roughly: with less time left it is not begun.
        caches: whether the unchanging head of a prompt can be marked for its cache.
    """

    model_config = ConfigDict(frozen=True)

    spec: str
    family: Family
    tool_use: bool = True
    context: int = Field(default=64_000, ge=1_000)
    input: float | None = None
    output: float | None = None
    seconds: float = 10.0
    caches: bool = False

    def cost(self, read: int, written: int) -> float | None:
        """US dollars for so many tokens; None where a price is not known."""
        if self.input is None or self.output is None:
            return None
        return round((read * self.input + written * self.output) / MILLION, 6)


class _Entry(KnownModel):
    match: str
    caches: bool = False


class _Catalogue(BaseModel):
    dated: str
    models: tuple[_Entry, ...]


@cache
def _read_catalogue() -> _Catalogue:
    text = (files("agents.models") / "catalogue.yaml").read_text(encoding="utf-8")
    loaded = yaml.safe_load(text)
    return _Catalogue.model_validate({**loaded, "dated": str(loaded["dated"])})


def price_date() -> str:
    """The day of which the prices are, ``2026-11-24``."""
    return _read_catalogue().dated


def describe_model(spec: str, settings: ModelSettings) -> Model:
    """What is known of a model: from kubewhy.toml, else from the catalogue.

    Raises:
        MalformedSettings: neither knows it.
    """
    known = settings.known.get(spec)
    if known is not None:
        return Model(spec=spec, **known.model_dump())
    for entry in _read_catalogue().models:
        if entry.match in spec:
            return Model(spec=spec, **entry.model_dump(exclude={"match"}))
    raise MalformedSettings(
        f"Model {spec!r} is not known: correct its id in [models] of kubewhy.toml, or describe it under "
        f'[models.known."{spec}"]: family (claude or deepseek), tool_use, context, prices.'
    )
