"""What differs between torch's devices: copies, waiting, memory."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float32]

MAX_PINNED = 2**28
"""Bytes of a copy through pinned memory; torch keeps such memory, and nothing can swap it out."""


@contextlib.contextmanager
def computing_on(device: torch.device) -> Iterator[None]:
    """Compute on a device, without gradients, in the numbers that were asked for.

    By itself cuDNN may multiply fp32 in TF32, and choose an algorithm by what is fast just then.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.inference_mode())
        if device.type == "cuda":
            stack.enter_context(torch.cuda.device(device))
            exact = torch.backends.cudnn.flags(
                enabled=True, benchmark=False, deterministic=True, allow_tf32=False
            )
            stack.enter_context(exact)
        yield


def staged(array: FloatArray, device: torch.device) -> Tensor:
    """Give the values in memory from which a device fetches them while the processor goes on."""
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.pin_memory() if _pins(tensor, device) else tensor


def fetched(tensor: Tensor) -> Tensor:
    """Start a copy to the machine's memory; it is whole when a later `Mark` is reached."""
    if not _pins(tensor, tensor.device):
        return tensor.cpu()
    host = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    return host.copy_(tensor, non_blocking=True)


def as_array(host: Tensor) -> FloatArray:
    """Give a fetched tensor as an array; pinned memory is given back."""
    values: FloatArray = host.numpy()
    return values.copy() if host.is_pinned() else values


class Mark:
    """A place in the work given to a device: only CUDA works on while the processor goes on."""

    def __init__(self, device: torch.device) -> None:
        self._event = None
        if device.type == "cuda":
            self._event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._event.record()

    def wait(self) -> None:
        """Wait until the device has come so far."""
        if self._event is not None:
            self._event.synchronize()


def memory_taken(device: torch.device, work: Callable[[], object]) -> tuple[int, int]:
    """Measure, on CUDA, the bytes that some work takes at its peak, and those that are free."""
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    work()
    torch.cuda.synchronize(device)
    taken = torch.cuda.max_memory_allocated(device) - before
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return taken, torch.cuda.mem_get_info(device)[0] + kept


def give_back_memory(device: torch.device) -> None:
    """Give what torch keeps for later back to the device."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def _pins(tensor: Tensor, device: torch.device) -> bool:
    return device.type == "cuda" and tensor.nbytes <= MAX_PINNED
