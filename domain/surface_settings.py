"""The settings of what people and other programs reach: Slack, the HTTP port beside it, traces."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from domain.scope import NamespacePattern


class SlackGrant(BaseModel):
    """What may be asked about from one place of Slack. A name that is no setting is refused."""

    model_config = ConfigDict(extra="forbid")

    clusters: tuple[str, ...] = Field(
        default=(), description="names of clusters; the first is meant unless the question names another"
    )
    namespaces: tuple[NamespacePattern, ...] = Field(
        default=(), description="of these clusters, * stands for any characters; empty: as the clusters allow"
    )
    groups: tuple[str, ...] = Field(
        default=(), description="user groups (S...) whose members may ask; empty: all members of the channel"
    )
    incident: str = Field(default="", description="a recorded incident instead of clusters")
    alerts: bool = Field(default=False, description="investigate the alerts that bots write in a channel")

    @model_validator(mode="after")
    def _be_about_something(self) -> "SlackGrant":
        if bool(self.clusters) == bool(self.incident) or (self.incident and self.namespaces):
            raise ValueError("give clusters, with namespaces if you like, or an incident")
        return self


class SlackLimits(BaseModel):
    """How much may be asked. An hour is the last 60 minutes, a day is one of UTC; alerts count too."""

    model_config = ConfigDict(extra="forbid")

    user_hour: int = Field(default=30, ge=1, description="questions of one user in an hour")
    channel_hour: int = Field(default=120, ge=1, description="questions in one channel in an hour")
    day: int = Field(default=2000, ge=1, description="questions of everyone in a day")
    day_cost: float | None = Field(
        default=None, gt=0, description="US dollars that answers in Slack may cost in a day"
    )


class SlackSettings(BaseModel):
    """The Slack app. Who asks from a place that is in none of the three tables below is refused."""

    model_config = ConfigDict(extra="forbid")

    bot_token: SecretStr = Field(default=SecretStr(""), description="xoxb-..., of the app's installation")
    mode: Literal["socket", "http"] = Field(
        default="socket",
        description="how Slack reaches us: over a connection that we open, or at /slack/events of [serving]",
    )
    app_token: SecretStr = Field(
        default=SecretStr(""), description="xapp-..., with connections:write; for mode socket"
    )
    signing_secret: SecretStr = Field(
        default=SecretStr(""), description="by which Slack's requests are known; for mode http"
    )
    api_url: str = Field(default="https://slack.com/api/", description="the Web API; GovSlack has another")
    channels: dict[str, SlackGrant] = Field(
        default_factory=dict, description="channel id (C...) -> what may be asked about in it"
    )
    groups: dict[str, SlackGrant] = Field(
        default_factory=dict,
        description="user group id (S...) -> what its members may ask about in direct messages",
    )
    workspaces: dict[str, SlackGrant] = Field(
        default_factory=dict,
        description="workspace id (T...) -> what its people may ask about where the tables above say nothing;"
        " people of other workspaces, in shared channels, may ask nothing else",
    )
    contact: str = Field(default="", description="whom to ask for access, for those who are refused")
    limits: SlackLimits = SlackLimits()
    quiet_minutes: int = Field(default=60, ge=1, description="in which an alert is investigated once")
    progress_seconds: float = Field(default=1.5, ge=0.1, description="between two updates of the progress")
    questions: Path = Field(
        default=Path(".kubewhy/slack.sqlite"), description="database of the questions that were asked"
    )
    database: SecretStr = Field(
        default=SecretStr(""),
        description="postgresql://... for questions and threads of several replicas, the server itself or a"
        " pooler in session mode; empty: the files",
    )
    cases: Path = Field(
        default=Path(".kubewhy/cases"),
        description="folder of the answers that people rated: KUBEWHY_INCIDENTS=it kubewhy eval run",
    )
    keep_days: int = Field(
        default=90, ge=1, description="days until a thread in which nothing was asked since is forgotten"
    )
    at_once: int = Field(
        default=16, ge=1, description="threads on which one process works; further ones wait their turn"
    )
    drain_seconds: float = Field(
        default=20.0, ge=0, description="at the end, for what is under way; then it is left to the next"
    )
    audit: Path = Field(
        default=Path(".kubewhy/slack-audit.ndjson"), description="who asked what, and what came of it"
    )
    audit_index: str = Field(
        default="",
        pattern=r"^([a-z0-9][-a-z0-9._]*)?$",
        description="index of [opensearch] that gets the audit log too; empty: none",
    )


class ServingSettings(BaseModel):
    """The HTTP port of ``kubewhy slack``: health, metrics, and alerts that Alertmanager sends."""

    model_config = ConfigDict(extra="forbid")

    port: int | None = Field(default=None, ge=0, le=65535, description="to listen on; none: no HTTP")
    host: str = Field(default="127.0.0.1", description="address to listen on; 0.0.0.0 in a Pod")
    token: SecretStr = Field(
        default=SecretStr(""), description="bearer token that whoever sends alerts has to show; empty: none"
    )


class TraceSettings(BaseModel):
    """OpenTelemetry traces: one a question, a span for each node of the graph; no text of anyone."""

    model_config = ConfigDict(extra="forbid")

    endpoint: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="of OTLP over HTTP, such as http://collector:4318/v1/traces; empty: no traces",
    )
    authorization: SecretStr = Field(
        default=SecretStr(""), description="Authorization header for it; empty: none"
    )
    share: float = Field(default=1.0, ge=0, le=1, description="share of the questions that are traced")
