"""What an engine says of itself and of its models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Tuple

from cellwire_api.v1 import array_pb2, engine_service_pb2, model_service_pb2
from cellwire_client.parameters import parameter_options


@dataclass(frozen=True)
class Device:
    """Where networks run: name as the command line takes it, and what the hardware calls itself."""

    name: str
    description: str
    memory_bytes: int
    backend: str
    precision: str


@dataclass(frozen=True)
class EngineInfo:
    """An engine.

    Attributes
    ----------
    version, revision
        Of the product and of the protocol.
    state
        starting, serving or draining.
    devices
        The one in use first.
    max_image_bytes, preferred_chunk_bytes, max_message_bytes
        What it takes; 0 = it does not say.
    max_tiles, max_resized_pixels, max_pixel_steps
        How much work one segmentation may be; 0 = it does not say.
    takes_zstd
        Whether it can unpack Zstandard.
    caller
        Who it takes us for, by our token.
    active_segmentations
        Segmentations that wait or run now.
    stored_images, stored_bytes, capacity_bytes
        How full its store of images is.
    """

    version: str
    revision: int
    state: str
    devices: Tuple[Device, ...]
    max_image_bytes: int
    preferred_chunk_bytes: int
    max_message_bytes: int
    takes_zstd: bool
    caller: str
    active_segmentations: int
    stored_images: int
    stored_bytes: int
    capacity_bytes: int
    max_tiles: int
    max_resized_pixels: int
    max_pixel_steps: int


@dataclass(frozen=True)
class ModelInfo:
    """A model of an engine.

    Attributes
    ----------
    name
        By which it is asked for.
    digest
        SHA-256 of its weights.
    state
        stored, loaded or broken.
    description
        What it is for.
    mean_diameter
        Diameter in pixels to which images are resized.
    channels, networks
        Channels that it takes; networks that are averaged.
    has_size_model
        Whether it finds the diameter by itself.
    licence, attribution
        Of its weights.
    origin
        shipped or added.
    defaults
        Parameters that are used where a request leaves them unset, as arguments of
        `Engine.segment`. Without ``diameter`` it is automatic where the model can, else the mean
        of its training images.
    """

    name: str
    digest: str
    state: str
    description: str
    mean_diameter: float
    channels: int
    networks: int
    has_size_model: bool
    licence: str
    attribution: str
    origin: str
    defaults: Mapping[str, Any]


def engine_info(found: engine_service_pb2.GetEngineResponse) -> EngineInfo:
    """Read the engine's description."""
    return EngineInfo(
        version=found.version,
        revision=found.revision,
        state=_word(engine_service_pb2.EngineState, found.state, "ENGINE_STATE_"),
        devices=tuple(
            Device(d.name, d.description, d.memory_bytes, d.backend, d.precision)
            for d in found.devices
        ),
        max_image_bytes=found.limits.max_image_bytes,
        preferred_chunk_bytes=found.limits.preferred_chunk_bytes,
        max_message_bytes=found.limits.max_message_bytes,
        takes_zstd=array_pb2.ENCODING_ZSTD in found.encodings,
        caller=found.caller,
        active_segmentations=found.active_segmentations,
        stored_images=found.store.images,
        stored_bytes=found.store.used_bytes,
        capacity_bytes=found.store.capacity_bytes,
        max_tiles=found.limits.max_tiles,
        max_resized_pixels=found.limits.max_resized_pixels,
        max_pixel_steps=found.limits.max_pixel_steps,
    )


def model_info(model: model_service_pb2.Model) -> ModelInfo:
    """Read a model's description."""
    return ModelInfo(
        name=model.name.split("/", 1)[-1],
        digest=model.digest,
        state=_word(model_service_pb2.ModelState, model.state, "MODEL_STATE_"),
        description=model.description,
        mean_diameter=model.mean_diameter,
        channels=model.channels,
        networks=model.networks,
        has_size_model=model.has_size_model,
        licence=model.licence,
        attribution=model.attribution,
        origin=_word(model_service_pb2.ModelOrigin, model.origin, "MODEL_ORIGIN_"),
        defaults=parameter_options(model.defaults),
    )


def _word(kind: object, value: int, prefix: str) -> str:
    try:
        name: str = kind.Name(value)  # type: ignore[attr-defined]
    except ValueError:  # of a later engine
        return "unknown"
    return name[len(prefix) :].lower()
