"""Where a program says that it listens."""

import re

from agents.playbook.scene import Scene
from domain.objects import ObjectRef
from tools.cluster.pods import Container

_LISTENING = re.compile(
    r"(?i)\b(?:listen\w*|serving|bound|running|started|exposed)\b[^\n]{0,60}?\b(?:on|at|to|port)\b[^\n]{0,40}?"
    r"(?<![\d.])(\d{2,5})(?![\d.]*\d)(?!\s*(?:ms|s|sec|seconds|min|workers|threads|pid)\b)"
)
_LOWEST, _HIGHEST = 80, 65535


def heard_ports(pod: ObjectRef, container: Container, scene: Scene) -> set[int]:
    """The ports that the lines seen of a container's log say it listens on."""
    lines = scene.log_lines(pod, container.name)
    ports = {int(found[1]) for line in lines if (found := _LISTENING.search(line.text))}
    return {port for port in ports if _LOWEST <= port <= _HIGHEST}
