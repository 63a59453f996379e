"""Root file systems made of Debian's packages, in the place of the images that a registry would give."""

import os
import shutil
import subprocess
from pathlib import Path

RELEASE = "bookworm"
DISTROLESS = (
    *("base-files", "ca-certificates", "gcc-12-base", "libbz2-1.0", "libc-bin", "libc6", "libcom-err2"),
    *("libcrypt1", "libdb5.3", "libexpat1", "libffi8", "libgcc-s1", "libgssapi-krb5-2"),
    *("libk5crypto3", "libkeyutils1", "libkrb5-3", "libkrb5support0", "liblzma5", "libncursesw6", "libnsl2"),
    *("libpython3-stdlib", "libpython3.11-minimal", "libpython3.11-stdlib", "libreadline8", "libsqlite3-0"),
    *("libssl3", "libstdc++6", "libtinfo6", "libtirpc3", "libuuid1", "media-types"),
    *("python3-minimal", "python3.11-minimal", "readline-common", "tzdata", "zlib1g"),
)
"""What gcr.io/distroless/python3-debian12 is made of, but for two packages that nothing here takes."""

_USERS = "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n"
_MERGED = ("bin", "lib", "lib64", "sbin")


def make_debian(folder: Path) -> Path:
    """Debian with what it calls essential, and apt: what ``debian:12-slim`` is, with its documentation."""
    if folder.exists():
        return folder
    unfinished = folder.with_name(f".{folder.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    listed = ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"]
    site = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split()[0]
    command = ["debootstrap", "--variant=minbase", RELEASE, str(unfinished), site]
    subprocess.run(command, check=True, capture_output=True)
    unfinished.rename(folder)
    return folder


def make_distroless(debian: Path, folder: Path) -> Path:
    """Debian's Python and what it takes, and nothing else: no shell, no package manager."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in _MERGED:
        (folder / "usr" / name).mkdir(parents=True)
        (folder / name).symlink_to(f"usr/{name}")
    listed = ["dpkg-query", f"--admindir={debian}/var/lib/dpkg", "--listfiles", *DISTROLESS]
    paths = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.splitlines()
    for path in sorted({*paths, "/etc/ssl/certs/ca-certificates.crt", "/etc/ld.so.cache"}):
        _copy(debian / path.lstrip("/"), folder / path.lstrip("/"))
    for name, mode in (("tmp", 0o1777), ("proc", 0o755), ("dev", 0o755), ("sys", 0o755), ("etc", 0o755)):
        (folder / name).mkdir(exist_ok=True)
        (folder / name).chmod(mode)
    (folder / "etc/passwd").write_text(_USERS)
    (folder / "etc/group").write_text("root:x:0:\nnonroot:x:65532:\n")
    return folder


def _copy(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(target):
            target.symlink_to(source.readlink())
    elif source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif source.exists() and "/share/doc/" not in str(source) and "/share/man/" not in str(source):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
