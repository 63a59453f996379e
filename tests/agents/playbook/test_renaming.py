"""Nothing is tied to a name: the recorded incidents are diagnosed the same with every name changed."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from domain.objects import KubeObject
from evals.dataset import load_cases
from evals.run import run
from tools.incidents import INCIDENTS

GENERATED = re.compile(r"[bcdfghjklmnpqrstvwxz2456789]+")
"""The letters of generated names: they are left as they are."""

MEANT_ELSEWHERE = set(
    [
        "api",
        "app",
        "apps",
        "batch",
        "class",
        "cluster",
        "config",
        "container",
        "critical",
        "cron",
        "crt",
        "data",
        "db",
        "default",
        "endpoint",
        "env",
        "event",
        "first",
        "high",
        "host",
        "image",
        "index",
        "init",
        "job",
        "jobs",
        "key",
        "kube",
        "last",
        "lease",
        "limit",
        "limits",
        "load",
        "local",
        "log",
        "main",
        "memory",
        "node",
        "null",
        "path",
        "pod",
        "pods",
        "port",
        "prod",
        "proxy",
        "public",
        "quota",
        "range",
        "ready",
        "release",
        "replica",
        "root",
        "run",
        "scheduler",
        "secret",
        "server",
        "service",
        "set",
        "settings",
        "spec",
        "standard",
        "state",
        "status",
        "storage",
        "system",
        "team",
        "test",
        "time",
        "token",
        "volume",
        "wait",
        "web",
    ]
)
"""Words of names that are also words of Kubernetes, of kubectl or of plain talk."""


def list_objects(folder: Path) -> Iterator[KubeObject]:
    for path in (folder / "cluster").rglob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        yield from content.get("items", [])


def list_words(folder: Path) -> tuple[set[str], set[str]]:
    """The words of which the names in a recording are made, and those of them that stay as they are."""
    named = [item for item in list_objects(folder) if item.get("kind") != "Event"]
    names = [item["metadata"]["name"] for item in named if "name" in item.get("metadata", {})]
    fields = {w.lower() for item in named for w in re.findall(r"[A-Z]?[a-z]+", json.dumps(list(keys(item))))}
    words = {word for name in names for word in re.split(r"[-.]", name) if word.isalpha() and len(word) > 2}
    changed = {word for word in words - fields - MEANT_ELSEWHERE if not GENERATED.fullmatch(word)}
    return changed, words - changed


def keys(value: object) -> Iterator[str]:
    """Every field name below a value, but for those that people choose."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield key
            if key not in ("labels", "annotations", "data", "matchLabels", "selector", "nodeSelector"):
                yield from keys(below)
    elif isinstance(value, list):
        for item in value:
            yield from keys(item)


def invent(words: set[str], chance: random.Random) -> dict[str, str]:
    """For each word another of about its length, each a different one."""
    invented: dict[str, str] = {}
    while len(invented) < len(words):
        word = sorted(words)[len(invented)]
        length = max(3, (len(word) + 1) // 2)
        new = "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(length))
        if new not in invented.values():
            invented[word] = new
    return invented


class Renamer:
    """Replaces words in texts; in questions also the stem of one (``thumbnailer``: ``thumbnails``)."""

    def __init__(self, names: dict[str, str], kept: set[str]) -> None:
        self._names = names
        stems = {word[:-2]: new for word, new in names.items() if len(word) > 6}
        clear = {stem: new for stem, new in stems.items() if not any(word.startswith(stem) for word in kept)}
        self._stems = clear | names

    def rename(self, text: str) -> str:
        return self._replace(text, self._names, r"(?![a-z])")

    def reword(self, text: str) -> str:
        """An ``incident.yaml``: only its title and question are in people's words."""
        return re.sub(
            r"(?ms)^(?:title|question): .*?(?=^\w)",
            lambda said: self._replace(said[0], self._stems, ""),
            self.rename(text),
        )

    def _replace(self, text: str, names: dict[str, str], end: str) -> str:
        if not names:
            return text
        longest_first = sorted(names, key=len, reverse=True)
        pattern = re.compile(rf"(?i)(?<![a-z])({'|'.join(map(re.escape, longest_first))}){end}")
        return pattern.sub(lambda found: _in_case_of(found[0], names[found[0].lower()]), text)


def _in_case_of(old: str, new: str) -> str:
    if old.isupper():
        return new.upper()
    return new.capitalize() if old[0].isupper() else new


def copy_renamed(incident: Path, target: Path, seed: int) -> dict[str, str]:
    """A recording with other names, in file names too; returns the new name of each word."""
    words, kept = list_words(incident)
    names = invent(words, random.Random(f"{seed}/{incident.name}"))  # noqa: S311
    renamer = Renamer(names, kept)
    for path in incident.rglob("*"):
        if path.is_dir():
            continue
        where = path.relative_to(incident)
        folder = Path(renamer.rename(str(where.parent)))
        name = where.name if path.suffix in (".json", ".yaml") else renamer.rename(where.name)
        text = path.read_text(encoding="utf-8")
        change = renamer.reword if path.name == "incident.yaml" else renamer.rename
        (target / folder).mkdir(parents=True, exist_ok=True)
        (target / folder / name).write_text(change(text), encoding="utf-8")
    return names


async def test_renamed_incidents_are_diagnosed_right(tmp_path: Path) -> None:
    changed = {
        incident.name: copy_renamed(incident, tmp_path / incident.name, seed=1)
        for incident in sorted(INCIDENTS.iterdir())
        if (incident / "incident.yaml").exists()
    }

    result = await run(load_cases(folder=tmp_path))

    assert all(len(names) > 3 for names in changed.values()), changed
    wrong = {c.id: [s for s in c.scores if not s.right] or c.summary for c in result.cases if not c.right}
    assert not wrong
    assert len(result.cases) == len(changed) > 16
