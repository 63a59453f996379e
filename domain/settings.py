"""All settings, in one place: ``kubewhy.toml`` in the working directory, then ``KUBEWHY_*`` variables.

Nothing else in the product reads ``os.environ``. Nested settings use two underscores:
``KUBEWHY_LIMITS__ROUNDS=4``.
"""

import os
from functools import lru_cache
from pathlib import Path

from pydantic import AliasChoices, BaseModel, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from domain.errors import MalformedSettings


class Limits(BaseModel):
    """Bounds of one investigation."""

    rounds: int = Field(default=3, ge=1, le=10, description="rounds of kubectl commands")
    commands: int = Field(default=12, ge=1, le=50, description="kubectl commands in all rounds")
    evidence_tokens: int = Field(default=6000, ge=500, description="tokens of evidence shown to a reasoner")
    output_characters: int = Field(
        default=6000, ge=500, description="characters kept of one command's output"
    )
    wall_seconds: float = Field(default=120.0, gt=0, description="seconds until it answers with what it has")


class Settings(BaseSettings):
    """Kubewhy's settings."""

    model_config = SettingsConfigDict(
        env_prefix="KUBEWHY_", env_nested_delimiter="__", toml_file="kubewhy.toml", extra="ignore"
    )

    limits: Limits = Limits()
    incidents: Path | None = Field(default=None, description="folder of recorded incidents; None: our own")
    rules: Path | None = Field(default=None, description="folder of your own playbook rules (*.yaml)")
    threads: Path = Field(
        default=Path(".kubewhy/threads.sqlite"), description="database of threads on the command line"
    )
    default_incident: str = Field(
        default="missing-configmap-chain", description="the incident that Studio and the demo open"
    )
    debug: bool = Field(default=False, description="show the trace of a bug instead of one sentence")
    kubeconfig: str = Field(
        default="~/.kube/config",
        validation_alias=AliasChoices("kubeconfig", "KUBEWHY_KUBECONFIG", "KUBECONFIG"),
        description="kubeconfig files, separated as in PATH; KUBECONFIG counts too",
    )
    window_minutes: int = Field(default=60, ge=1, description="how far back a question looks by default")

    def kubeconfig_paths(self) -> tuple[Path, ...]:
        """The kubeconfig files, in the order in which they are merged."""
        return tuple(Path(part).expanduser() for part in self.kubeconfig.split(os.pathsep) if part)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """Read the settings once a process.

    Raises:
        MalformedSettings: a value cannot be used; the sentence names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MalformedSettings(
            f"Setting {where!r} cannot be used: {first['msg']}. See kubewhy.toml."
        ) from error
    except ValueError as error:
        raise MalformedSettings(f"kubewhy.toml cannot be read: {error}") from error
