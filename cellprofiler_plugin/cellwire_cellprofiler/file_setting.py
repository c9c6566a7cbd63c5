"""A setting that names a file, or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cellprofiler_core.setting import ValidationError
from cellprofiler_core.setting.text import Pathname


class OptionalFile(Pathname):
    """Path of a file with a button to browse; blank means none."""

    @property
    def path(self) -> str:
        """The path without blanks around it, ``~`` resolved."""
        text = str(self.value).strip()
        return str(Path(text).expanduser()) if text else ""

    def test_valid(self, pipeline: Any) -> None:
        """Refuse a file that is not there."""
        if self.path and not Path(self.path).is_file():
            raise ValidationError(f"There is no file {self.path}.", self)
