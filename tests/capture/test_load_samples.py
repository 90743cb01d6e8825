"""Every sample of loading does what its first line declares.

`# finds: Net, Net2 (definitions) — why` names the networks in order and the way they were found;
`# breaks: loads (construct) — why` names the stage in which the file fails.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "submissions" / "loading"
SAMPLES = sorted(path for path in FOLDER.rglob("*.py") if path.read_text(encoding="utf-8").startswith("# "))
FIRST = re.compile(r"# (?P<what>finds|breaks): (?P<names>[\w, ]+) \((?P<how>[a-z ]+)\) — .+")

PROGRAM = """
import sys
from pathlib import Path
from netgrade.capture.errors import SubmissionError
from netgrade.capture.load import load
for path in sys.argv[1:]:
    try:
        loaded = load(Path(path))
        print("finds:", ", ".join(candidate.name for candidate in loaded.candidates), f"({loaded.way})")
    except SubmissionError as error:
        print("breaks: loads", f"({error.failure.stage})")
"""


@pytest.fixture(scope="module")
def outcomes() -> dict[Path, str]:
    """What comes of every sample, all in one process of their own: a student's code may do anything to its process."""
    run = subprocess.run(  # noqa: S603 - it runs this very Python
        [sys.executable, "-c", PROGRAM, *map(str, SAMPLES)], capture_output=True, text=True, timeout=120, check=True
    )
    return dict(zip(SAMPLES, run.stdout.splitlines(), strict=True))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_sample_does_what_it_declares(path: Path, outcomes: dict[Path, str]) -> None:
    first = FIRST.fullmatch(path.read_text(encoding="utf-8").partition("\n")[0])
    assert first, f"{path}: the first line declares nothing"
    assert outcomes[path] == f"{first['what']}: {first['names']} ({first['how']})"


def test_there_are_samples_of_both_kinds() -> None:
    first = {path.read_text(encoding="utf-8").partition(":")[0] for path in SAMPLES}
    assert first == {"# finds", "# breaks"}
