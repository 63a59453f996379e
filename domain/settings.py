"""All settings, in one place: ``kubewhy.toml`` in the working directory, then ``KUBEWHY_*`` variables.

Nothing else in the product reads ``os.environ``. Nested settings use two underscores:
``KUBEWHY_LIMITS__ROUNDS=4``.
"""

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from domain.errors import MalformedSettings
from domain.scope import NamespacePattern
from domain.surface_settings import ServingSettings, TraceSettings
from domain.surface_settings import SlackGrant as SlackGrant
from domain.surface_settings import SlackSettings as SlackSettings


class Limits(BaseModel):
    """Bounds of one investigation."""

    rounds: int = Field(default=3, ge=1, le=10, description="rounds of kubectl commands")
    commands: int = Field(default=12, ge=1, le=50, description="kubectl commands in all rounds")
    evidence_tokens: int = Field(default=6000, ge=500, description="tokens of evidence shown to a reasoner")
    output_characters: int = Field(
        default=6000, ge=500, description="characters kept of one command's output"
    )
    wall_seconds: float = Field(default=120.0, gt=0, description="seconds until it answers with what it has")


class KnownModel(BaseModel):
    """What Kubewhy has to know of a chat model that its own catalogue does not hold."""

    family: Literal["claude", "deepseek"] = Field(description="whom its prompts are written for")
    tool_use: bool = Field(default=True, description="whether it can be given a schema as a tool")
    context: int = Field(default=64_000, ge=1_000, description="tokens that it reads and writes in all")
    input: float | None = Field(default=None, ge=0, description="US dollars for a million tokens read")
    output: float | None = Field(default=None, ge=0, description="US dollars for a million tokens written")
    seconds: float = Field(default=10.0, ge=0, description="what an answer takes, roughly")


_CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
_DEEPSEEK = "deepseek.v3.2"


def _default_routes() -> dict[str, tuple[str, ...]]:
    routes: dict[str, tuple[str, ...]] = {"default": (_CLAUDE, _DEEPSEEK)}
    return routes | dict.fromkeys(("networking", "storage", "node", "permissions"), (_DEEPSEEK, _CLAUDE))


class ModelSettings(BaseModel):
    """When which chat model is asked, and what it may cost. Without ``use``, none ever is."""

    use: Literal["never", "unsettled", "always"] = Field(
        default="never", description="when a model is asked: only where the playbook is unsure, or always"
    )
    trust: Literal["hybrid", "model"] = Field(
        default="hybrid",
        description="hybrid: a cause that the playbook is sure of stands; model: its word counts",
    )
    routes: dict[str, tuple[str, ...]] = Field(
        default_factory=_default_routes,
        description="issue type, or default -> models in the order in which they are tried",
    )
    classifier: str = Field(
        default="us.anthropic.claude-haiku-4-5-20251001-v1:0",
        description="small model that tells the issue type where the evidence does not; empty: none",
    )
    known: dict[str, KnownModel] = Field(default_factory=dict, description="models that you add, by their id")
    region: str = Field(default="us-east-1", description="AWS region of Bedrock")
    endpoint_url: str | None = Field(default=None, description="another address of Bedrock: a VPC endpoint")
    guardrail: str = Field(default="", description="id and version of a Bedrock guardrail: abc123:1")
    call_seconds: float = Field(default=60.0, gt=0, description="seconds until a model's answer is given up")
    attempts: int = Field(
        default=3, ge=1, le=10, description="of one call, with a pause between them, while it is throttled"
    )
    evidence_tokens: int = Field(
        default=1800, ge=200, description="tokens of evidence in one prompt; every question asks two or three"
    )
    output_tokens: int = Field(default=3000, ge=200, description="the most tokens of one answer")
    investigation_tokens: int = Field(
        default=60_000, ge=1_000, description="tokens that one question may use"
    )
    day_tokens: int = Field(default=2_000_000, ge=1_000, description="tokens that one day may use")
    cost_ceiling: float | None = Field(
        default=None,
        ge=0,
        description="US dollars for a question; models that could exceed it are passed over",
    )
    usage: Path = Field(
        default=Path(".kubewhy/usage.sqlite"), description="database of the tokens used by day and model"
    )


class EmbeddingSettings(BaseModel):
    """The model that gives queries and templates their vectors; without ``use``, words alone are searched."""

    use: Literal["none", "titan"] = Field(default="none", description="titan: Titan V2 on Amazon Bedrock")
    dimensions: Literal[256, 512, 1024] = Field(default=256, description="the length of a vector")
    region: str = Field(default="us-east-1", description="AWS region of Bedrock")
    endpoint_url: str | None = Field(default=None, description="another address of Bedrock: a VPC endpoint")
    call_seconds: float = Field(default=10.0, gt=0, description="seconds until an answer is given up")

    @field_validator("dimensions", mode="before")
    @classmethod
    def _read_number(cls, value: Any) -> Any:
        """A variable of the environment is text, which no number of a ``Literal`` equals."""
        return int(value) if isinstance(value, str) and value.isdecimal() else value


class IngestSettings(BaseModel):
    """The pipeline that writes logs into OpenSearch."""

    cluster: str = Field(default="", description="the cluster of records that do not name theirs")
    dead_letters: str = Field(
        default=".kubewhy/dead-letters.ndjson",
        description="where unusable records go: an SQS queue's URL, s3://bucket/prefix or a file",
    )
    region: str = Field(default="us-east-1", description="AWS region of that queue or bucket")
    endpoint_url: str | None = Field(default=None, description="another address of SQS or S3: a VPC endpoint")
    prepare: bool = Field(
        default=True, description="make index templates and retention when it starts; false: others do"
    )
    batch_records: int = Field(default=500, ge=1, le=10_000, description="records of one batch, as a process")
    in_flight: int = Field(default=4, ge=1, le=64, description="batches written at a time, as a process")
    request_bytes: int = Field(
        default=20 * 2**20, ge=2**10, description="the largest chunk or request that is taken, in bytes"
    )


class OpenSearchSettings(BaseModel):
    """The OpenSearch that logs are shipped to. Without ``url``, a cluster's own logs are read instead."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        default="", pattern=r"^(https?://[^\s/@]+(/\S*)?)?$", description="https://host:port; empty: none"
    )
    auth: Literal["none", "basic", "sigv4"] = Field(default="none", description="how to say who we are")
    user: str = Field(default="", description="user name for basic")
    password: SecretStr = Field(default=SecretStr(""), description="password for basic")
    region: str = Field(default="us-east-1", description="AWS region for sigv4")
    service: Literal["es", "aoss"] = Field(
        default="es", description="what sigv4 signs for: a managed domain, or OpenSearch Serverless"
    )
    ca: Path | None = Field(default=None, description="certificate authority to trust, in PEM")
    dashboards: str = Field(
        default="",
        pattern=r"^(https?://[^\s/@]+(/\S*)?)?$",
        description="address of OpenSearch Dashboards, for links from answers to log lines; empty: no links",
    )
    timeout_seconds: float = Field(default=10.0, gt=0, description="seconds until an answer is given up")
    index: str = Field(
        default="{service}-{date}",
        description="name of the index of a line: {service}, {namespace}, {cluster} and {date} of its event",
    )
    prefix: str = Field(default="", description="what every index name begins with")
    date_format: str = Field(default="%Y.%m.%d", description="{date}, in the form of strftime, in UTC")
    alias: str = Field(default="kubewhy-logs", description="alias that the pipeline's indices get")
    search: str = Field(default="", description="indices to search, such as logstash-*; empty: the alias")
    cluster_field: str = Field(
        default="cluster",
        description="field that names a line's cluster; empty: all lines are of one cluster",
    )
    templates: str = Field(default="kubewhy-templates", description="index of the vectors of templates")
    vectors: Literal["template", "line"] = Field(
        default="template",
        description="whether each template or each line carries a vector, if there are any",
    )
    engine: Literal["lucene", "faiss"] = Field(default="lucene", description="what searches the vectors")
    quantise: bool = Field(
        default=True, description="keep vectors in fewer bits: less memory, a bit less exact"
    )
    retention_days: int = Field(default=14, ge=0, description="days until an index is deleted; 0: never")
    shards: int = Field(default=1, ge=1, description="primary shards of an index")
    replicas: int = Field(default=1, ge=0, description="copies of each shard")

    @model_validator(mode="after")
    def _fit_together(self) -> "OpenSearchSettings":
        if self.auth == "basic" and not (self.user and self.password.get_secret_value()):
            raise ValueError("basic takes a user and a password")
        if self.auth == "sigv4" and not self.url.startswith("https://"):
            raise ValueError("sigv4 takes an https:// url")
        return self


class ClusterSettings(BaseModel):
    """How to reach one cluster, and what may be read of it.

    A name that is no setting is refused: a misspelt ``namespaces`` would open all of them.
    """

    model_config = ConfigDict(extra="forbid")

    context: str = Field(
        default="", description="context of the kubeconfig; empty: the one named as the cluster"
    )
    in_cluster: bool = Field(
        default=False, description="the cluster that Kubewhy runs in, by the ServiceAccount of its Pod"
    )
    aliases: tuple[str, ...] = Field(default=(), description="other names of it, such as prod")
    namespaces: tuple[NamespacePattern, ...] = Field(
        default=(), description="the namespaces that may be read, * stands for any characters; empty: all"
    )

    @field_validator("in_cluster")
    @classmethod
    def _choose_one_way(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("context"):
            raise ValueError("give a context or in_cluster = true, not both")
        return value


class RedactionSettings(BaseModel):
    """What is hidden besides secrets, which always are, from models, reports, threads and recordings."""

    emails: bool = Field(default=False, description="e-mail addresses too")
    addresses: bool = Field(default=False, description="IP addresses too; a diagnosis may need them")
    patterns: dict[str, str] = Field(
        default_factory=dict, description="name -> regular expression of whatever else must not be shown"
    )

    @field_validator("patterns")
    @classmethod
    def _compile(cls, patterns: dict[str, str]) -> dict[str, str]:
        for name, pattern in patterns.items():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"the pattern of {name!r} cannot be used: {error}") from error
        return patterns


class DomainSettings(BaseModel):
    """Domain packs: what a team's field adds to the prompts."""

    use: dict[str, str] = Field(
        default_factory=dict,
        description="cluster, namespace or cluster/namespace (* stands for any characters) -> pack",
    )
    folder: Path | None = Field(default=None, description="folder of your own packs, NAME/pack.yaml each")


class Settings(BaseSettings):
    """Kubewhy's settings."""

    model_config = SettingsConfigDict(
        env_prefix="KUBEWHY_", env_nested_delimiter="__", toml_file="kubewhy.toml", extra="ignore"
    )

    limits: Limits = Limits()
    redaction: RedactionSettings = RedactionSettings()
    models: ModelSettings = ModelSettings()
    domains: DomainSettings = DomainSettings()
    embeddings: EmbeddingSettings = EmbeddingSettings()
    ingest: IngestSettings = IngestSettings()
    opensearch: OpenSearchSettings = OpenSearchSettings()
    slack: SlackSettings = SlackSettings()
    serving: ServingSettings = ServingSettings()
    traces: TraceSettings = TraceSettings()
    clusters: dict[str, ClusterSettings] = Field(
        default_factory=dict,
        description="the clusters that may be read, by name; none: any context",
    )
    default_cluster: str = Field(
        default="", description="the cluster that is meant where none is named; a sole one needs no saying"
    )
    incidents: Path | None = Field(default=None, description="folder of recorded incidents; None: our own")
    rules: Path | None = Field(default=None, description="folder of your own playbook rules (*.yaml)")
    threads: Path = Field(
        default=Path(".kubewhy/threads.sqlite"), description="database of threads on the command line"
    )
    default_incident: str = Field(
        default="missing-configmap-chain", description="the incident that Studio and the demo open"
    )
    source: str = Field(
        default="",
        description="address of the source code; empty: the one in the package",
    )
    debug: bool = Field(default=False, description="show the trace of a bug instead of one sentence")
    kubeconfig: str = Field(
        default="~/.kube/config",
        validation_alias=AliasChoices("kubeconfig", "KUBEWHY_KUBECONFIG", "KUBECONFIG"),
        description="kubeconfig files, separated as in PATH; KUBECONFIG counts too",
    )
    window_minutes: int = Field(default=60, ge=1, description="how far back a question looks by default")

    @field_validator("clusters")
    @classmethod
    def _tell_apart(cls, clusters: dict[str, ClusterSettings]) -> dict[str, ClusterSettings]:
        owners: dict[str, str] = {}
        for name, cluster in clusters.items():
            for word in (name, *cluster.aliases):
                if (other := owners.setdefault(word.casefold(), name)) != name:
                    raise ValueError(f"clusters {other} and {name} both go by the name {word!r}")
        return clusters

    @field_validator("default_cluster")
    @classmethod
    def _name_a_known_one(cls, name: str, info: ValidationInfo) -> str:
        clusters: dict[str, ClusterSettings] = info.data.get("clusters", {})
        known = {word.casefold() for key, cluster in clusters.items() for word in (key, *cluster.aliases)}
        if name and name.casefold() not in known:
            raise ValueError(f"no cluster is called {name!r}; there are: {', '.join(clusters) or 'none'}")
        return name

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
        why = first["msg"].removeprefix("Value error, ")
        raise MalformedSettings(f"Setting {where!r} cannot be used: {why}. See kubewhy.toml.") from error
    except ValueError as error:
        raise MalformedSettings(f"kubewhy.toml cannot be read: {error}") from error
