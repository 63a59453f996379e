"""kubectl as a language, never as a shell: parsed, checked, carried out on a ``ClusterReader``."""

from tools.kubectl.command import KubectlCommand
from tools.kubectl.executor import CommandOutput, Kubectl

__all__ = ["CommandOutput", "Kubectl", "KubectlCommand"]
