"""EngineService: what the engine is and can take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.duration_pb2 import Duration

from cellwire.serving.boundary import Context, current_caller
from cellwire.serving.settings import (
    CHUNK_BYTES,
    MAX_MESSAGE_BYTES,
    MIN_CLIENT_REVISION,
    REVISION,
)
from cellwire.serving.state import Phase
from cellwire.version import __version__
from cellwire_api.v1 import array_pb2
from cellwire_api.v1 import engine_service_pb2 as api
from cellwire_api.v1 import engine_service_pb2_grpc as stubs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.serving.image_store import ImageStore
    from cellwire.serving.segmentations import Segmentations
    from cellwire.serving.settings import ServeSettings
    from cellwire.serving.state import State

_PHASES = {
    Phase.STARTING: api.ENGINE_STATE_STARTING,
    Phase.SERVING: api.ENGINE_STATE_SERVING,
    Phase.DRAINING: api.ENGINE_STATE_DRAINING,
}


class EngineService(stubs.EngineServiceServicer):
    """Describes the engine."""

    def __init__(
        self,
        settings: ServeSettings,
        state: State,
        store: ImageStore,
        segmentations: Segmentations,
    ) -> None:
        self._settings = settings
        self._state = state
        self._store = store
        self._segmentations = segmentations
        self.devices: Sequence[api.Device] = ()

    async def GetEngine(  # noqa: N802
        self, request: api.GetEngineRequest, context: Context
    ) -> api.GetEngineResponse:
        """Tell version, limits, devices and encodings."""
        self._store.expire()
        engine = self._settings.engine
        retention = Duration()
        retention.FromNanoseconds(int(self._settings.retention * 1e9))
        return api.GetEngineResponse(
            version=__version__,
            revision=REVISION,
            min_client_revision=MIN_CLIENT_REVISION,
            state=_PHASES[self._state.phase],
            limits=api.Limits(
                max_message_bytes=MAX_MESSAGE_BYTES,
                preferred_chunk_bytes=CHUNK_BYTES,
                max_image_bytes=engine.max_image_bytes,
                max_tiles=engine.max_tiles,
                max_queued_segmentations=engine.max_waiting,
                max_resized_pixels=engine.max_resized_pixels,
                max_pixel_steps=engine.max_pixel_steps,
                retention=retention,
            ),
            devices=self.devices,
            encodings=[array_pb2.ENCODING_RAW, array_pb2.ENCODING_ZSTD],
            caller=current_caller(),
            store=api.StoreUsage(
                images=len(self._store),
                used_bytes=self._store.used,
                capacity_bytes=self._store.capacity,
            ),
            active_segmentations=self._segmentations.active,
        )
