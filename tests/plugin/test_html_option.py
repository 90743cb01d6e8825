"""`--report html=PATH` holds the student's own lines."""

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from netgrade.facts.model import Facts

if TYPE_CHECKING:
    from tests.plugin.conftest import Start


def test_the_page_shows_the_line_that_breaks_a_rule(start: "Start", small_net: Facts) -> None:
    operators = tuple(replace(each, rate=0.0) if each.op == "dropout" else each for each in small_net.train.operators)
    start.has("net.py", replace(small_net, train=replace(small_net.train, operators=operators)))
    start.write("net.py", "".join(f"line {number} <i>\n" for number in range(1, 40)))
    assert start.run("--model-path=net.py", "--report=html=a.html").ret == 1
    page = (start.folder / "a.html").read_text(encoding="utf-8")
    assert re.findall(r"<mark>.*?</mark>", page)[0] == "<mark>▸ 23  line 23 &lt;i&gt;</mark>"
    assert start.planted == []
