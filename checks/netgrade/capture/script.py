"""A submission as a running module: what of it has been run, and what came of it."""

import ast
import dataclasses
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType

from netgrade.capture import standins
from netgrade.capture.needs import is_definition, needs
from netgrade.capture.source import Source
from netgrade.capture.statements import STAR, Statement, parse

_TORCH = """\
import torch
import torch.nn as nn
import torch.nn.functional as F
"""
"""The names that a network pasted without all of its imports can only mean."""

_REST = """\
import math
import numpy as np
import torch.optim as optim
from collections import OrderedDict
from functools import partial
"""
"""The names that one pasted without any import most likely means."""

_ROOM = 50
"""The most stand-ins that one statement may ask for."""


class Script:
    """Runs a submission's statements in a module of its own, each at most once, and goes on after one that fails.

    The module is registered in `sys.modules` under a private name, so that `inspect`, `pickle` and dataclasses find it.

    Args:
        source: the submission.
        package: the package that its relative imports start from.

    Attributes:
        source: the same.
        statements: its statements; in front of them the usual imports of names that it makes nowhere itself.
        names: the module's namespace.
        errors: what the statements that failed have raised, by their position.
    """

    def __init__(self, source: Source, package: str) -> None:
        module = ModuleType(f"{package}.{source.files.path.stem.replace('.', '_')}")
        module.__file__ = str(source.files.path)
        module.__package__ = package
        sys.modules[module.__name__] = module
        self.source = source
        self.statements = (*_usual(source.statements), *source.statements)
        self.names = module.__dict__
        self.errors: dict[int, BaseException] = {}
        self._package = package
        self._done: set[int] = set()

    def need(self, *names: str, every_method: bool = False) -> bool:
        """Run whatever makes these names, and return whether there was anything left to run."""
        positions = needs(self.statements, names, every_method=every_method) - self._done
        self._run_all(sorted(positions))
        return bool(positions)

    def need_all_methods(self) -> bool:
        """Run whatever any method of the file's classes reads, and return whether there was anything left to run."""
        classes = [cls.name for statement in self.statements for cls in statement.classes]
        return self.need(*classes, every_method=True)

    def run_whole(self) -> None:
        """Run every statement in order, up to one that ends the program."""
        usual = needs(self.statements, self.own_names())
        self._run_all(
            position for position, statement in enumerate(self.statements) if not statement.usual or position in usual
        )

    def remake(self, name: str) -> object:
        """Make a value anew, by running again the assignments that lead to it and that did not fail, and return it."""
        for position in sorted(needs(self.statements, [name]) - set(self.errors)):
            if not is_definition(self.statements[position]):
                exec(self.statements[position].code, self.names)  # noqa: S102 - running submissions is what it's for
        return self.names[name]

    def own_names(self) -> list[str]:
        """Return the names that the file makes otherwise than by importing, in the order of their last place."""
        own = [statement for statement in self.statements if not statement.imports]
        places = {name: position for position, statement in enumerate(own) for name in sorted(statement.makes)}
        return sorted(places, key=places.__getitem__)

    def usual(self) -> list[str]:
        """Return the usual imports that were run, as they read."""
        return [
            ast.unparse(self.statements[position].node)
            for position in sorted(self._done)
            if self.statements[position].usual
        ]

    def label(self, module: str) -> str:
        """Return what the student calls a module: `.blocks` for one of the private package."""
        return module.removeprefix(self._package).removeprefix(self._package.partition(".")[0])

    def where(self, error: BaseException) -> str:
        """Return where a statement has failed: `line 12`, or `cell 3, line 1`."""
        failed = (self.statements[position] for position, raised in self.errors.items() if raised is error)
        statement = next(failed, None)
        place = self.source.files.place(statement.filename, statement.line) if statement else None
        return str(place) if place else "the file"

    def cause(self, name: str) -> BaseException | None:
        """Return what a statement raised that should have made a name."""
        for made in (name, STAR):
            for position, error in self.errors.items():
                if made in self.statements[position].makes:
                    return error
        return None

    def _run_all(self, positions: Iterable[int]) -> None:
        for position in positions:
            self._done.add(position)
            self._run(position)
            if isinstance(self.errors.get(position), SystemExit | KeyboardInterrupt):
                return

    def _run(self, position: int) -> None:
        for _ in range(_ROOM):
            try:
                exec(self.statements[position].code, self.names)  # noqa: S102 - running submissions is what it's for
            except ModuleNotFoundError as error:
                if self._stand_in(error):
                    continue
                self.errors[position] = error
            except BaseException as error:  # noqa: BLE001 - a submission may raise anything; SystemExit is common
                self.errors[position] = error
            return

    def _stand_in(self, error: ModuleNotFoundError) -> bool:
        """Put a stand-in in the place of the missing module, and return whether that may help."""
        if not error.name or error.name in sys.modules:
            return False
        standins.stand_in(error.name, self.label(error.name))
        return True


def _usual(own: Sequence[Statement]) -> list[Statement]:
    made = frozenset().union(*(statement.makes for statement in own))
    text = _TORCH if any(statement.imports for statement in own) else _REST + _TORCH
    return [
        dataclasses.replace(statement, usual=True)
        for statement in parse(text, "the usual imports")
        if made.isdisjoint(statement.makes)
    ]
