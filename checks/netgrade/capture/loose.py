"""Finds layers that a network keeps where torch doesn't see them."""

from collections.abc import Iterator

from torch import nn

_LISTS: dict[type, str] = {list: "nn.ModuleList", tuple: "nn.ModuleList", dict: "nn.ModuleDict"}


def loose(network: nn.Module) -> tuple[str, ...]:
    """Return a sentence on each plain list or dictionary of layers whose weights are no parameters of the network."""
    try:
        return tuple(_sentences(network))
    except Exception:  # noqa: BLE001 - half-made modules may raise anything; what matters of it is said where they run
        return ()


def _sentences(network: nn.Module) -> Iterator[str]:
    known = {id(module) for module in network.modules()}
    for module in network.modules():
        for name, value in vars(module).items():
            weights = _weights(value, known) if type(value) in _LISTS else 0
            if weights:
                yield (
                    f"`self.{name}` of {type(module).__name__} is a plain {type(value).__name__} of layers: their "
                    f"{weights:,} weights are no parameters of the network, and no training changes them; put them "
                    f"into {_LISTS[type(value)]}"
                )


def _weights(value: object, known: set[int]) -> int:
    return sum(
        parameter.numel()
        for layer in _items(value)
        if isinstance(layer, nn.Module) and id(layer) not in known
        for parameter in layer.parameters()
        if not nn.parameter.is_lazy(parameter)
    )


def _items(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value
