"""What the sandbox holds, tried for real."""

import sys
from pathlib import Path

import pytest

from netgrade.facts.model import Facts
from netgrade.messages import Task
from netgrade.sandbox import isolation
from netgrade.sandbox.client import SandboxError, Server
from netgrade.sandbox.doctor import Attempt, Diagnosis, diagnose, table


@pytest.mark.skipif(bool(isolation.missing()), reason="this system lacks a part of the isolation")
def test_everything_comes_out_as_it_should() -> None:
    diagnosis = diagnose("require")
    assert [attempt for attempt in diagnosis.attempts if not attempt.right] == []
    assert [name.split()[0] for name in diagnosis.held] == ["landlock", "seccomp", "limits"]
    assert sum(attempt.should == "work" for attempt in diagnosis.attempts) == 6
    assert sum(attempt.should == "fail" for attempt in diagnosis.attempts) == 35


@pytest.mark.skipif(bool(isolation.missing()), reason="this system lacks a part of the isolation")
def test_a_real_network_is_captured_with_everything_in_force() -> None:
    task = Task(path=str(Path(__file__).parents[2] / "models" / "netv3.py"))
    with Server.start(isolation="require") as server:
        server.submit(task)
        examined = server.result(task)
    (facts,) = examined.networks
    assert isinstance(facts, Facts)
    assert facts.total == 13_808
    assert [name.split()[0] for name in examined.sandbox] == ["landlock", "seccomp", "limits"]


@pytest.mark.skipif(sys.platform != "linux", reason="only there is anything attempted")
def test_the_attempts_succeed_where_nothing_holds() -> None:
    diagnosis = diagnose("off")
    assert diagnosis.held == ("limits",)
    came = {attempt.what: attempt.error for attempt in diagnosis.attempts}
    for what in (
        "read someone else's file",
        "change the submission",
        "fork",
        "connect to a port",
        "signal another process",
    ):
        assert came[what] == "", what


def test_the_table_says_what_is_wrong() -> None:
    attempts = (
        Attempt(what="read the submission", should="work", error=""),
        Attempt(what="fork", should="fail", error="PermissionError: no"),
        Attempt(what="open a socket", should="fail", error=""),
        Attempt(what="start a thread", should="work", error="RuntimeError: no"),
    )
    assert (
        table(Diagnosis(held=("limits",), attempts=attempts))
        == """\
sandbox: limits

  ✓ read the submission  works
  ✓ fork                 refused: PermissionError: no
  ✗ open a socket        works   ← should fail
  ✗ start a thread       refused: RuntimeError: no   ← should work

2 of 4 as they should be"""
    )


def test_require_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netgrade.sandbox.landlock.version", lambda: 0)
    monkeypatch.setattr("netgrade.sandbox.seccomp.available", lambda: False)
    with pytest.raises(SandboxError) as raised:
        Server.start(isolation="require")
    assert str(raised.value) == (
        "--sandbox require: this system has no landlock (Linux 5.13 or later), "
        "no seccomp (Linux on x86_64 or aarch64); use --sandbox auto"
    )
