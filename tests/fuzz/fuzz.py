"""Fuzzes the trusted side with mutated captures: no crash, no hang, only Refused is raised, memory keeps its limit.

    python tests/fuzz/fuzz.py --seconds 600 --keep findings
    python tests/fuzz/fuzz.py --engine atheris --seconds 600   (pip install atheris)

A worker does the work and is started again after each finding. Exits with 1 if there was any.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import board

from netgrade.sandbox import limits

_HERE = Path(__file__).parent


def main() -> int:
    """Run workers until the time or the number is spent, and print what came of it."""
    options = _options()
    options.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seeds").mkdir()
        command = [sys.executable, _HERE / "seeds.py", folder / "seeds"]
        subprocess.run(command, check=True)  # noqa: S603 - our own script
        with board.Board(folder / "board") as shown:
            findings = _fuzz(options, folder, shown)
            _report(shown, findings, options)
    return 1 if findings else 0


def _fuzz(options: argparse.Namespace, folder: Path, shown: board.Board) -> list[str]:
    findings: list[str] = []
    until, seed = time.monotonic() + options.seconds, options.seed
    while time.monotonic() < until and shown.state[0] < options.count:
        said = folder / "said"
        with said.open("wb") as output:
            command = [sys.executable, _HERE / "worker.py", options.engine, folder, str(seed)]
            process = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603 - the same
        how = _watch(process, shown, until, options)
        if how:
            path = options.keep / f"{options.engine}-{options.seed}-{len(findings)}"
            path.with_suffix(".blob").write_bytes(shown.blob)
            path.with_suffix(".txt").write_text(how + "\n" + said.read_text(errors="replace")[-4000:])
            findings.append(f"{path}: {how}: {_last_line(said)}")
            _say(findings[-1])
        seed += 1
    return findings


def _watch(process: subprocess.Popen[bytes], shown: board.Board, until: float, options: argparse.Namespace) -> str:
    """Wait for the end of a worker or of the time, and say what was wrong."""
    at, since = shown.state[0], time.monotonic()
    while process.poll() is None:
        time.sleep(0.2)
        now = time.monotonic()
        if shown.state[0] != at:
            at, since = shown.state[0], now
        slow = shown.state[4] and now - since > options.hang
        if slow or now > until or at >= options.count:
            process.kill()
            process.wait()
            return f"took longer than {options.hang:g} s" if slow else ""
    return f"ended with {process.returncode}"


def _last_line(path: Path) -> str:
    lines = [line for line in path.read_text(errors="replace").splitlines() if line and not line.startswith("=")]
    return lines[-1][:200] if lines else ""


def _report(shown: board.Board, findings: list[str], options: argparse.Namespace) -> None:
    begun, counts, longest, peak, _ = shown.state
    _say(f"{begun:,} mutants ({options.engine}, seed {options.seed})")
    for stage, count in counts.items():
        _say(f"  {count:>9,}  {stage if stage == 'graded' else 'refused ' + stage}")
    allowed = limits.MEMORY // limits.MIB
    _say(f"longest {longest:.2f} s; peak {peak / 1024:,.0f} MiB, of {allowed:,} allowed above the start")
    _say(f"{len(findings)} findings")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("random", "atheris"), default="random")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--count", type=int, default=10**9, help="mutants in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hang", type=float, default=limits.EXAMINE, help="seconds after which a mutant hangs")
    parser.add_argument("--keep", type=Path, default=Path("findings"), help="folder for mutants that were findings")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
