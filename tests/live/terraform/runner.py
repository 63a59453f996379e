"""Terraform on a copy of the modules, with the providers that this machine has, else the registry's."""

import os
import platform
import subprocess
from pathlib import Path

from tests.live.build import build

ROOT = Path(__file__).parents[3]
PROVIDERS = {
    "terraform/providers": {"terraform-provider-helm": "github.com/hashicorp/terraform-provider-helm"}
}
HELM_VERSION = "3.2.0"
"""What the provider of that module is called: Go's own name of it is a commit."""

_ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]

MIRRORS = (
    Path("/opt/tf-plugins"),
    Path("/usr/local/share/terraform/plugins"),
    Path("~/.terraform.d/plugins").expanduser(),
)
HOST = "registry.terraform.io"


class TerraformFailed(AssertionError):
    """It ended with another code than 0; the text is what it printed."""


def mirror_helm_provider(folder: Path) -> Path:
    """Build the Helm provider from its Go module, once, and return a mirror that holds it."""
    program = build(PROVIDERS) / "terraform-provider-helm"
    place = folder / "mirror" / HOST / "hashicorp" / "helm" / HELM_VERSION / f"linux_{_ARCHITECTURE}"
    place.mkdir(parents=True)
    (place / f"terraform-provider-helm_v{HELM_VERSION}").symlink_to(program)
    return folder / "mirror"


def describe_mirrors(folder: Path) -> Path:
    """Terraform's own configuration: what a mirror holds comes from there, the rest from the registry."""
    mirrors = [path for path in (*MIRRORS, mirror_helm_provider(folder)) if path.is_dir()]
    found = sorted(
        {
            f"{HOST}/{path.parent.name}/{path.name}"
            for mirror in mirrors
            for path in mirror.glob(f"{HOST}/*/*")
        }
    )
    sources = ", ".join(f'"{source}"' for source in found)
    blocks = [f'  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n' for mirror in mirrors]
    text = f"provider_installation {{\n{''.join(blocks)}  direct {{\n    exclude = [{sources}]\n  }}\n}}\n"
    path = folder / "terraformrc"
    path.write_text(text)
    return path


class Terraform:
    """Runs in one folder of a copy; nothing of this machine's AWS configuration is used."""

    def __init__(self, copy: Path, settings: Path) -> None:
        self.copy = copy
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))},
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(copy / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(copy / "none"),
        }

    def run(self, folder: Path, *words: str) -> str:
        """What it printed.

        Raises:
            TerraformFailed: it did not end well.
        """
        done = subprocess.run(
            ["terraform", words[0], "-no-color", *words[1:]],
            cwd=self.copy / folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if done.returncode:
            raise TerraformFailed(f"terraform {' '.join(words)} in {folder}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def init(self, folder: Path) -> None:
        """Take the providers; nothing is kept but what a copy holds."""
        self.run(folder, "init", "-input=false", "-backend=false")
