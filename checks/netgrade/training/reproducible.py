"""Makes torch do the same twice, and collects what it says where it can't."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def reproducible() -> Iterator[list[str]]:
    """Use deterministic algorithms and plain float32; give a list to which remarks are added, at the end at the latest.

    An operator without a deterministic algorithm is a remark and no error. For deterministic products on a GPU the
    process must have been started with CUBLAS_WORKSPACE_CONFIG set.
    """
    remarks: list[str] = []
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined] # a property of the module's class
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        try:
            yield remarks
        finally:
            said = (str(warning.message).splitlines()[0][:200] for warning in caught)
            remarks.extend(dict.fromkeys(text for text in said if "deterministic" in text))
            torch.use_deterministic_algorithms(mode=False)
