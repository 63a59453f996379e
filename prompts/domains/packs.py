"""Reads domain packs, and says which one a question falls under."""

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from domain.case import count_tokens
from domain.errors import MalformedSettings
from domain.scope import Scope
from domain.settings import DomainSettings

NO_PACK = "none"
LONGEST = 1_500
"""Tokens of a pack: every question pays for them."""


class DomainPack(BaseModel):
    """What a field adds to the prompts.

    Attributes:
        name: the name of its folder.
        vocabulary: words of the field, and what they mean.
        matters: what comes first, what must not be advised.
        wording: how an answer has to be put, for compliance.
        critical: names of services that matter most; ``*`` stands for any characters.
        hide: name -> regular expression of data that must not be shown, to models or to people.
        examples: short lessons from earlier incidents.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    vocabulary: dict[str, str] = Field(default_factory=dict)
    matters: tuple[str, ...] = ()
    wording: tuple[str, ...] = ()
    critical: tuple[str, ...] = ()
    hide: dict[str, str] = Field(default_factory=dict)
    examples: tuple[str, ...] = ()

    @field_validator("hide")
    @classmethod
    def _compile(cls, patterns: dict[str, str]) -> dict[str, str]:
        for name, pattern in patterns.items():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"the pattern of {name!r} cannot be used: {error}") from error
        return patterns

    @cached_property
    def text(self) -> str:
        """The pack as a section of a prompt."""
        lines = [f"# The field: {self.name}", ""]
        lines += [f"- {word}: {meaning}." for word, meaning in self.vocabulary.items()]
        lines += [f"- {sentence}" for sentence in (*self.matters, *self.wording)]
        lines += [f"- Critical: {', '.join(self.critical)}."] if self.critical else []
        lines += [f"- Do not write, even if you see it: {', '.join(self.hide)}."] if self.hide else []
        lines += [f"- From an earlier incident: {example}" for example in self.examples]
        return "\n".join(lines) + "\n"

    @property
    def tokens(self) -> int:
        """What it adds to every prompt."""
        return count_tokens(self.text)


class DomainPacks:
    """The packs that the settings use."""

    def __init__(self, settings: DomainSettings | None = None, always: str = "") -> None:
        """``always``: this pack for every question; ``none``: no pack; empty: as the settings say.

        Raises:
            MalformedSettings: a pack is not known or cannot be used.
        """
        settings = settings or DomainSettings()
        names = {always} if always else set(settings.use.values())
        self._packs = {name: read_pack(name, settings.folder) for name in sorted(names - {NO_PACK})}
        self._use: Mapping[str, str] = {"*": always} if always else settings.use

    def find(self, scope: Scope) -> DomainPack | None:
        """The pack of the first entry of the settings that fits the cluster, or a namespace, asked about."""
        namespaces = dict.fromkeys((*scope.namespaces, *(ref.namespace for ref in scope.workloads)))
        for pattern, name in self._use.items():
            if any(fnmatchcase(place, pattern) for place in _name_places(scope.cluster, namespaces)):
                return self._packs.get(name)
        return None

    def patterns(self) -> dict[str, str]:
        """What the packs in use hide, wherever it stands."""
        return {name: pattern for pack in self._packs.values() for name, pattern in pack.hide.items()}


def _name_places(cluster: str, namespaces: Iterable[str]) -> Iterator[str]:
    yield cluster
    for namespace in filter(None, namespaces):
        yield namespace
        yield f"{cluster}/{namespace}"


def read_pack(name: str, folder: Path | None) -> DomainPack:
    """A pack of the folder, else one of ours.

    Raises:
        MalformedSettings: there is none of that name, or it cannot be used; the sentence names the file.
    """
    for place in (folder, files("prompts.domains")):
        if place is not None and (path := place / name / "pack.yaml").is_file():
            return _read(path, name)
    known = ", ".join(sorted({*_list(folder), *_list(files("prompts.domains"))}))
    raise MalformedSettings(
        f"Domain pack {name!r} is not known; there are {known}. Yours goes into {name}/pack.yaml of the "
        "folder that `folder` in [domains] of kubewhy.toml names."
    )


def _list(place: Path | Traversable | None) -> Iterator[str]:
    if place is not None and place.is_dir():
        yield from (entry.name for entry in place.iterdir() if (entry / "pack.yaml").is_file())


def _read(path: Path | Traversable, name: str) -> DomainPack:
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        pack = DomainPack.model_validate({**loaded, "name": name})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        told = first["msg"].removeprefix("Value error, ")
        raise MalformedSettings(f"Domain pack {path}: `{where}`: {told}.") from error
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        raise MalformedSettings(
            f"Domain pack {path} cannot be read: {' '.join(str(error).split())}"
        ) from error
    if pack.tokens > LONGEST:
        raise MalformedSettings(f"Domain pack {path} takes {pack.tokens:,} tokens; {LONGEST:,} are the most.")
    return pack
