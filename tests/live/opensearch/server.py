"""A real OpenSearch with its k-NN plugin, put together from Maven Central once, into the user's cache."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import httpx

from tests.live.processes import Processes, find_ports

POM = Path(__file__).parent / "pom.xml"
HEAP = "1g"
NOBODY = "65534"
"""User and group it runs as when we are root, which it refuses to be."""

MODULES = {
    "lang-painless": (
        "org.opensearch.painless.PainlessPlugin",
        "",
        ('RuntimePermission "createClassLoader"', 'RuntimePermission "getClassLoader"'),
    ),
    "analysis-common": ("org.opensearch.analysis.common.CommonAnalysisPlugin", "lang-painless", ()),
    "transport-netty4": (
        "org.opensearch.transport.Netty4Plugin",
        "",
        ('RuntimePermission "*", "setContextClassLoader"', 'RuntimePermission "getClassLoader"'),
    ),
}
"""Name of a module -> its class, the module that it extends, what it needs to be permitted in ``java.lang``.

In the distribution these facts lie beside the jars; Maven Central has the jars alone.
"""

_NETWORK = (
    'java.net.SocketPermission "*", "accept,connect"',
    'java.io.FilePermission "/proc/sys/net/core/somaxconn", "read"',
    'java.util.PropertyPermission "sun.nio.ch.bugLevel", "write"',
)
_LOGGING = """
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""


class CannotAssemble(Exception):
    """Something that it is put together with is missing, or Maven failed."""


def read_version() -> str:
    """The version that the pom asks for, such as ``2.19.1``."""
    found = re.search(r"<opensearch.version>([\d.]+)<", POM.read_text())
    assert found, f"{POM} names no version"
    return found[1]


def find_cache() -> Path:
    """Its folder; another one for every change of what it is put together from."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256(POM.read_bytes() + repr(MODULES).encode()).hexdigest()[:8]
    return home / "kubewhy" / f"opensearch-{read_version()}-{digest}"


def assemble() -> Path:
    """Put it together unless it is in the cache, and return its folder: 65 MB, a few minutes.

    Raises:
        CannotAssemble: there is no Java or no Maven, or Maven failed.
    """
    folder = find_cache()
    if folder.exists():
        return folder
    if missing := [name for name in ("java", "mvn") if not shutil.which(name)]:
        raise CannotAssemble(f"OpenSearch takes Java 17 and Maven in PATH; missing: {', '.join(missing)}.")
    unfinished = folder.with_name(f".{folder.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    print(f"Putting OpenSearch {read_version()} together in {folder}", flush=True)
    _copy_jars("lib", unfinished / "lib")
    common = {path.name for path in (unfinished / "lib").iterdir()}
    for name in MODULES:
        _add_module(name, unfinished / "modules" / name, common)
    _unpack("opensearch-knn", unfinished / "plugins" / "opensearch-knn")
    return unfinished.rename(folder)


def _copy_jars(profile: str, folder: Path) -> None:
    print(f"  {profile}", flush=True)
    _run_maven("-P", profile, "dependency:copy-dependencies", f"-DoutputDirectory={folder}")


def _add_module(name: str, folder: Path, common: set[str]) -> None:
    _copy_jars(name, folder)
    for jar in folder.iterdir():
        if jar.name in common:
            jar.unlink()
    main, extended, permissions = MODULES[name]
    described = {"classname": main, "extended.plugins": extended, "has.native.controller": "false"}
    described |= {"name": name, "description": name, "version": read_version(), "java.version": "11"}
    described |= {"opensearch.version": read_version()}
    lines = "".join(f"{key}={value}\n" for key, value in described.items())
    (folder / "plugin-descriptor.properties").write_text(lines)
    granted = [f"java.lang.{permission}" for permission in permissions]
    granted += _NETWORK if name == "transport-netty4" else ()
    if granted:
        grants = "".join(f"  permission {permission};\n" for permission in granted)
        (folder / "plugin-security.policy").write_text(f"grant {{\n{grants}}};\n")


def _unpack(plugin: str, folder: Path) -> None:
    print(f"  {plugin}", flush=True)
    artifact = f"org.opensearch.plugin:{plugin}:{read_version()}.0:zip"
    _run_maven("dependency:unpack", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}")


def _run_maven(*arguments: str) -> None:
    with tempfile.TemporaryDirectory() as build:
        command = ["mvn", "--batch-mode", "--quiet", "--file", str(POM), f"-Dbuild={build}", *arguments]
        run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        raise CannotAssemble(f"{' '.join(command)} failed:\n{(run.stdout + run.stderr)[-2000:]}")


class OpenSearch:
    """One node that listens on loopback only and keeps nothing."""

    def __init__(self, installation: Path, folder: Path, port: int | None = None) -> None:
        """``folder`` must be one that everybody may enter; ``remove`` removes it."""
        self._outer = folder
        self._folder = home = folder / "home"
        self._port = port or find_ports(1)[0]
        shutil.copytree(installation, home)
        (home / "config").mkdir()
        (home / "config" / "log4j2.properties").write_text(_LOGGING)
        (home / "config" / "opensearch.yml").write_text(self._settings())
        for name in ("data", "logs", "tmp"):
            (home / name).mkdir()
        self._processes = Processes(home / "logs")

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> float:
        """Start it, or start it again with what it holds; return the seconds until it was ready."""
        user: tuple[str, ...] = ()
        if os.geteuid() == 0:
            self._give_away()
            user = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
        return self._processes.start("opensearch", *user, *self._command(), ready=self._is_ready)

    def stop(self) -> None:
        """Stop it; what it holds stays until ``remove``."""
        self._processes.stop("opensearch")

    def remove(self) -> None:
        """Stop it and remove its files."""
        self.stop()
        shutil.rmtree(self._outer)

    def pid(self) -> int:
        """The number of its process."""
        return self._processes.number("opensearch")

    def _settings(self) -> str:
        paths = {f"path.{name}": self._folder / name for name in ("data", "logs")}
        settings = {
            "cluster.name": "kubewhy-tests",
            "node.name": "local",
            "network.host": "127.0.0.1",
            "http.port": self._port,
            "transport.port": find_ports(1)[0],
            "discovery.type": "single-node",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            "knn.algo_param.index_thread_qty": 1,
            **paths,
        }
        return "".join(f"{key}: {value}\n" for key, value in settings.items())

    def _command(self) -> tuple[str, ...]:
        options = {
            "opensearch.path.home": self._folder,
            "opensearch.path.conf": self._folder / "config",
            "opensearch.distribution.type": "tar",
            "opensearch.bundled_jdk": "false",
            "opensearch.networkaddress.cache.ttl": 60,
            "java.io.tmpdir": self._folder / "tmp",
            "java.security.manager": "allow",
            "log4j2.disable.jmx": "true",
            "jdk.io.permissionsUseCanonicalPath": "true",
        }
        defined = (f"-D{key}={value}" for key, value in options.items())
        heap = (f"-Xms{HEAP}", f"-Xmx{HEAP}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4")
        main = ("-cp", f"{self._folder}/lib/*", "org.opensearch.bootstrap.OpenSearch")
        return ("java", *heap, "--add-modules=jdk.incubator.vector", *defined, *main)

    def _give_away(self) -> None:
        for path in (self._folder, *self._folder.rglob("*")):
            os.chown(path, int(NOBODY), int(NOBODY))

    def _is_ready(self) -> bool:
        try:
            health = httpx.get(f"{self.url}/_cluster/health", timeout=2).json()
        except (httpx.HTTPError, ValueError):
            return False
        return health.get("status") in ("green", "yellow")


def make_folder() -> Path:
    """A new folder for one, where every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="kubewhy-opensearch-"))
    folder.chmod(0o755)
    return folder
