"""What the tests of several folders share."""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import pytest

from netgrade.facts.model import Facts, Graph, Operator, Parameter, Place, Pool, Scores
from netgrade.messages import Examined, Found

if TYPE_CHECKING:
    from torch import nn

    from netgrade.program.program import Program

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="Write the files in tests/golden anew.")


@pytest.fixture(autouse=True, scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the user's cache out of it: what a training left there must not be gone on from, and nothing is left."""
    folder = tmp_path_factory.mktemp("caches")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.setenv("MPLCONFIGDIR", str(folder / "matplotlib"))  # one for all: its list of fonts takes seconds
        yield folder


@pytest.fixture(autouse=True)
def _cache(caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches / uuid4().hex))


class Golden:
    """Texts kept in tests/golden."""

    def __init__(self, *, rewrite: bool) -> None:
        self._folder = Path(__file__).parent / "golden"
        self._rewrite = rewrite

    def check(self, name: str, text: str) -> None:
        """Compare the text with the file of that name; with --rewrite-golden, write the file."""
        path = self._folder / name
        if self._rewrite:
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), (
            f"differs from {path}; see it with --rewrite-golden and git diff"
        )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(rewrite=request.config.getoption("--rewrite-golden"))


_LINE = re.compile(
    r"# breaks: (?P<broken>[a-z-]+(?:, [a-z-]+)*)(?: \((?P<stage>[a-z]+)\))?"
    r"(?: \[(?P<assignment>[\w-]+)\])? — (?P<why>.+)"
)


_NET = """from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x.flatten(1))
"""


class Tiny(NamedTuple):
    """A training that takes a moment: a network, its assignment, 80 training and 50 test images."""

    assignment: str
    net: str
    large: str
    """It breaks `parameter-budget` alone."""

    def put(self, folder: Path) -> None:
        """Put net.py, tiny.toml and the images, in `data`, into a folder."""
        (folder / "net.py").write_text(self.net, encoding="utf-8")
        (folder / "tiny.toml").write_text(self.assignment, encoding="utf-8")
        raw = folder / "data" / "KMNIST" / "raw"
        raw.mkdir(parents=True)
        for part, count in [("train", 80), ("t10k", 50)]:
            images = [_bar(number) for number in range(count)]
            labels = bytes(number % 10 for number in range(count))
            (raw / f"{part}-images-idx3-ubyte").write_bytes(_idx(3, (count, 28, 28)) + b"".join(images))
            (raw / f"{part}-labels-idx1-ubyte").write_bytes(_idx(1, (count,)) + labels)


def _bar(number: int) -> bytes:
    """Return an image with some noise and a bright bar, where the class says."""
    rows = [bytes((number * 31 + row * 17 + column * 7) % 60 for column in range(28)) for row in range(28)]
    first = 4 + 2 * (number % 10)
    return b"".join(b"\xff" * 28 if row in (first, first + 1) else each for row, each in enumerate(rows))


def _idx(axes: int, lengths: tuple[int, ...]) -> bytes:
    return bytes([0, 0, 8, axes]) + b"".join(length.to_bytes(4, "big") for length in lengths)


@pytest.fixture
def tiny() -> Tiny:
    assignment = """input-shape = [1, 28, 28]
classes = 10

[rules.parameter-budget]
below = 20000

[training]
data-set = "kmnist"
epochs = 3
accuracy = 50.0

[training.recipe]
batch = 8
"""
    wide = "nn.Sequential(nn.Linear(784, 30), nn.Linear(30, 10))"
    return Tiny(assignment, _NET, _NET.replace("nn.Linear(784, 10)", wide))


class Declaration(NamedTuple):
    """What the first line of a sample says: `# breaks: dropout, used-layers [mnist-8k] — why`."""

    broken: frozenset[str]
    """Rules, or `loads`; none for `nothing`."""
    stage: str | None
    """Where a sample that breaks `loads` fails: `# breaks: loads (forward) — why`."""
    assignment: str
    """mnist-20k unless another one is named."""
    why: str


def _declaration(path: Path) -> Declaration:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    line = _LINE.fullmatch(first)
    assert line, f"{path}: the first line declares nothing: {first}"
    broken = frozenset(line["broken"].split(", ")) - {"nothing"}
    return Declaration(broken, line["stage"], line["assignment"] or "mnist-20k", line["why"])


@pytest.fixture(scope="session")
def declaration() -> Callable[[Path], Declaration]:
    return _declaration


def _conv(  # noqa: PLR0913, each is one figure of the layer
    layer: str, line: int, channels: tuple[int, int], *, side: int, kernel: int, field: int
) -> Operator:
    parameters = channels[0] * channels[1] * kernel * kernel
    return Operator(
        index=line,
        op="conv2d",
        layer=layer,
        module="Conv2d",
        place=Place(line=line),
        output=(channels[1], side, side),
        parameters=parameters,
        macs=parameters * side * side,
        field=field,
        effective=True,
        kernel=(kernel, kernel),
        stride=(1, 1),
        padding=(0, 0),
        dilation=(1, 1),
        channels=channels,
    )


def _eval_graph() -> tuple[Operator, ...]:
    def each(op: str, layer: str, line: int, output: tuple[int, ...], field: int | None, **more: object) -> Operator:
        return Operator(
            index=line, op=op, layer=layer, place=Place(line=line), output=output, field=field, effective=True, **more
        )

    return (
        _conv("block1.0", 20, (1, 8), side=26, kernel=3, field=3),
        each("relu", "block1.1", 21, (8, 26, 26), 3),
        each("batch_norm", "block1.2", 22, (8, 26, 26), 3, parameters=16, training=False),
        each("dropout", "block1.3", 23, (8, 26, 26), 3, rate=0.1, training=False),
        each("max_pool2d", "pool", 24, (8, 13, 13), 4, kernel=(2, 2), stride=(2, 2)),
        _conv("block2.0", 25, (8, 16), side=11, kernel=3, field=8),
        each("relu", "block2.1", 26, (16, 11, 11), 8),
        each("batch_norm", "block2.2", 27, (16, 11, 11), 8, parameters=32, training=False),
        each("dropout", "block2.3", 28, (16, 11, 11), 8, rate=0.1, training=False),
        each("avg_pool2d", "gap", 29, (16, 1, 1), 28, kernel=(11, 11), stride=(11, 11)),
        _conv("head", 30, (16, 10), side=1, kernel=1, field=28),
        each("flatten", "", 31, (10,), None),
        each("log_softmax", "", 32, (10,), None),
    )


@pytest.fixture
def small_net() -> Facts:
    """1,432 parameters: two blocks, a pool of the whole map, a 1×1 convolution; every rule of mnist-20k holds."""
    operators = _eval_graph()
    draws = tuple(
        Operator(**{**{name: getattr(each, name) for name in each.__struct_fields__}, "training": True})
        if each.op in ("dropout", "batch_norm")
        else each
        for each in operators
    )
    pool = Pool(
        operator=29,
        op="avg_pool2d",
        layer="gap",
        place=Place(line=29),
        kind="global",
        input=(16, 11, 11),
        effective=True,
    )
    counted = [each for each in operators if each.parameters]
    return Facts(
        network="Net",
        input_shape=(1, 28, 28),
        parameters=tuple(
            Parameter(
                name=f"{each.layer}.weight",
                shape=(each.parameters,),
                elements=each.parameters,
                trainable=True,
                used=True,
            )
            for each in counted
        ),
        hidden=(),
        train=Graph(operators=draws, pools=(pool,)),
        eval=Graph(operators=operators, pools=(pool,)),
        scores=Scores(shapes={1: (1, 10), 5: (5, 10), 8: (8, 10)}, kind="log-probabilities", operator="log_softmax"),
        macs=sum(each.macs or 0 for each in operators),
        field=8,
    )


@pytest.fixture
def examined(small_net: Facts) -> Examined:
    """`small_net` as the sandbox hands it over."""
    return Examined(
        path="net.py",
        found=Found(candidates=("Net",), way="definitions"),
        networks=(small_net,),
        sandbox=("limits",),
    )


@pytest.fixture
def program_of() -> Callable[..., "Program"]:
    """Capture a network in this process, without a sandbox, and rebuild it from the blob."""
    from netgrade.capture.files import Files  # noqa: PLC0415 - most tests need no torch
    from netgrade.capture.network import capture_network  # noqa: PLC0415 - the same
    from netgrade.program.program import read  # noqa: PLC0415 - the same

    def program(construct: Callable[[], "nn.Module"], input_shape: tuple[int, ...] = (1, 28, 28)) -> "Program":
        file = Path(inspect.getfile(construct))
        return read(capture_network(construct.__name__, construct, input_shape, Files(file, file.parent)))

    return program
