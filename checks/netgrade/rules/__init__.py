"""The rules: one file each, found by walking this folder.

A file here is a rule unless it is named in `_SHARED`. The file's name is the rule's id, its docstring the rule's page,
and it has a `Settings`, a `check`, a `NEEDS` where other rules must pass first, and an `EVIDENCE` where it judges by
more than the program.
"""

import pkgutil
from importlib import import_module

from netgrade.rules.model import Rule

_SHARED = frozenset({"accuracy", "model", "pages", "presence", "teaching", "vocabulary", "wording"})
"""The files that rules share."""


def all_rules() -> dict[str, Rule]:
    """Return every rule by its id, in alphabetical order."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__) if info.name not in _SHARED)
    return {rule.id: rule for rule in map(_rule, names)}


def _rule(name: str) -> Rule:
    module = import_module(f"{__name__}.{name}")
    return Rule(
        id=name.replace("_", "-"),
        page=module.__doc__ or "",
        settings=module.Settings,
        check=module.check,
        needs=getattr(module, "NEEDS", ()),
        evidence=getattr(module, "EVIDENCE", "program"),
    )
