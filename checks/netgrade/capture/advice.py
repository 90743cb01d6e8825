"""What lies behind an exception that a submission raises while it is loaded, and what to do about it."""

import ast
import sys

from netgrade.capture.errors import describe
from netgrade.capture.hints import hint
from netgrade.capture.script import Script
from netgrade.capture.siblings import hidden
from netgrade.capture.standins import StandIn, is_needless, missing

_INDIRECT = frozenset({"exec", "eval", "globals", "vars", "setattr", "__import__", "import_module"})
"""Functions by which a file can make names that no reading of it finds."""


def advice(script: Script, error: BaseException) -> str:
    """Return what to do about an exception, or an empty text."""
    if isinstance(error, NameError) and error.name:
        return _unmade(script, error.name)
    if isinstance(error, ImportError) and error.name:
        return _not_imported(script, error.name)
    return hint(error, (), ())


def may_make_more(script: Script) -> bool:
    """Return whether the whole file may make names that its statements don't show: by `global`, exec and the like."""
    nodes = [node for statement in script.statements for node in ast.walk(statement.node)]
    called = {ast.unparse(node.func).rpartition(".")[2] for node in nodes if isinstance(node, ast.Call)}
    return bool(called & _INDIRECT) or any(isinstance(node, ast.Global) for node in nodes)


def _unmade(script: Script, name: str) -> str:
    cause = script.cause(name)
    if cause:
        because = f"`{name}` is missing because {script.where(cause)} raises {describe(cause)}"
        return "; ".join(filter(None, (because, advice(script, cause))))
    if any(name in statement.makes for statement in script.statements):
        return (
            f'`{name}` is only made in a part that does not run here, as under `if __name__ == "__main__"`; move it out'
        )
    absent = [module for module in missing() if not is_needless(module)]
    if absent:
        return f"define `{name}` in the file; it may have come from {absent[0]}, which is missing here"
    if script.source.broken:
        return f"`{name}` may be made in a cell that was left out: {script.source.broken[0]}"
    return f"define `{name}` in the file, above its first use"


def _not_imported(script: Script, module: str) -> str:
    sibling = hidden(script.source.files, module)
    if sibling:
        return f"{sibling} beside the file is hidden by Python's own or an installed module of that name; rename it"
    label = script.label(module)
    if module in sys.modules and not isinstance(sys.modules[module], StandIn):
        return f"the module {label} that is installed here has no such name"
    if label.startswith("."):
        return f"there is no {label.strip('.').replace('.', '/')}.py beside the file"
    package = label.partition(".")[0]
    return f"there is no {package}.py beside the file, and no package of that name is installed: do without it"
