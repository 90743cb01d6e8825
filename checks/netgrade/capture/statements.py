"""A file's top-level statements, each compiled alone, and the names that each one makes."""

import __future__

import ast
import dataclasses
import functools
from collections.abc import Iterable, Iterator
from types import CodeType

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, *_COMPREHENSIONS)

_DEEDS = frozenset({
    "backward", "eval", "evaluate", "export", "fit", "launch", "learn", "plot", "predict", "run", "save", "show",
    "step", "summary", "test", "train", "validate",
})  # fmt: skip
"""Methods that use what they belong to, and don't build it."""

STAR = "*"
"""What a statement such as `from utils import *` makes: names that can't be known before it runs."""


@dataclasses.dataclass(frozen=True, eq=False)
class Statement:
    """One statement at the top level of a file or of a notebook's cell."""

    node: ast.stmt
    code: CodeType
    usual: bool = False
    """It isn't the student's: one of the imports that a file without any is given."""

    @property
    def line(self) -> int:
        """Line in its file, or in its cell."""
        return self.node.lineno

    @property
    def filename(self) -> str:
        """File name under which it is compiled."""
        return self.code.co_filename

    @functools.cached_property
    def makes(self) -> frozenset[str]:
        """Names that it binds."""
        return frozenset(_bound(self.node))

    @functools.cached_property
    def stores(self) -> frozenset[str]:
        """Names into whose values it stores: `Net.forward = f`, `cfg["p"] = 0.1`."""
        nodes = (node for node in _inside(self.node) if isinstance(node, ast.Attribute | ast.Subscript))
        return frozenset(name for node in nodes if isinstance(node.ctx, ast.Store) and (name := root(node)))

    @functools.cached_property
    def calls(self) -> frozenset[str]:
        """Names of which it calls a method for its effect: `layers.append(conv)`, `parser.add_argument("--p")`."""
        nodes = (node.value for node in _inside(self.node) if isinstance(node, ast.Expr))
        called = (node.func for node in nodes if isinstance(node, ast.Call))
        methods = (func for func in called if isinstance(func, ast.Attribute) and func.attr not in _DEEDS)
        return frozenset(name for method in methods if (name := root(method)))

    @functools.cached_property
    def classes(self) -> tuple[ast.ClassDef, ...]:
        """The classes that it defines, also those within an `if` or a `try`."""
        return tuple(node for node in _inside(self.node) if isinstance(node, ast.ClassDef))

    @functools.cached_property
    def functions(self) -> tuple[ast.FunctionDef, ...]:
        """The functions that it defines, also those within an `if` or a `try`."""
        return tuple(node for node in _inside(self.node) if isinstance(node, ast.FunctionDef))

    @functools.cached_property
    def imports(self) -> tuple[ast.Import | ast.ImportFrom, ...]:
        """The imports that it does, also those within an `if` or a `try`."""
        return tuple(node for node in _inside(self.node) if isinstance(node, ast.Import | ast.ImportFrom))


def parse(text: str, filename: str, *, flags: int = 0) -> list[Statement]:
    """Compile a text statement by statement.

    Args:
        text: Python source.
        filename: the name that its code objects carry.
        flags: compiler flags of the `__future__` imports of earlier cells.

    Raises:
        SyntaxError: the text is not Python.
        RecursionError: it is nested too deeply for the compiler; a MemoryError says the same.
    """
    nodes = ast.parse(text, filename).body
    flags |= future(nodes)
    return [
        Statement(node, compile(ast.Module([node], []), filename, "exec", flags=flags, dont_inherit=True))
        for node in nodes
    ]


def future(nodes: list[ast.stmt]) -> int:
    """Return the compiler flags that the statements ask for with `from __future__ import`."""
    flags = 0
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def imported(statements: Iterable[Statement]) -> frozenset[str]:
    """Return the top-level names of the modules that the statements import, siblings by a relative import excepted."""
    names: set[str] = set()
    for node in (node for statement in statements for node in statement.imports):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return frozenset(names)


def root(node: ast.expr) -> str | None:
    """Return the name that a chain of attributes, items and calls starts from: `cfg` of `cfg.model["p"]`."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return None
    return node.id


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a statement and what it runs at the top level, without the bodies of functions and classes."""
    yield node
    if not isinstance(node, _SCOPES):
        for child in ast.iter_child_nodes(node):
            yield from _inside(child)


def _bound(statement: ast.stmt) -> Iterator[str]:
    for node in _inside(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=None):
                yield name.partition(".")[0]
            case ast.alias(asname=str(name)):
                yield name
