"""Finds the functions of a file that make networks, by reading them."""

import ast
import re
from collections.abc import Container, Iterable, Iterator, Mapping

_NETWORK = re.compile(r"net|model|cnn|classifier", re.IGNORECASE)
_DEED = re.compile(
    r"(?:^|_)(?:train|fit|test|eval|evaluate|validate|run|main|save|load|plot|show|display|print|summary|summarize|check|"
    r"visuali[sz]e|draw|count|export|convert|predict|infer|download|demo|debug|compare|benchmark|profile|freeze|register)"
    r"(?:_|$)"
)
"""Names of functions that do something with a network, and don't make it."""

_MATTER = re.compile(r"(?:^|_)(?:parameters|params|size|info|name|names|list|path|device|loss|optimizer|data)(?:_|$)")
"""Names of functions that make something else than a network."""

_MODULES = frozenset({"Module", "Sequential", "LightningModule"})
"""Torch's classes of which a function says that it returns one."""

_LONGEST = 200
"""Characters of an annotation that are looked at."""

_CHAINED = frozenset({"to", "cuda", "cpu", "double", "float", "half", "eval", "train", "requires_grad_"})


def makers(functions: Mapping[str, ast.FunctionDef], classes: Iterable[str]) -> frozenset[str]:
    """Return the names of the functions that return one of these classes, made by themselves or by each other.

    What a function says that it returns is believed.
    """
    made = {name: frozenset(_returned(function)) for name, function in functions.items()}
    found: set[str] = set(classes)
    found |= {name for name, function in functions.items() if declares(function, found)}
    while True:
        more = {name for name, calls in made.items() if calls & found} - found
        if not more:
            return frozenset(found) & frozenset(functions)
        found |= more


def is_factory(function: ast.FunctionDef, makes_network: bool) -> bool:  # noqa: FBT001 - what `makers` says of it
    """Return whether a function is there to make a network: `create_model()`, `ResNet18()`.

    It can be called without arguments, is known to make a network or has a name that says so, and names nothing that
    is done with one, as `train_model` does, or that belongs to one, as `model_size` does.
    """
    arguments = function.args
    required = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    required += sum(default is None for default in arguments.kw_defaults)
    returns = any(isinstance(node, ast.Return) and node.value is not None for node in ast.walk(function))
    if required or not returns or _DEED.search(function.name):
        return False
    if declares(function, ()):
        return True
    return not _MATTER.search(function.name) and (makes_network or bool(_NETWORK.search(function.name)))


def declares(function: ast.FunctionDef, classes: Container[str]) -> bool:
    """Return whether a function says that it returns a network: `-> nn.Module`, or one of these classes."""
    says = function.returns
    if isinstance(says, ast.Constant) and isinstance(says.value, str):
        text = says.value[:_LONGEST]
    else:
        text = ast.unparse(says)[:_LONGEST] if says else ""
    name = text.rpartition(".")[2]
    return name in _MODULES or name in classes


def constructor(value: ast.expr | None) -> ast.Call | None:
    """Return the call that makes a value, `Net(10)` of `Net(10).to(device)`."""
    while isinstance(value, ast.Call):
        if not (isinstance(value.func, ast.Attribute) and value.func.attr in _CHAINED):
            return value
        value = value.func.value
    return None


def _returned(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the names of the functions whose results a function returns, also by way of a variable."""
    nodes = list(ast.walk(function))
    variables = {
        target.id: node.value
        for node in nodes
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and constructor(node.value)
    }
    for value in (node.value for node in nodes if isinstance(node, ast.Return)):
        call = constructor(variables.get(value.id) if isinstance(value, ast.Name) else value)
        if call and isinstance(call.func, ast.Name):
            yield call.func.id
