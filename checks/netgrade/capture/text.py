"""Reads a file as text, or says why it is none."""

import os
import stat
import tokenize
from io import BytesIO
from pathlib import Path

from netgrade.capture.errors import SubmissionError
from netgrade.messages import Failure

_MAGIC = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive, as `torch.save` writes weights",
    b"\x1f\x8b": "a gzip archive",
    b"\x7fELF": "a compiled program",
    b"MZ\x90": "a compiled program",
    b"\x80\x02": "pickled data",
    b"\x80\x04": "pickled data",
    b"\x80\x05": "pickled data",
}
"""How files begin that are easily mistaken for a submission."""


_NOTEBOOK = 64 * 2**20
_MOST = {".py": 4 * 2**20, ".ipynb": _NOTEBOOK}
"""Bytes of a file that is read; a notebook keeps its pictures in it."""


def text(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return a submission's text with Unix line ends, and notes on how it was read.

    Raises:
        SubmissionError: there is no such file, or it is no text.
    """
    _check_path(path)
    most = _MOST[path.suffix.casefold()]
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= most else b""
    except OSError as error:
        raise unread(f"{path.name} can't be read: {error.strerror}") from None
    if size > most:
        hint = (
            "clear its outputs and save it again" if most == _NOTEBOOK else "a network is a few lines: remove its data"
        )
        raise unread(f"{path.name} has {size:,} bytes, more than the {most:,} that are read", hint)
    kind = next((kind for magic, kind in _MAGIC.items() if raw.startswith(magic)), None)
    if kind:
        raise unread(f"{path.name} is {kind}, not Python")
    decoded, notes = _decode(raw, path.name)
    if "\0" in decoded:
        line = decoded[: decoded.index("\0")].count("\n") + 1
        message = f"{path.name} is not text: it holds a NUL byte in line {line}"
        raise unread(message, "save it again as UTF-8, or copy it again: it may be damaged")
    _check_content(path, decoded)
    return decoded.replace("\r\n", "\n").replace("\r", "\n"), notes


def unread(message: str, hint: str = "") -> SubmissionError:
    """Return the error for a file that can't be read as a submission."""
    return SubmissionError(Failure(stage="read", message=message, hint=hint))


def _check_path(path: Path) -> None:
    if not path.exists():
        link = f"{path.name} is a link to {os.readlink(path)}, which does not exist" if path.is_symlink() else ""  # noqa: PTH115 - as it was written
        message = link or f"there is no file {path.name} in {path.parent}"
        raise SubmissionError(Failure(stage="find", message=message, hint="submit the file itself" if link else ""))
    if path.is_dir():
        raise SubmissionError(Failure(stage="find", message=f"{path.name} is a folder, not a file"))
    if not path.is_file():
        raise unread(f"{path.name} is {_kind(path)}, not a file", "copy what it gives into a file")
    if path.suffix.casefold() not in (".py", ".ipynb"):
        raise unread(f"{path.name} is neither a .py file nor a notebook (.ipynb)")


def _kind(path: Path) -> str:
    mode = path.stat().st_mode
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


def _check_content(path: Path, decoded: str) -> None:
    start = decoded.lstrip()[:4096].casefold()
    if not start:
        raise unread(f"{path.name} is empty", "save it in your editor, and check that it is the right file")
    if start.startswith(("<!doctype html", "<html")):
        raise unread(f"{path.name} is a web page, not Python", "on GitHub the button Raw leads to the file itself")
    if path.suffix.casefold() == ".py" and start.startswith("{") and '"cells"' in start:
        raise unread(f"{path.name} is a notebook that is named like a Python file", f"rename it to {path.stem}.ipynb")


def _decode(raw: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Decode as the file declares; what Python itself would refuse is still read, with a note."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        note = f"{name} is saved as UTF-16, which Python refuses; save it as UTF-8"
        return raw.decode("utf-16", errors="replace"), (note,)
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(raw).readline)
        return raw.decode(encoding), ()
    except (SyntaxError, LookupError, UnicodeError):
        pass
    try:
        note = f"{name} declares an encoding that doesn't fit it, and was read as UTF-8"
        return raw.decode("utf-8-sig"), (note,)
    except UnicodeDecodeError as error:
        byte, line = raw[error.start], raw.count(b"\n", 0, error.start) + 1
        note = f"{name} is not valid UTF-8 (byte 0x{byte:02X} in line {line}) and was read as Latin-1; save it as UTF-8"
        return raw.decode("latin-1"), (note,)
