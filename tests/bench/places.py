"""Where the benches find the repository and the shared images."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("CELLWIRE_SHARED_DATA", ROOT.parent / "shared" / "data"))
