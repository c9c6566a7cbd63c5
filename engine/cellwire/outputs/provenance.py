"""What made a result, so that it can be made again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a result.

    Attributes
    ----------
    engine_version
        Version of Cellwire.
    model, digest
        Name of the model and SHA-256 of its weights.
    parameters
        Every parameter as it was used.
    backend, precision
        What ran the network, such as torch and fp32; of an accelerator its name too.
    """

    engine_version: str
    model: str
    digest: str
    parameters: Mapping[str, Any]
    backend: str
    precision: str

    def to_json(self) -> str:
        """One line of JSON, keys in order: the same for the same result."""
        return json.dumps({"program": "cellwire", **asdict(self)}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Provenance:
        """Read what `to_json` wrote."""
        values = json.loads(text)
        values.pop("program", None)
        return cls(**values)
