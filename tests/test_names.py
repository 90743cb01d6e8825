import pytest

from netgrade.names import did_you_mean, unknown


@pytest.mark.parametrize(
    ("name", "text"),
    [("belwo", "; did you mean `below`?"), ("BELOW", "; did you mean `below`?"), ("xyz", ""), ("", "")],
)
def test_did_you_mean(name: str, text: str) -> None:
    assert did_you_mean(name, ["below", "at-most"]) == text


def test_unknown() -> None:
    assert unknown("rule", "droput", ["batch-norm", "dropout"]) == (
        "unknown rule `droput`; did you mean `dropout`? (rules: batch-norm, dropout)"
    )
