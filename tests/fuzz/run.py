"""Coverage-guided fuzzing for a bounded time: ``python -m tests.fuzz.run [TARGET...] --seconds 60``.

Each target runs in a process of its own, since libFuzzer ends the one that it runs in. An input that breaks a
promise is left in ``--out``; put it into ``cases/TARGET/`` once it is mended, and it will be tried for ever.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

HOUSE = Path(__file__).parents[2]
CASES = Path(__file__).with_name("cases")
KUBECTL = HOUSE / "tests" / "tools" / "kubectl"
TARGETS = ("command", "expression", "redaction", "transcript")


def list_seeds(target: str) -> list[bytes]:
    """Inputs to start from: everything that was written down for the target, in tests and in cases."""
    seeds = [path.read_bytes() for path in sorted(CASES.glob(f"{target}/*")) if path.is_file()]
    if target in ("command", "expression"):
        hostile = yaml.safe_load((KUBECTL / "hostile.yaml").read_text(encoding="utf-8"))
        accepted = yaml.safe_load((KUBECTL / "accepted.yaml").read_text(encoding="utf-8"))
        lines = [line for rows in hostile.values() for line, _ in rows] + [c["line"] for c in accepted]
        if target == "expression":
            lines = [word.partition("=")[2] for line in lines for word in line.split(" ") if "=" in word]
        seeds += [line.encode("utf-8", "surrogatepass") for line in lines]
    return seeds


def fuzz(target: str, corpus: Path, out: Path, seconds: int) -> None:
    """Run one target in this process, and end it."""
    import atheris

    with atheris.instrument_imports(include=["tools", "jsonpath"]):
        from tests.fuzz.targets import MOST_BYTES, TARGETS

    options = [f"-max_total_time={seconds}", f"-max_len={MOST_BYTES}", "-timeout=20", "-rss_limit_mb=2048"]
    options += [f"-artifact_prefix={out}/{target}-", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGETS[target])
    atheris.Fuzz()


def start(target: str, seconds: int, out: Path) -> int:
    """Run one target in a process of its own; its exit code, 0 when every promise was kept."""
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(list_seeds(target)):
            (Path(folder) / str(number)).write_bytes(seed)
        words = ["--seconds", str(seconds), "--out", str(out), "--corpus", folder]
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.run", target, *words], cwd=HOUSE, check=False
        )
    return done.returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; none: all")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--out", type=Path, default=Path("build/fuzz"), help="where failing inputs are left")
    parser.add_argument("--corpus", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    if chosen.corpus is not None:
        fuzz(chosen.targets[0], chosen.corpus, chosen.out, chosen.seconds)
        return 0
    unknown = set(chosen.targets) - set(TARGETS)
    if unknown:
        parser.error(f"no target is called {', '.join(sorted(unknown))}: there are {', '.join(TARGETS)}")
    codes = [start(target, chosen.seconds, chosen.out) for target in chosen.targets or TARGETS]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
