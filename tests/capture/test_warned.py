"""A warning names the student's line, and never a file of ours."""

import warnings
from typing import TYPE_CHECKING

import pytest

from netgrade.capture.submission import capture
from netgrade.messages import Captured, Failure, Found, Task

if TYPE_CHECKING:
    from tests.capture.conftest import Folder


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("device", ["", "model = Net().cuda()\n"])
@pytest.mark.parametrize(
    ("forward", "words"),
    [
        ("return F.log_softmax(self.fc(x.flatten(1)))", "UserWarning: Implicit dimension choice for log_softmax"),
        ("warnings.warn('mine'); return self.fc(x.flatten(1))", "UserWarning: mine\n"),
    ],
)
def test_a_warning(folder: "Folder", capsys: pytest.CaptureFixture[str], device: str, forward: str, words: str) -> None:
    before = (warnings.showwarning, list(warnings.filters))
    sent: list[Found | Captured | Failure] = []
    capture(Task(path=str(folder.write(f"import warnings\n{folder.net(forward=forward)}{device}"))), sent.append)
    assert isinstance(sent[-1], Captured), sent
    printed = capsys.readouterr().err
    assert f"model.py:13: {words}" in printed
    assert "netgrade" not in printed
    assert (warnings.showwarning, list(warnings.filters)) == before
