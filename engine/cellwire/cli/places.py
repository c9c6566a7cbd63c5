"""Where the engine's own files are."""

from __future__ import annotations

import os
from pathlib import Path


def engine_folder() -> Path:
    """Give ``$CELLWIRE_HOME``, or the user's folder of this program: secrets and added models."""
    import platformdirs

    home = os.environ.get("CELLWIRE_HOME")
    return Path(home) if home else platformdirs.user_data_path("cellwire")


def log_folder() -> Path:
    """Give the folder of logs."""
    import platformdirs

    home = os.environ.get("CELLWIRE_HOME")
    return Path(home) / "logs" if home else platformdirs.user_log_path("cellwire", appauthor=False)
