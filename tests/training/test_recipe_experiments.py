"""The table of the recipe's experiments is that of the experiments that are kept."""

import runpy
from pathlib import Path

TREE = Path(__file__).parents[2]


def test_the_page_has_the_table_of_what_is_kept() -> None:
    script = runpy.run_path(str(TREE / "tests" / "benchmarks" / "recipe.py"))
    rows = list(script["table"](script["kept"]()))
    assert len(rows) > 2
    assert "\n".join(rows) in (TREE / "docs" / "recipe.md").read_text(encoding="utf-8")
