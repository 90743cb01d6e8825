"""The words that rules and assignments use for operators, and the ATen names behind them."""

from typing import Literal

from netgrade.facts.model import Graph, Operator

Word = Literal[
    "attention", "average-pool", "batch-norm", "conv", "dropout", "elu", "gelu", "group-norm", "hardswish",
    "instance-norm", "layer-norm", "leaky-relu", "linear", "log-softmax", "max-pool", "mish", "prelu", "recurrent",
    "relu", "relu6", "selu", "sigmoid", "silu", "softmax", "tanh", "transposed-conv", "upsample",
]  # fmt: skip

_NAMES: dict[Word, str] = {
    "attention": "scaled_dot_product_attention",
    "average-pool": ("avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d"),
    "batch-norm": "batch_norm",
    "conv": "conv1d conv2d conv3d",
    "dropout": "dropout feature_dropout alpha_dropout feature_alpha_dropout native_dropout",
    "elu": "elu",
    "gelu": "gelu",
    "group-norm": "group_norm",
    "hardswish": "hardswish",
    "instance-norm": "instance_norm",
    "layer-norm": "layer_norm",
    "leaky-relu": "leaky_relu",
    "linear": "linear",
    "log-softmax": "log_softmax _log_softmax",
    "max-pool": (
        "max_pool1d max_pool2d max_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d "
        "max_pool1d_with_indices max_pool2d_with_indices max_pool3d_with_indices fractional_max_pool2d"
    ),
    "mish": "mish",
    "prelu": "prelu",
    "recurrent": "lstm gru rnn_tanh rnn_relu lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell",
    "relu": "relu",
    "relu6": "relu6 hardtanh",
    "selu": "selu",
    "sigmoid": "sigmoid",
    "silu": "silu",
    "softmax": "softmax _softmax",
    "tanh": "tanh",
    "transposed-conv": "conv_transpose1d conv_transpose2d conv_transpose3d",
    "upsample": (
        "upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_linear1d upsample_bilinear2d "
        "upsample_bicubic2d upsample_trilinear3d"
    ),
}

_WORDS: dict[str, Word] = {op: word for word, names in _NAMES.items() for op in names.split()}
_PRODUCTS = frozenset({"addmm", "baddbmm", "bilinear", "bmm", "einsum", "matmul", "mm"})


def word(operator: Operator) -> Word | None:
    """Return the word for an operator; None if the vocabulary has none.

    A matrix product is `linear` if one of its factors is a parameter.
    """
    if operator.op in _PRODUCTS and (operator.parameters or operator.channels):
        return "linear"
    return _WORDS.get(operator.op)


def those(graph: Graph, *words: Word) -> list[Operator]:
    """Return the operators of a graph that one of the words stands for, in the order of execution."""
    return [operator for operator in graph.operators if word(operator) in words]
