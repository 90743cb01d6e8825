"""Which statements of a file must run for a network to work, found by reading their code, without running any."""

import ast
import builtins
import dis
import inspect
from collections import defaultdict
from collections.abc import Iterable, Sequence
from types import CodeType

from netgrade.capture.statements import STAR, Statement

_READS = frozenset({"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"})
_MENTIONS = frozenset({"LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"})


def needs(statements: Sequence[Statement], names: Iterable[str], *, every_method: bool = False) -> frozenset[int]:
    """Return the positions of the statements that make or change these names, and of all that those need in turn.

    Of a class only those methods count that something mentions, besides `forward` and the special ones: a `fit` that
    nobody calls should not drag in the data that it would train on. With `every_method` all of them count.
    """
    search = _Search(statements, every_method=every_method)
    for name in names:
        search.want(name)
    search.finish()
    return frozenset(search.found)


def is_definition(statement: Statement) -> bool:
    """Return whether a statement defines something: an import, a class or a function."""
    return bool(statement.imports or statement.classes or statement.functions)


def read_names(expression: ast.expr) -> frozenset[str]:
    """Return the names that an expression reads."""
    return frozenset(node.id for node in ast.walk(expression) if isinstance(node, ast.Name))


class _Search:
    def __init__(self, statements: Sequence[Statement], *, every_method: bool) -> None:
        self._every_method = every_method
        self.found: set[int] = set()
        self._statements = statements
        self._makers = _makers(statements)
        self._names: set[str] = set()
        self._mentioned: set[str] = set()
        self._waiting: dict[str, list[CodeType]] = defaultdict(list)
        self._codes: list[tuple[CodeType, bool]] = []

    def want(self, name: str) -> None:
        if name in self._names:
            return
        self._names.add(name)
        unknown = [] if hasattr(builtins, name) else self._makers.get(STAR, [])
        for position in self._makers.get(name, unknown):
            if position not in self.found:
                self.found.add(position)
                self._codes.append((self._statements[position].code, False))

    def finish(self) -> None:
        while self._codes:
            code, in_class = self._codes.pop()
            self._read(code, in_class=in_class)

    def _read(self, code: CodeType, *, in_class: bool) -> None:
        for instruction in dis.get_instructions(code):
            if instruction.opname in _READS:
                self.want(instruction.argval)
            elif instruction.opname in _MENTIONS:
                self._mention(instruction.argval)
        for inner in code.co_consts:
            if not isinstance(inner, CodeType):
                continue
            is_function = bool(inner.co_flags & inspect.CO_OPTIMIZED)
            if in_class and is_function and not self._runs(inner.co_name):
                self._waiting[inner.co_name].append(inner)
            else:
                self._codes.append((inner, not is_function))

    def _runs(self, method: str) -> bool:
        return self._every_method or method == "forward" or method.startswith(("__", "<")) or method in self._mentioned

    def _mention(self, attribute: str) -> None:
        self._mentioned.add(attribute)
        self._codes += [(code, False) for code in self._waiting.pop(attribute, ())]


def _makers(statements: Sequence[Statement]) -> dict[str, list[int]]:
    """Return the positions of the statements that make or change each name.

    A method call changes only what the file itself has assigned: `torch.manual_seed(1)` makes no other torch. But
    `sys.path.append("..")` changes what every import finds.
    """
    makers: dict[str, list[int]] = defaultdict(list)
    for position, statement in enumerate(statements):
        for name in statement.makes:
            makers[name].append(position)
    own = {name for statement in statements if not statement.imports for name in statement.makes}
    values = {name for statement in statements if not is_definition(statement) for name in statement.makes}
    imported = {name for statement in statements for name in statement.makes if statement.imports}
    for position, statement in enumerate(statements):
        changed = (statement.stores & own) | (statement.calls & values)
        for name in imported if _extends_path(statement) else changed - statement.makes:
            makers[name].append(position)
    return {name: sorted(positions) for name, positions in makers.items()}


def _extends_path(statement: Statement) -> bool:
    match statement.node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Name(id="sys"), attr="path")))):
            return True
    return False
