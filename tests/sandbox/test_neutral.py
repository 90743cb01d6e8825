import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgrade.messages import Examined, Failure, Found, Frame
from netgrade.sandbox.neutral import harmless, neutral


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("größer 层", "größer 层"),
        ("\x1b[2J\x07", r"\x1b[2J\x07"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("a\u00a0b", "a b"),
        ("first\r::error::no", r"first\r::error::no"),
        ("first\n  ::error::no", "first\n  : :error::no"),
        ("x[::2]", "x[::2]"),
        ("a ##[error] b", "a ## [error] b"),
    ],
)
def test_text_is_shown_but_does_nothing(text: str, shown: str) -> None:
    assert neutral(text) == shown


@given(st.text())
def test_nothing_but_printable_characters_and_no_commands(text: str) -> None:
    shown = neutral(text)
    assert shown.replace("\n", "").replace("\t", "").isprintable()
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())
    assert "##[" not in shown


def test_a_text_of_nothing_but_lines_takes_no_longer_than_another() -> None:
    """A pattern that ran over line feeds took hours for this."""
    assert neutral("\n" * 500_000 + "::") == "\n" * 500_000 + ": :"


def test_every_string_of_a_result_but_the_path() -> None:
    failure = Failure(stage="load", message="\x1b", frames=(Frame(file="\x1b", line=1, code="\x1b"),))
    found = Found(candidates=("A",), way="definitions", notes=("\x1b",))
    result = harmless(Examined(path="/\x1b", found=found, networks=(failure,), summaries=("\x1b",)))
    assert repr(result).count(r"\\x1b") == 5
    assert result.path == "/\x1b"
