"""The operators that a program may hold, by family.

A capture that names any other operator is refused. The family is what the facts know of an operator: a `view` only
rearranges elements, a `pointwise` operator works on each position alone, and so on. Operators are ATen's, without the
in-place forms: recording turns those into their pure twins. Batch norm alone changes tensors, its running statistics.
"""

from typing import Any, Literal

import torch

from netgrade.program.errors import Refused

Family = Literal[
    "convolution", "linear", "product", "pool", "norm", "dropout", "activation", "pointwise", "comparison",
    "view", "join", "pick", "reduce", "resize", "softmax", "make", "like", "draw", "recurrent", "attention", "sort",
]  # fmt: skip

_NAMES: dict[Family, str] = {
    "convolution": "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d",
    "linear": "linear",
    "product": "matmul mm bmm mv dot addmm addbmm baddbmm addmv einsum outer bilinear tensordot chain_matmul inner",
    "pool": (
        "avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d "
        "max_pool1d max_pool2d max_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d "
        "max_pool1d_with_indices max_pool2d_with_indices max_pool3d_with_indices fractional_max_pool2d max_unpool2d"
    ),
    "norm": (
        "batch_norm group_norm layer_norm instance_norm rms_norm local_response_norm norm linalg_vector_norm "
        "linalg_norm linalg_matrix_norm frobenius_norm renorm _weight_norm cosine_similarity pairwise_distance cdist"
    ),
    "dropout": "dropout feature_dropout alpha_dropout feature_alpha_dropout native_dropout",
    "activation": (
        "relu relu6 leaky_relu prelu rrelu elu celu selu gelu silu mish hardswish hardsigmoid hardtanh hardshrink "
        "softshrink softplus sigmoid log_sigmoid tanh threshold glu logit tanhshrink"
    ),
    "pointwise": (
        "add sub rsub mul div divide multiply subtract true_divide floor_divide remainder fmod pow float_power sqrt "
        "rsqrt square reciprocal exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh sinc "
        "abs absolute neg negative sign sgn floor ceil round trunc frac clamp clamp_min clamp_max clip maximum minimum "
        "fmax fmin where masked_fill lerp addcmul addcdiv erf erfc erfinv nan_to_num heaviside hypot logaddexp "
        "logaddexp2 positive clone contiguous to _to_copy type_as detach alias copy fill zero masked_scatter "
        "bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_left_shift bitwise_right_shift __and__ __or__ __xor__ "
        "__lshift__ __rshift__ real imag view_as_real view_as_complex complex polar angle conj resolve_conj "
        "resolve_neg deg2rad rad2deg xlogy l1_loss mse_loss smooth_l1_loss"
    ),
    "comparison": (
        "eq ne lt le gt ge greater less greater_equal less_equal not_equal isnan isinf isfinite logical_and logical_or "
        "logical_not logical_xor isclose"
    ),
    "view": (
        "view reshape view_as reshape_as flatten unflatten squeeze unsqueeze transpose t permute movedim moveaxis "
        "swapaxes swapdims numpy_T mT adjoint expand expand_as broadcast_to _unsafe_view _reshape_alias ravel "
        "channel_shuffle native_channel_shuffle pixel_shuffle pixel_unshuffle flip fliplr flipud roll rot90 lift_fresh "
        "broadcast_tensors atleast_1d atleast_2d atleast_3d matrix_H"
    ),
    "join": "cat concat concatenate stack hstack vstack dstack block_diag column_stack row_stack",
    "pick": (
        "select slice narrow index index_select gather take take_along_dim chunk split split_with_sizes unbind "
        "tensor_split hsplit vsplit dsplit diagonal tril triu select_scatter slice_scatter diagonal_scatter scatter "
        "scatter_add scatter_reduce index_put index_add index_copy index_fill unfold im2col col2im repeat "
        "repeat_interleave tile constant_pad_nd pad reflection_pad1d reflection_pad2d reflection_pad3d "
        "replication_pad1d replication_pad2d replication_pad3d zero_pad2d _pad_circular embedding diag diag_embed "
        "trace meshgrid unsafe_chunk unsafe_split"
    ),
    "reduce": (
        "mean sum nansum nanmean prod max min amax amin argmax argmin any all std var std_mean var_mean logsumexp "
        "median mode cumsum cumprod cummax cummin logcumsumexp count_nonzero aminmax"
    ),
    "resize": (
        "upsample_nearest1d upsample_nearest2d upsample_nearest3d _upsample_nearest_exact1d _upsample_nearest_exact2d "
        "upsample_linear1d upsample_bilinear2d upsample_bicubic2d upsample_trilinear3d _upsample_bilinear2d_aa "
        "_upsample_bicubic2d_aa grid_sampler grid_sampler_2d affine_grid_generator"
    ),
    "softmax": "softmax log_softmax _softmax _log_softmax",
    "make": (
        "zeros ones full arange linspace logspace eye scalar_tensor tril_indices triu_indices one_hot hann_window "
        "hamming_window bartlett_window blackman_window kaiser_window"
    ),
    "like": "zeros_like ones_like full_like new_zeros new_ones new_full",
    "draw": (
        "rand randn randint rand_like randn_like randint_like randperm bernoulli normal normal_functional uniform "
        "random exponential geometric log_normal cauchy multinomial poisson"
    ),
    "recurrent": "lstm gru rnn_tanh rnn_relu lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell",
    "attention": "scaled_dot_product_attention",
    "sort": "sort argsort topk kthvalue msort searchsorted bucketize",
}

_FAMILY: dict[str, Family] = {name: family for family, names in _NAMES.items() for name in names.split()}


def base(op: str) -> str:
    """Return an operator's name without its overload."""
    return op.partition(".")[0]


def family(op: str) -> Family:
    """Return the family of an operator on the allow-list, `conv2d.default` or `conv2d`."""
    return _FAMILY[base(op)]


def is_allowed(op: str) -> bool:
    """Tell whether a program may hold this operator."""
    return base(op) in _FAMILY


def overload(op: str) -> Any:  # noqa: ANN401 - torch has no public type for an operator overload
    """Look an operator up.

    Raises:
        Refused: it is not on the allow-list, does not exist in this version of torch, or writes to its arguments.
    """
    name, _, variant = op.partition(".")
    if name not in _FAMILY:
        raise Refused(f"the operator `{name}` is not one that netgrade knows")
    found = getattr(getattr(torch.ops.aten, name, None), variant or "default", None)
    if not isinstance(found, torch._ops.OpOverload):  # noqa: SLF001 - the public name torch.ops has no type of its own
        raise Refused(f"torch {torch.__version__} has no operator `{name}` of the form `{variant}`")
    if found._schema.is_mutable:  # noqa: SLF001 - the schema is an operator's only description
        raise Refused(f"the operator `{op}` writes to its arguments")
    return found
