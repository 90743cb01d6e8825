import pytest

from netgrade.facts.model import Operator, Place
from netgrade.rules.wording import at, listing, name, plural, size


@pytest.mark.parametrize(
    ("items", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_a_listing_is_cut_after_three(items: list[str], text: str) -> None:
    assert listing(items) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 pairs"), (1, "1 pair"), (2_000, "2,000 pairs")])
def test_plural(number: int, text: str) -> None:
    assert plural(number, "pair") == text


def test_places() -> None:
    assert at(None) == ""
    assert at(Place(line=31)) == " at line 31"
    assert at(Place(line=3, cell=7)) == " at cell 7, line 3"
    assert at(Place(line=3, file="blocks.py")) == " at blocks.py, line 3"


def test_names() -> None:
    assert name(Operator(index=0, op="relu", layer="block1.1", place=Place(line=24))) == "`block1.1` at line 24"
    assert name(Operator(index=0, op="relu", layer="")) == "relu"


def test_size() -> None:
    assert size((16, 6, 6)) == "16×6×6"
