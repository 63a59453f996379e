"""The one door to live clusters: by the names of ``kubewhy.toml``, or by the contexts of a kubeconfig."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import UnknownCluster
from domain.settings import ClusterSettings, Settings
from tools.cluster.bounds import EVERYWHERE, BoundedCluster, Bounds
from tools.cluster.reader import ClusterReader

if TYPE_CHECKING:
    from tools.cluster.live.login import Login

_WHOLE = r"(?<!\bnamespace )(?<!\bns )(?<!-n )(?<![\w./-]){}(?![\w/-]|\.\w)(?! namespace\b)"


@dataclass(frozen=True)
class OpenCluster:
    """A live cluster, ready to be read. Nothing is shared with another; close it after use.

    Attributes:
        reader: shows what may be read of it.
        bounds: which namespaces these are.
        kube_context: what ``kubectl --context`` takes to reach it; empty where there is none.
        close: releases the connections.
    """

    reader: ClusterReader
    bounds: Bounds
    kube_context: str
    close: Callable[[], Awaitable[None]]


def whole_word(word: str) -> re.Pattern[str]:
    """A word by itself, in any case: not part of ``prod-apps`` or ``db.prod.svc``, not called a namespace."""
    return re.compile(_WHOLE.format(re.escape(word)), re.IGNORECASE)


class Fleet:
    """The clusters that may be opened.

    Where ``kubewhy.toml`` names clusters, these and no others: another context of the kubeconfig would pass
    by their bounds. Where it names none, every context of the kubeconfig.
    """

    def __init__(self, settings: Settings) -> None:
        """Take the names from the settings; nothing is opened."""
        self._settings = settings
        self._clusters = settings.clusters

    @property
    def names(self) -> tuple[str, ...]:
        """The names in ``kubewhy.toml``, in its order; none: contexts are the names."""
        return tuple(self._clusters)

    def find(self, word: str) -> str:
        """The name of the cluster that a name, an alias or its context means; any case will do.

        Raises:
            UnknownCluster: there is none, or the context is that of several.
        """
        if not self._clusters:
            return word
        wanted = word.casefold()
        for name, cluster in self._clusters.items():
            if wanted in {known.casefold() for known in (name, *cluster.aliases)}:
                return name
        reached = [name for name in self._clusters if word and word == self._context(name)]
        if len(reached) != 1:
            why = (
                f"Context {word!r} is that of several clusters"
                if reached
                else f"No cluster is called {word!r}"
            )
            raise UnknownCluster(f"{why}: kubewhy.toml names {self._tell()}, and no other is opened.")
        return reached[0]

    def default(self) -> str:
        """The cluster that is meant where none is named; empty where ``kubewhy.toml`` names none.

        Raises:
            UnknownCluster: there are several and none is the default.
        """
        if chosen := self._settings.default_cluster:
            return self.find(chosen)
        if len(self._clusters) > 1:
            raise UnknownCluster(
                f"No cluster is named, and kubewhy.toml has several ({self._tell()}): name one with --cluster"
                " or in the question, or set default_cluster."
            )
        return next(iter(self._clusters), "")

    def mentioned(self, text: str) -> dict[str, str]:
        """The clusters that a text names as whole words, each with the word, in the order of the settings."""
        found = {}
        for name, cluster in self._clusters.items():
            for word in (name, *cluster.aliases):
                if whole_word(word).search(text):
                    found[name] = word
                    break
        return found

    def open(self, word: str) -> OpenCluster:
        """Open a cluster by name, alias or context; nothing is read or connected yet.

        Raises:
            UnknownCluster: none goes by that name.
        """
        # The client alone takes a third of a second to import.
        from tools.cluster.live.cluster import LiveCluster

        name = self.find(word)
        settings, context = self._clusters.get(name, ClusterSettings()), self._context(name)
        live = LiveCluster(name, self.login(name))
        if not settings.namespaces:
            return OpenCluster(live, EVERYWHERE, context, live.close)
        bounds = Bounds(name, settings.namespaces)
        return OpenCluster(BoundedCluster(live, bounds), bounds, context, live.close)

    def login(self, word: str) -> "Login":
        """Who we are to a cluster, by its name, alias or context; no file is read yet.

        Raises:
            UnknownCluster: none goes by that name.
        """
        from tools.cluster.live.login import KubeconfigLogin, ServiceAccountLogin

        context = self._context(self.find(word))
        if not context:
            return ServiceAccountLogin()
        return KubeconfigLogin(self._settings.kubeconfig_paths(), context)

    def _context(self, name: str) -> str:
        cluster = self._clusters.get(name, ClusterSettings())
        return "" if cluster.in_cluster else cluster.context or name

    def _tell(self) -> str:
        """``production (also prod), staging``."""
        return ", ".join(
            f"{name} (also {', '.join(cluster.aliases)})" if cluster.aliases else name
            for name, cluster in self._clusters.items()
        )
