"""What is made of a capture child's words, without any process. The order of the words is tried in test_server.py."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgrade.messages import Captured, Failure, Found, Frame, Task
from netgrade.sandbox.conversation import Conversation, LieError, decode, overtime, silence
from netgrade.sandbox.protocol import Hello

HELLO = Hello(sandbox=("limits",))
FOUND = Found(candidates=("A", "B"), way="whole file")


def heard(*messages: msgspec.Struct, network: str | None = None) -> Conversation:
    conversation = Conversation(Task(path="/a.py", network=network, timeout=2.5))
    for message in messages:
        conversation.hear(msgspec.msgpack.encode(message))
    return conversation


def test_what_it_is_doing() -> None:
    assert heard().doing() == "starting"
    assert heard(HELLO).doing() == "loading the file"
    assert heard(HELLO, FOUND).doing() == "capturing A (1 of 2)"
    assert heard(HELLO, FOUND, Captured(network="A", blob=b"")).doing() == "capturing B (2 of 2)"
    assert heard(HELLO, FOUND, network="B").doing() == "capturing B"


def test_it_is_over_when_every_network_was_named() -> None:
    captured = Captured(network="A", blob=b""), Failure(stage="forward", network="B", message="no")
    assert not heard(HELLO, FOUND, captured[0]).over
    assert heard(HELLO, FOUND, *captured).over
    assert heard(HELLO, FOUND, captured[0], network="A").over
    assert heard(HELLO, Failure(stage="load", message="no")).over


@pytest.mark.parametrize("first", [FOUND, Captured(network="A", blob=b""), Failure(stage="load", message="no")])
def test_nothing_comes_before_the_greeting(first: msgspec.Struct) -> None:
    with pytest.raises(LieError, match="which was not its turn"):
        heard(first)


def test_a_second_greeting() -> None:
    with pytest.raises(LieError, match="a greeting, which was not its turn"):
        heard(HELLO, Hello(sandbox=("everything",)))


def test_the_network_asked_for_is_not_among_those_found() -> None:
    with pytest.raises(LieError, match="a list of networks without C"):
        heard(HELLO, FOUND, network="C")


def test_a_long_traceback_keeps_its_innermost_frames() -> None:
    frames = tuple(Frame(file="f" * 5000, line=line, code="c" * 5000) for line in range(900))
    failure = decode(msgspec.msgpack.encode(Failure(stage="load", message="m", frames=frames)))
    assert isinstance(failure, Failure)
    assert [frame.line for frame in failure.frames] == list(range(850, 900))
    assert {len(frame.file) for frame in failure.frames} == {len(frame.code) for frame in failure.frames} == {2000}


def test_the_first_process_never_came() -> None:
    assert overtime(heard()).message == "no process was ready for the submission in 120 s"


def test_silence_before_and_after_the_networks_are_known() -> None:
    assert silence(heard(HELLO), 3).network is None
    assert silence(heard(HELLO, network="B"), 3).network == "B"
    failure = silence(heard(HELLO, FOUND, Captured(network="A", blob=b"")), -6)
    assert failure.network == "B"
    assert failure.message == "the submission's process ended with signal 6 (SIGABRT) while it was capturing B (2 of 2)"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_lie(data: bytes) -> None:
    try:
        decode(data)
    except LieError as error:
        assert "bytes that are no message" in str(error)  # noqa: PT017 - that nothing else is raised is the test


def test_deep_nesting_is_a_lie() -> None:
    key = msgspec.msgpack.encode("type")
    with pytest.raises(LieError):
        decode(b"\x82" + key + msgspec.msgpack.encode("Found") + b"\xa1x" + b"\x91" * 1_000_000)
