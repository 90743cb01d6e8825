"""Every parameter has a part in the scores.

What it checks:
    In train mode, that the scores depend on each parameter tensor that the network declares, and on each operator that
    reads one.

Why:
    What has no part costs parameters and is never trained. Most often it is a mistake: a layer that was forgotten, or
    a result that was overwritten.

Fails:
    A layer that is declared and never called, or called in vain.

        y = self.conv2(x)
        return self.fc(x.flatten(1))  # x, not y

Passes:
    Each layer's result is used.

        x = self.conv2(x)
        return self.fc(x.flatten(1))

Settings:
    None.
"""

from netgrade.facts.model import Facts, Operator, Parameter
from netgrade.rules.model import Finding, Settings, Violation
from netgrade.rules.wording import broken, listing, name, plural


def check(facts: Facts, _settings: Settings) -> Finding:
    """Look for parameters and layers without influence."""
    unused = [parameter for parameter in facts.parameters if not parameter.used]
    elements = sum(parameter.elements for parameter in unused)
    numbers: dict[str, int | float | str] = {"unused_tensors": len(unused), "unused_parameters": elements}
    dead = [operator for operator in facts.train.operators if operator.parameters and not operator.effective]
    running = {operator.layer for operator in facts.train.operators}
    idle = [parameter for parameter in unused if _layer(parameter) not in running]
    explained = {operator.layer for operator in dead} | {_layer(parameter) for parameter in idle}
    rest = [parameter for parameter in unused if _layer(parameter) not in explained]
    violations = [explain(found) for explain, found in ((_idle, idle), (_cancelled, rest)) if found]
    if dead:
        violations.insert(0, _in_vain(dead))
    if violations:
        return broken(*violations, numbers=numbers)
    return Finding(message=f"all {plural(len(facts.parameters), 'parameter tensor')} count", numbers=numbers)


def _layer(parameter: Parameter) -> str:
    return parameter.name.rpartition(".")[0]


def _in_vain(dead: list[Operator]) -> Violation:
    named = [f"{name(operator)} ({plural(operator.parameters, 'parameter')})" for operator in dead]
    return Violation(
        message=f"runs, but the scores don't depend on it: {listing(named)}",
        hint="use its result, or delete the layer",
        place=dead[0].place,
    )


def _idle(unused: list[Parameter]) -> Violation:
    layers: dict[str, int] = {}
    for parameter in unused:
        layer = _layer(parameter) or parameter.name
        layers[layer] = layers.get(layer, 0) + parameter.elements
    named = [f"`{layer}` ({plural(elements, 'parameter')})" for layer, elements in layers.items()]
    return Violation(
        message=f"declared, but no part of the scores: {listing(named)}",
        hint="call it in forward, or delete it from __init__",
    )


def _cancelled(unused: list[Parameter]) -> Violation:
    named = [f"`{parameter.name}` ({plural(parameter.elements, 'parameter')})" for parameter in unused]
    return Violation(
        message=f"changes nothing in the scores: {listing(named)}",
        hint="delete it; a bias right before a batch norm is subtracted again, so bias=False saves it",
    )
