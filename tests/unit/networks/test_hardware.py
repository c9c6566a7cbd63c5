from __future__ import annotations

import psutil
import pytest
import torch

from cellwire.networks.hardware import describe_device
from cellwire.networks.inference import available_devices


def test_the_processor_has_the_memory_of_the_machine() -> None:
    found = describe_device("cpu")
    assert found.memory_bytes == psutil.virtual_memory().total
    assert found.description


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_an_accelerator_has_its_own_memory() -> None:
    for name in available_devices():
        if name.startswith("cuda"):
            found = describe_device(name)
            assert found.memory_bytes == torch.cuda.mem_get_info(name)[1]
            assert found.description == torch.cuda.get_device_name(name)
