"""Who we are to a cluster: a kubeconfig's context, or a Pod's own ServiceAccount.

Both are loaded anew when they expire; a user's credential plugin (``aws eks get-token``) is run anew. A
kubeconfig is never written to, so an OIDC token is not refreshed here: a provider that gives a new refresh
token each time would lock kubectl out.
"""

import asyncio
import base64
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import yaml
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.config.config_exception import ConfigException
from kubernetes.aio.config.exec_provider import ExecProvider
from kubernetes.aio.config.incluster_config import InClusterConfigLoader
from kubernetes.aio.config.kube_config import ConfigNode, KubeConfigLoader, KubeConfigMerger

from domain.errors import ClusterUnavailable, MalformedSettings
from tools.cluster.times import parse_time

PLUGIN_SECONDS = 30.0
"""How long a credential plugin may take."""

TOKEN_PERIOD = timedelta(minutes=1)
"""How often a mounted token is read again, as client-go does; the kubelet renews it in place."""

_UNUSABLE = (ConfigException, KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError)
"""What the client's loader raises over a kubeconfig of the wrong shape."""


@dataclass(frozen=True)
class Credentials:
    """How to reach and convince an API server, and until when (None: until it says 401)."""

    configuration: Configuration
    expires: datetime | None = None


class Login(Protocol):
    """A way to get credentials, as often as they expire."""

    async def load(self) -> Credentials:
        """Fresh credentials.

        Raises:
            MalformedSettings: what was configured cannot be used.
            ClusterUnavailable: no credentials can be had at the moment.
        """
        ...


@dataclass(frozen=True)
class KubeconfigLogin:
    """A context (None: the current one) of one or more kubeconfig files, merged as kubectl does."""

    paths: tuple[Path, ...]
    context: str | None = None

    async def load(self) -> Credentials:
        """Read the files; run the user's credential plugin if it has one.

        Raises:
            MalformedSettings: there is no such file or context, or it cannot be used.
            ClusterUnavailable: the credential plugin gave no credentials.
        """
        merged = await asyncio.to_thread(self._merge)
        try:
            user, expires = _user_of(merged, self.context), None
            if user is not None and "exec" in user:
                expires = await _run_plugin(user)
            return Credentials(await asyncio.to_thread(_configure, merged, self.context), expires)
        except _UNUSABLE as error:
            raise MalformedSettings(f"{self} cannot be used: {error}.") from error
        except OSError as error:
            raise MalformedSettings(f"{self} names a file that cannot be read: {error}.") from error

    def _merge(self) -> ConfigNode:
        found = [path for path in self.paths if path.expanduser().is_file()]
        if not found:
            names = " or ".join(map(str, self.paths)) or "any given path"
            raise MalformedSettings(f"There is no kubeconfig at {names}: name one that exists.")
        try:
            merged: ConfigNode = KubeConfigMerger(os.pathsep.join(map(str, found))).config
            contexts = [context["name"] for context in merged["contexts"]]
        except (*_UNUSABLE, OSError) as error:
            raise MalformedSettings(f"{_join(found)} is no kubeconfig: {error}.") from error
        wanted, known = self.context or merged.safe_get("current-context"), ", ".join(contexts) or "none"
        if not wanted:
            raise MalformedSettings(f"{_join(found)} has no current context; name one of its own: {known}.")
        if wanted not in contexts:
            raise MalformedSettings(f"There is no context {wanted!r} in {_join(found)}, it has: {known}.")
        return merged

    def __str__(self) -> str:
        """``context prod of ~/.kube/config``."""
        return (
            f"{'context ' + self.context if self.context else 'The current context'} of {_join(self.paths)}"
        )


@dataclass(frozen=True)
class ServiceAccountLogin:
    """The ServiceAccount mounted into the Pod that we run in."""

    host: str = "kubernetes.default.svc"
    port: int = 443
    folder: Path = Path("/var/run/secrets/kubernetes.io/serviceaccount")

    async def load(self) -> Credentials:
        """Read the token and the certificate authority.

        Raises:
            MalformedSettings: we do not run in a Pod with a ServiceAccount.
        """
        return await asyncio.to_thread(self._read)

    def _read(self) -> Credentials:
        place = {"KUBERNETES_SERVICE_HOST": self.host, "KUBERNETES_SERVICE_PORT": str(self.port)}
        token, authority = str(self.folder / "token"), str(self.folder / "ca.crt")
        configuration = Configuration()
        try:
            loader = InClusterConfigLoader(token, authority, try_refresh_token=False, environ=place)
            loader.load_and_set(configuration)
        except (ConfigException, OSError) as error:
            raise MalformedSettings(
                f"There is no ServiceAccount in {self.folder} ({error}): run Kubewhy in a Pod that has one, "
                "or name a kubeconfig context."
            ) from error
        return Credentials(configuration, datetime.now(UTC) + TOKEN_PERIOD)


def _join(paths: tuple[Path, ...] | list[Path]) -> str:
    return os.pathsep.join(map(str, paths))


def _configure(merged: ConfigNode, context: str | None) -> Configuration:
    """What the client's loader makes of a context. Blocking.

    Raises:
        ConfigException: the context is unusable, or its OIDC token has expired.
    """
    configuration = Configuration()
    loading = KubeConfigLoader(merged, active_context=context, config_base_path=None).load_and_set(
        configuration
    )
    try:
        loading.send(None)
    except StopIteration:
        return configuration
    except RuntimeError as error:  # it wanted an event loop, in order to refresh a token
        raise ConfigException("its OIDC token has expired; any kubectl command refreshes it") from error
    finally:
        loading.close()
    raise ConfigException("its OIDC token has expired; any kubectl command refreshes it")


def _user_of(merged: ConfigNode, context: str | None) -> ConfigNode | None:
    chosen = merged["contexts"].get_with_name(context or merged["current-context"])
    name = chosen["context"].safe_get("user")
    entry = merged["users"].get_with_name(name, safe=True) if name and merged.safe_get("users") else None
    return entry["user"] if entry and entry.safe_get("user") else None


async def _run_plugin(user: ConfigNode) -> datetime | None:
    """Put what the plugin prints in place of ``exec``; return when it expires.

    The client's own loader would log a failing plugin, go on without credentials, and run one that
    gives no expiry again with every request.
    """
    command = user["exec"].safe_get("command")
    try:
        async with asyncio.timeout(PLUGIN_SECONDS):
            status = await ExecProvider(user["exec"]).run()
    except TimeoutError as error:
        raise ClusterUnavailable(
            f"The credential plugin {command!r} gave no answer within {PLUGIN_SECONDS:.0f}s: run it by hand."
        ) from error
    except (ConfigException, OSError) as error:
        hint = user["exec"].safe_get("installHint") or "run it by hand to see what is wrong with it"
        raise ClusterUnavailable(
            f"The credential plugin {command!r} gave no credentials ({error}): {hint}."
        ) from error
    user.value.update(_read_status(command, status))
    del user.value["exec"]
    return parse_time(status.get("expirationTimestamp"))


def _read_status(command: str, status: dict[str, Any]) -> dict[str, str]:
    """The kubeconfig fields that say the same as an ``ExecCredential`` status."""
    fields = {"token": status.get("token")}
    for ours, theirs in (("client-certificate", "clientCertificateData"), ("client-key", "clientKeyData")):
        if pem := status.get(theirs):
            fields[f"{ours}-data"] = base64.b64encode(pem.encode()).decode()
    known = {name: value for name, value in fields.items() if value}
    if "token" not in known and len(known) < 2:
        raise ClusterUnavailable(f"The credential plugin {command!r} printed neither a token nor a key pair.")
    return known
