"""Commands in a folder as the root of all files: to build in it, or as a container would run them."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_CHROOT = """
root=$1; shift
mount --bind /dev "$root/dev"; mount -t proc proc "$root/proc"
for pair in $BORROWED; do
  place=${pair%=*}; target=$root${pair#*=}
  mkdir -p "$(dirname "$target")"
  if [ -d "$place" ]; then mkdir -p "$target"; else [ -e "$target" ] || : > "$target"; fi
  mount --bind "$place" "$target"
done
exec chroot "$root" "$@"
"""

_CONTAINER = """
root=$1; user=$2; shift 2
mount --bind "$root" "$root"; mount --bind /dev "$root/dev"; mount -t proc proc "$root/proc"
for place in $WRITABLE; do mount -t tmpfs -o mode=1777 tmpfs "$root$place"; done
mount -o remount,ro,bind "$root"
exec unshare --root="$root" --wd="$WORKDIR" --setuid="${user%:*}" --setgid="${user#*:}" "$@"
"""


@dataclass(frozen=True)
class Built:
    """A stage's files, and how a container of it starts."""

    folder: Path
    environment: dict[str, str]
    command: tuple[str, ...]
    arguments: tuple[str, ...]
    user: str
    workdir: str


def run_inside(root: Path, environment: dict[str, str], script: str) -> str:
    """Run a shell script in a folder as the root of all files; what it prints.

    Package clients are told what this machine's are: their settings, and the files those name.

    Raises:
        CalledProcessError: it failed; what it said is in its notes.
    """
    settings, borrowed = _read_machine()
    done = subprocess.run(
        ["unshare", "--mount", "--propagation=private", "sh", "-ec", _CHROOT, "sh", root]
        + ["/usr/bin/env", "-i", *(f"{name}={value}" for name, value in (settings | environment).items())]
        + ["/bin/sh", "-ec", script],
        env={"PATH": os.environ["PATH"], "BORROWED": " ".join(borrowed)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        error = subprocess.CalledProcessError(done.returncode, script, done.stdout, done.stderr)
        error.add_note(done.stderr[-2000:])
        raise error
    return done.stdout


def start_container(
    built: Built, *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start what a stage starts, as its user; only /tmp and its working directory can be written to."""
    command = [*built.command, *(arguments or built.arguments)]
    told = {"WRITABLE": " ".join({"/tmp", built.workdir}), "WORKDIR": built.workdir}  # noqa: S108
    told |= built.environment | {"PATH": os.environ["PATH"]} | (environment or {})
    enter = ["unshare", "--mount", "--propagation=private", "sh", "-ec", _CONTAINER, "sh"]
    return subprocess.Popen(
        [*enter, built.folder, built.user, *command],
        env=told,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _read_machine() -> tuple[dict[str, str], list[str]]:
    """This machine's settings of pip, and the files of its package clients with their places in a chroot.

    A file that a setting names is put aside: packages have files of the same names.
    """
    settings, borrowed = {}, []
    for place in ("/etc/apt", "/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf"):
        borrowed += [f"{place}={place}"] if Path(place).exists() else []
    for name, value in os.environ.items():
        if name.startswith("PIP_"):
            aside = f"/run/borrowed/{name}"
            there = value.startswith("/") and Path(value).exists()
            settings[name] = aside if there else value
            borrowed += [f"{value}={aside}"] if there else []
    return settings, borrowed
