"""The scores are one row an image, with one number a class.

What it checks:
    In eval mode, batches of 1, 5 and 8 images give scores of 1, 5 and 8 rows with as many columns as the assignment has
    classes, and no further dimension.

Why:
    The loss and the count of right answers read the scores as batch × classes. A wrong shape often trains without an
    error and learns nothing.

Fails:
    A squeeze() that also removes a batch of one, a missing flatten, or a view that mixes images with positions.

        return self.gap(x).squeeze()  # one image: 10, not 1 × 10

Passes:
    A flatten that keeps the batch.

        return self.gap(x).flatten(1)

Settings:
    classes: the number of columns; the assignment's number of classes unless given here.
"""

from typing import Annotated

from msgspec import Meta

from netgrade.facts.model import Facts, Shape
from netgrade.rules import model
from netgrade.rules.model import Finding, Violation
from netgrade.rules.wording import broken, plural

_SQUEEZED = "squeeze() removes a batch of one too: use flatten(1)"
_FIXED = "keep the batch as the first dimension: x.flatten(1), never x.view(-1, n) or a fixed batch size"


class Settings(model.Settings, frozen=True, kw_only=True):
    """The number of classes, which the assignment fills in."""

    classes: Annotated[int, Meta(ge=2)]


def check(facts: Facts, settings: Settings) -> Finding:
    """Compare the recorded shapes with batch × classes."""
    shapes, raises = facts.scores.shapes, facts.scores.raises
    wrong = {batch: shape for batch, shape in shapes.items() if shape != (batch, settings.classes)}
    numbers: dict[str, int | float | str] = {"classes": settings.classes}
    numbers |= {f"shape_of_{batch}": _text(shape) for batch, shape in shapes.items()}
    if raises:
        return broken(_raising(*min(raises.items())), numbers=numbers)
    if not wrong:
        return Finding(message=f"batch × {settings.classes}, also for a batch of one", numbers=numbers)
    return broken(_explain(wrong, settings.classes), numbers=numbers)


def _raising(batch: int, error: str) -> Violation:
    message = f"a batch of {plural(batch, 'image')} raises: {error}"
    return Violation(message=message, hint=_SQUEEZED if batch == 1 else _FIXED)


def _explain(wrong: dict[int, Shape], classes: int) -> Violation:
    batch, shape = max(wrong.items())
    if set(wrong) == {1}:
        message = f"a batch of 1 image gives {_text(wrong[1])}, not 1 × {classes}"
        return Violation(message=message, hint=_SQUEEZED)
    if shape[:1] != (batch,):
        message = f"a batch of {batch} images gives {_text(shape)}, not {batch} × {classes}"
        return Violation(message=message, hint=_FIXED)
    message = f"the scores are {_text(('batch', *shape[1:]))}, not batch × {classes}"
    if len(shape) == 2:  # noqa: PLR2004 - batch and classes
        return Violation(message=message, hint=f"let the last layer have {classes} outputs, one a class")
    return Violation(message=message, hint="flatten(1) after the last pool leaves one row an image")


def _text(shape: tuple[int | str, ...]) -> str:
    return " × ".join(str(length) for length in shape) or "a single number"
