"""Holds the sample submissions to hand-written tests and to netgrade, and counts what each gets wrong.

    python tests/benchmarks/comparison.py

writes `comparison.json` beside this file, and the table of docs/comparison.md that is made of it; `--table` writes the
table alone. With `--every N` it prints what the hand-written tests get wrong in every Nth sample, and writes nothing.

What is right stands in the first line of each sample. A hand-written test runs the sample's code, so it does that in a
process of its own, with a time limit; of the cheats only those take part that do no harm there.
"""

import argparse
import importlib.util
import json
import multiprocessing
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from suites import SUITES

from netgrade import assignment
from netgrade.facts.model import Facts
from netgrade.grading import judge
from netgrade.messages import Task
from netgrade.sandbox.client import Server

_TESTS = Path(__file__).parents[1]
_JSON = Path(__file__).with_suffix(".json")
_PAGE = _TESTS.parent / "docs" / "comparison.md"
_BEGIN, _END = "<!-- comparison -->\n", "<!-- end of comparison -->\n"
_THEMES = ("architecture", "budget", "forward", "output", "pooling", "presence")
_HARMLESS = ("class_overridden", "modules_overridden", "numel_overridden", "state_dict_overridden")
"""Cheats that change nothing but their own network."""
_LINE = re.compile(r"# breaks: ([a-z-]+(?:, [a-z-]+)*)(?: \([a-z]+\))?(?: \[([\w-]+)\])? — ")
_SECONDS = 120.0
NETGRADE = "netgrade"


class Sample(NamedTuple):
    """A submission, and the rules that it breaks."""

    name: str
    path: Path
    broken: frozenset[str]


def samples() -> list[Sample]:
    """Return the samples for `mnist-20k`, also those that can't be graded."""
    paths = [path for theme in _THEMES for path in sorted((_TESTS / "submissions" / theme).glob("*.py"))]
    paths += sorted((_TESTS / "cheats" / "honest").glob("*.py"))
    paths += [_TESTS / "cheats" / "verdict" / f"{name}.py" for name in _HARMLESS]
    return list(_declared(paths))


def _declared(paths: Iterable[Path]) -> Iterator[Sample]:
    for path in paths:
        line = _LINE.match(path.read_text(encoding="utf-8"))
        if line is None:
            raise ValueError(f"{path}: the first line declares nothing")
        if line[2] is None:
            yield Sample(path.relative_to(_TESTS).as_posix(), path, frozenset(line[1].split(", ")))


def by_hand(sample: Sample) -> dict[str, list[str]]:
    """Return the forms of the hand-written tests that pass a sample, by rule; none if its code ends the process."""
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(sample.path, sender), daemon=True)
    child.start()
    sender.close()
    try:
        told = receiver.recv_bytes() if receiver.poll(_SECONDS) else b"{}"  # a sample's bytes are never unpickled
    except EOFError:
        told = b"{}"
    child.kill()
    child.join()
    return dict(json.loads(told))


def _child(path: Path, sender: Connection) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sender.send_bytes(json.dumps(_passes(path)).encode())


def _passes(path: Path) -> dict[str, list[str]]:
    specification = importlib.util.spec_from_file_location("submission", path)
    if specification is None or specification.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(specification)
    sys.modules["submission"] = module
    specification.loader.exec_module(module)
    network, text = module.Net(), path.read_text(encoding="utf-8")
    return {
        rule: [form for form, check in forms.items() if _holds(check, network, text)] for rule, forms in SUITES.items()
    }


def _holds(check: Any, network: Any, text: str) -> bool:  # noqa: ANN401 - a sample may give anything
    try:
        return bool(check(network, text))
    except Exception:  # noqa: BLE001 - an exception in a test is a failed test
        return False


def by_netgrade(chosen: list[Sample]) -> dict[str, list[str]]:
    """Return the rules that netgrade sees broken in each sample, by its name; `loads` alone if it can't be graded."""
    held = assignment.load("mnist-20k", folder=_TESTS)
    tasks = {
        each.name: Task(path=str(each.path), input_shape=held.input_shape, classes=held.classes, timeout=_SECONDS)
        for each in chosen
    }
    with Server.start() as server:
        for task in tasks.values():
            server.submit(task)
        return {name: _broken(server.result(task).networks[0], held) for name, task in tasks.items()}


def _broken(network: Any, held: assignment.Assignment) -> list[str]:  # noqa: ANN401 - facts or a failure
    if not isinstance(network, Facts):
        return ["loads"]
    return [each.rule for each in judge(network, held) if each.outcome in ("failed", "warned", "error")]


def wrong(chosen: list[Sample], *, with_netgrade: bool) -> dict[str, dict[str, dict[str, list[str]]]]:
    """Return for each rule and each form of a test the samples that it passes or fails, and should not."""
    hands = {each.name: by_hand(each) for each in chosen}
    seen = by_netgrade(chosen) if with_netgrade else {}
    passed = {
        rule: {form: {name for name, passes in hands.items() if form in passes.get(rule, ())} for form in forms}
        for rule, forms in SUITES.items()
    }
    if with_netgrade:
        for rule, forms in passed.items():
            forms[NETGRADE] = {name for name, broken in seen.items() if not {rule, "loads"} & {*broken}}
    return {
        rule: {form: _faults(chosen, rule, names) for form, names in forms.items()} for rule, forms in passed.items()
    }


def _faults(chosen: list[Sample], rule: str, passed: set[str]) -> dict[str, list[str]]:
    return {
        "false passes": [each.name for each in chosen if rule in each.broken and each.name in passed],
        "false failures": [each.name for each in chosen if rule not in each.broken and each.name not in passed],
    }


def table(measured: dict[str, Any]) -> str:
    """Return the table of docs/comparison.md."""
    lines = ["| Test | False passes | False failures |", "| --- | --: | --: |"]
    for rule, forms in measured["wrong"].items():
        counts = measured["samples"][rule]
        lines.append(f"| **{rule}**: {counts['keep']:,} keep it, {counts['break']:,} break it | | |")
        for form, faults in forms.items():
            figures = [f"{len(faults[kind]):,}" for kind in ("false passes", "false failures")]
            lines.append(f"| {form if form == NETGRADE else f'`{form}`'} | {' | '.join(figures)} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure, and write or print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="store_true", help="only make the table of the stored counts")
    parser.add_argument("--every", type=int, metavar="N", help="print what every Nth sample gives by hand")
    options = parser.parse_args()
    if options.table:
        _write_table(json.loads(_JSON.read_text(encoding="utf-8")))
        return
    every = options.every
    declared = samples()
    chosen = [each for each in declared if "loads" not in each.broken]
    if every:
        part = chosen[::every]
        found = {"names": [each.name for each in part], "wrong": wrong(part, with_netgrade=False)}
        sys.stdout.write(json.dumps(found) + "\n")
        return
    breaking = {rule: sum(rule in each.broken for each in chosen) for rule in SUITES}
    measured = {
        "graded": len(chosen),
        "refused": len(declared) - len(chosen),
        "samples": {rule: {"keep": len(chosen) - count, "break": count} for rule, count in breaking.items()},
        "wrong": wrong(chosen, with_netgrade=True),
    }
    _JSON.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    _write_table(measured)


def _write_table(measured: dict[str, Any]) -> None:
    before, _, rest = _PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _PAGE.write_text(f"{before}{_BEGIN}\n{table(measured)}\n{_END}{rest.partition(_END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
