from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real images that is not part of the repository."""
    folder = Path(os.environ.get("CELLWIRE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the shared images are not at {folder} (set CELLWIRE_SHARED_DATA)")
    return folder
