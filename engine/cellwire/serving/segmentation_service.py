"""SegmentationService: Segment, WatchSegmentation, CancelSegmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire.serving.boundary import Context, current_caller
from cellwire_api.v1 import segmentation_service_pb2 as api
from cellwire_api.v1 import segmentation_service_pb2_grpc as stubs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cellwire.serving.segmentations import Segmentations


class SegmentationService(stubs.SegmentationServiceServicer):
    """Gives calls to `Segmentations`."""

    def __init__(self, segmentations: Segmentations) -> None:
        self._segmentations = segmentations

    async def Segment(  # noqa: N802
        self, request: api.SegmentRequest, context: Context
    ) -> AsyncIterator[api.SegmentResponse]:
        """Segment an image; events come as they happen."""
        record = self._segmentations.begin(current_caller(), request)
        with self._segmentations.attach(record):
            async for event in record.follow():
                yield api.SegmentResponse(event=event)

    async def WatchSegmentation(  # noqa: N802
        self, request: api.WatchSegmentationRequest, context: Context
    ) -> AsyncIterator[api.WatchSegmentationResponse]:
        """Attach to a segmentation again."""
        record = self._segmentations.find(current_caller(), request.name)
        with self._segmentations.attach(record):
            async for event in record.follow(request.after_sequence):
                yield api.WatchSegmentationResponse(event=event)

    async def CancelSegmentation(  # noqa: N802
        self, request: api.CancelSegmentationRequest, context: Context
    ) -> api.CancelSegmentationResponse:
        """End a segmentation within one batch of tiles."""
        record = self._segmentations.find(current_caller(), request.name)
        return api.CancelSegmentationResponse(was_active=self._segmentations.stop(record))
