"""What a person chooses for a run of a graph; its instruments are opened on first use."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from opentelemetry.context import Context as TraceContext
from pydantic import Field

from agents.models.desk import ModelDesk, choose_settings
from domain.settings import load_settings
from graphs.instruments import Instruments
from graphs.opening import open_live, open_paste, open_recording
from graphs.pasting import Paste
from prompts.domains.packs import DomainPacks
from tools.cluster.fleet import Fleet
from tools.importers.pasted import PASTED
from tools.redaction import Redactor, prepare


@dataclass
class Context:
    """What a person chooses for a run.

    With neither incident nor cluster, the question may name a cluster of ``kubewhy.toml``; else it is about
    the usual one, else about the default cluster, or where none is configured about the default incident.
    """

    incident: Annotated[
        str, Field(description="id or folder of a recorded incident, instead of a live cluster")
    ] = ""
    namespace: Annotated[str, Field(description="look into this namespace only; empty: all")] = ""
    cluster: Annotated[
        str, Field(description="a live cluster: its name in kubewhy.toml, or a context of the kubeconfig")
    ] = ""
    usual_cluster: Annotated[
        str, Field(description="a live cluster that is meant unless the question names another: a channel's")
    ] = ""
    reasoner: Annotated[
        str, Field(description="who answers: playbook, hybrid, model; empty: as kubewhy.toml has it")
    ] = ""
    route: Annotated[
        tuple[str, ...], Field(description="models to try in turn; empty: as kubewhy.toml has it")
    ] = ()
    domain: Annotated[
        str, Field(description="domain pack for the prompts, or none; empty: as kubewhy.toml has it")
    ] = ""

    def __post_init__(self) -> None:
        """Nothing is open yet."""
        self._lock = asyncio.Lock()
        self._instruments: Instruments | None = None
        self._redactor: Redactor | None = None
        self._named = ""
        self._paste: Paste | None = None
        self.trace: TraceContext | None = None

    @classmethod
    def of(cls, instruments: Instruments) -> "Context":
        """A context whose instruments are ready."""
        context = cls(instruments.incident, "".join(instruments.namespaces[:1]))
        context._instruments, context._redactor = instruments, instruments.redactor
        return context

    async def fleet(self) -> Fleet:
        """The clusters that may be chosen.

        Raises:
            MalformedSettings: the settings cannot be used.
        """
        return Fleet(await asyncio.to_thread(load_settings))

    async def redactor(self) -> Redactor:
        """What takes the secrets out of all that this context is used for, whichever cluster it is about.

        Raises:
            MalformedSettings: the settings cannot be used.
        """
        settings = await asyncio.to_thread(load_settings)
        await prepare()
        if self._redactor is None:
            hidden = {**settings.redaction.patterns, **(await self._packs()).patterns()}
            self._redactor = Redactor(settings.redaction.model_copy(update={"patterns": hidden}))
        return self._redactor

    async def _packs(self) -> DomainPacks:
        settings = await asyncio.to_thread(load_settings)
        return await asyncio.to_thread(DomainPacks, settings.domains, self.domain)

    async def turn_to(self, cluster: str) -> None:
        """Look at this cluster from now on, unless a person chose another, or an incident."""
        if cluster != self._named:
            await self.close()
            self._named = cluster

    async def bring(self, paste: Paste | None) -> None:
        """Look at what was pasted too; where neither a cluster nor an incident is named, at nothing else."""
        if (paste and paste.text) != (self._paste and self._paste.text):
            await self.close()
            self._paste = paste

    async def open(self) -> Instruments:
        """The instruments of this run, opened on first use.

        Raises:
            UnknownIncident: there is no such incident.
            MalformedRecording: a file of it cannot be read.
            MalformedRule: a playbook rule cannot be used.
            UnknownCluster: there is no such cluster, or there are several and no default.
            OutOfBounds: the namespace may not be read.
            MalformedSettings: the reasoner or the route cannot be used.
        """
        async with self._lock:
            if self._instruments is None:
                opened = await self._open()
                models = choose_settings(opened.settings.models, self.reasoner, self.route)
                opened.desk = ModelDesk(models, await self._packs())
                self._instruments = opened
            return self._instruments

    async def _open(self) -> Instruments:
        fleet = await self.fleet()
        cluster = self.cluster
        if not (cluster or self.incident):
            cluster = self._named or self.usual_cluster or fleet.default()
        if cluster:
            return await open_live(fleet.open(cluster), self.namespace, await self.redactor(), self._paste)
        if self._paste and self.incident in ("", PASTED):
            return await open_paste(self._paste, self.namespace, await self.redactor())
        return await open_recording(self.incident, self.namespace, await self.redactor(), self._paste)

    async def close(self) -> None:
        """Release what was opened. The context opens anew if it is used again."""
        async with self._lock:
            if self._instruments is not None:
                await self._instruments.recover(None)
                for close in self._instruments.closing:
                    await close()
                self._instruments = None
