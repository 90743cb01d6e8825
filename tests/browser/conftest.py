"""A real Chromium without a window, started once, and pages in contexts of their own."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from netgrade.assignment import load
from netgrade.facts.model import Facts, Graph, Operator, Place
from netgrade.facts.training import Epoch, Training, Trial
from netgrade.grading import reports
from netgrade.messages import Examined, Failure, Frame
from netgrade.reports.html import render
from netgrade.reports.report import Report, Run
from netgrade.rules.model import Violation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
LINES = (
    "class Net(nn.Module):",
    "    def __init__(self):",
    *(f"        self.layer{n} = Dropout()" for n in range(40)),
)


class Opened:
    """A page that is open, and all that it did beside showing itself."""

    def __init__(self, context: "BrowserContext") -> None:
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))


Open = Callable[..., Opened]


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Chromium as this system has it; NETGRADE_BROWSER names another one."""
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[test]'")
    found = os.environ.get("NETGRADE_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip("no Chromium here; install one, or name it in NETGRADE_BROWSER")
    with driver.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=FLAGS, timeout=180_000)
        yield started
        started.close()


@pytest.fixture
def opened(browser: "Browser", tmp_path: Path) -> Iterator[Open]:
    """Write a page, open it as a file, and look at what it does. No request leaves the machine."""
    contexts: list[BrowserContext] = []

    def show(text: str, *, width: int = 1200, **more: object) -> Opened:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 800}, offline=True, **more)
        contexts.append(context)
        shown = Opened(context)
        shown.page.set_default_timeout(120_000)
        shown.page.goto(path.as_uri())
        return shown

    yield show
    for context in contexts:
        context.close()


@pytest.fixture
def passing(examined: Examined) -> Report:
    (report,) = reports(examined, load(folder=Path()), path="models/net.py")
    return report


@pytest.fixture
def failing(passing: Report) -> Report:
    """Dropout fails at a line that is at hand; used-layers warns; one rule can't judge."""
    violation = Violation(message="`drop` drops nothing", hint="give it a rate", place=Place(line=23))
    outcomes = {
        "dropout": {"outcome": "failed", "violations": (violation,)},
        "used-layers": {"outcome": "warned", "violations": (Violation(message="unused", hint="use it"),)},
        "output-kind": {"outcome": "skipped", "message": "can't be checked until output-shape passes"},
        "finite-output": {"outcome": "error", "message": "no formula for `stft`"},
    }
    verdicts = tuple(replace(each, **outcomes.get(each.rule, {})) for each in passing.verdicts)
    return replace(passing, path="models/bad.py", network="Bad", verdicts=verdicts, notes=("a stand-in was used",))


@pytest.fixture
def unloadable(passing: Report) -> Report:
    failure = Failure(
        stage="forward",
        message="forward raises: RuntimeError: shape '[-1, 216]' is invalid",
        error="RuntimeError",
        frames=(Frame(file="broken.py", line=7, code="x = self.body(x)"),),
        hint="flatten with x.flatten(1)",
        output="loading\n",
    )
    return replace(passing, path="models/broken.py", facts=None, failure=failure, verdicts=())


@pytest.fixture
def trained(passing: Report) -> Report:
    epochs = tuple(
        Epoch(number=n, loss=0.5 / n, train_correct=59_000, train_images=60_000, test_correct=9_700 + 12 * n, seconds=4)
        for n in range(1, 21)
    )
    trials = (Trial(seed=0, start=1_012, epochs=epochs), Trial(seed=1, start=980, epochs=epochs[:4], ending="diverged"))
    training = Training(data_set="MNIST", full=True, device="cpu", planned=20, test_images=10_000, trials=trials)
    assert passing.facts
    return replace(passing, path="models/trained.py", facts=replace(passing.facts, training=training))


@pytest.fixture
def residual(passing: Report, deep: Callable[[int], Facts]) -> Report:
    return replace(passing, path="models/residual.py", network="Residual", facts=deep(12))


@pytest.fixture
def deep(small_net: Facts) -> Callable[[int], Facts]:
    """So many convolutions; every third of them is passed by, in blocks of three."""

    def facts(layers: int) -> Facts:
        operators: list[Operator] = []
        last = -1
        for number in range(layers):
            layer = f"stage{number // 3}.conv{number % 3}"
            reads = (last,) if last >= 0 else ()
            index = len(operators)
            operators.append(
                Operator(
                    index=index,
                    op="conv2d",
                    layer=layer,
                    place=Place(line=3 + number),
                    output=(8, 28, 28),
                    parameters=72 + number,
                    macs=56_448,
                    field=3 + 2 * number,
                    kernel=(3, 3),
                    reads=reads,
                )
            )
            last = index
            if number % 3 == 2 and number > 2:
                operators.append(
                    Operator(index=index + 1, op="add", layer="", output=(8, 28, 28), field=9, reads=(index, index - 3))
                )
                last = index + 1
        graph = Graph(operators=tuple(operators))
        return replace(small_net, eval=graph, train=graph)

    return facts


@pytest.fixture
def run_of() -> Callable[..., Run]:
    def run(*found: Report) -> Run:
        sources = {"models/bad.py": LINES, "models/broken.py": LINES}
        return Run(
            reports=found, assignment="mnist-20k", netgrade="0.1.0", torch="2.15.0", accuracy=99.4, sources=sources
        )

    return run


@pytest.fixture
def everything(  # noqa: PLR0913, PLR0917, one of each kind
    passing: Report,
    failing: Report,
    unloadable: Report,
    trained: Report,
    residual: Report,
    run_of: Callable[..., Run],
) -> str:
    """A page with all that a page can have."""
    return render(run_of(passing, failing, unloadable, trained, residual))
