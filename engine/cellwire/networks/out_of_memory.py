"""Telling a device without memory from other faults; by name, so that torch is not imported."""

from __future__ import annotations

_NAMES = {"OutOfMemoryError", "MemoryError"}
_TEXTS = (
    "out of memory",
    "can't allocate memory",
    "STATUS_ALLOC_FAILED",
    "unable to find an engine to execute this computation",
)
"""What torch says of CUDA, Metal, the processor, cuDNN and cuBLAS in plain runtime errors.

The last where no algorithm of a convolution gets its workspace (pytorch/pytorch#108645); should it
ever mean something else, the processor, which is tried in the end, has no such limit.
"""


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error of torch or NumPy says that a device has no memory left."""
    if _NAMES & {kind.__name__ for kind in type(error).__mro__}:
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in _TEXTS)
