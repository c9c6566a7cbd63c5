"""One segmentation from upload to result, through broken connections and restarted engines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, List, NamedTuple, Optional, Tuple

import grpc

from cellwire_api.v1 import segmentation_service_pb2
from cellwire_client.decode import EventReader
from cellwire_client.errors import (
    CellwireClientError,
    ConnectionFailedError,
    EngineFaultError,
    EngineLostError,
    SegmentationCancelledError,
)
from cellwire_client.progress import Progress
from cellwire_client.result import SegmentationResult, make_progress, make_result
from cellwire_client.rpc_errors import error_detail, is_lost, translate
from cellwire_client.stacks import check_revision
from cellwire_client.upload import UploadSettings, upload_image

if TYPE_CHECKING:
    from cellwire_client.arrays import WireImage
    from cellwire_client.progress import Supervision
    from cellwire_client.services import Services

_RESTARTS = 3
_PAUSE = 0.3


class Order(NamedTuple):
    """What is to be done.

    Attributes
    ----------
    request
        The request; the same in every attempt, so that none is done twice.
    images
        Each image, and whether it is to be packed.
    notices
        What the client has to say about it.
    """

    request: segmentation_service_pb2.SegmentRequest
    images: Tuple[Tuple[WireImage, bool], ...]
    notices: Tuple[str, ...] = ()


class Runner:
    """Carries one order out.

    Parameters
    ----------
    services
        Stubs of the engine.
    settings
        What the engine said about images.
    revision
        Of the engine's protocol.
    supervision
        Time limit, cancel event and report.
    reconnect
        Seconds for which an engine that went away is waited for.
    """

    def __init__(
        self,
        services: Services,
        settings: UploadSettings,
        revision: int,
        supervision: Supervision,
        reconnect: float,
    ) -> None:
        self._services = services
        self._revision = revision
        self._settings = settings
        self._supervision = supervision
        self._reconnect = reconnect
        self._doing = "waiting for the engine"
        self._reader = EventReader()

    def run(self, order: Order) -> SegmentationResult:
        """Upload what is missing, segment, and collect the outputs.

        Raises
        ------
        CellwireClientError
            Of the class that says what went wrong. An engine that went away and did not come back
            is an `EngineLostError`.
        """
        self._check(order)
        finished = self._insist(order)
        return make_result(self._reader, finished, order.notices)

    def watch(self, name: str) -> SegmentationResult:
        """Attach to a segmentation that runs in the engine, or is done there, by its name."""
        self._reader.segmentation = name
        finished = self._insist(None)
        self._reader.segmentation = name
        return make_result(self._reader, finished)

    def start(self, order: Order) -> str:
        """Upload what is missing and give the order; return the segmentation's name at once."""
        self._check(order)
        self._insist(order, only_start=True)
        return self._reader.segmentation

    def _check(self, order: Order) -> None:
        check_revision(order.request, self._revision, str(self._services.connection.address))

    def _insist(self, order: Optional[Order], only_start: bool = False) -> Any:
        for restart in range(_RESTARTS + 1):
            try:
                return self._attempt(order, only_start)
            except grpc.RpcError as error:  # noqa: PERF203
                # An event that was set shows as a cancelled call, a passed limit as its status.
                if self._supervision.cancelled:
                    self._cancel_in_engine()
                    raise SegmentationCancelledError("The segmentation was cancelled.") from None
                if restart == _RESTARTS or not self._may_be_repeated(error, order):
                    raise translate(error, self._services.connection) from None
            except SegmentationCancelledError:
                self._cancel_in_engine()
                raise
        raise AssertionError

    def _attempt(self, order: Optional[Order], only_start: bool) -> Any:
        segmentations = self._services.segmentations
        if self._reader.segmentation and (order is None or order.request.detached):
            request: Any = segmentation_service_pb2.WatchSegmentationRequest(
                name=self._reader.segmentation, after_sequence=self._reader.sequence
            )
            call = segmentations.WatchSegmentation(request, timeout=self._supervision.remaining())
        elif order is not None:
            self._reader = EventReader()
            self._doing = "sending the image"
            for image, packed in order.images:
                upload_image(
                    self._services.images, image, self._settings, self._supervision, packed
                )
            self._doing = "asking for the segmentation"
            call = segmentations.Segment(order.request, timeout=self._supervision.remaining())
        else:
            raise AssertionError
        return self._follow(call, only_start)

    def _follow(self, call: Any, only_start: bool) -> Any:
        with self._supervision.over(call):
            for response in call:
                event = response.event
                finished = self._reader.take(event)
                if finished is not None:
                    return finished
                if only_start and self._reader.segmentation:
                    return None
                if event.WhichOneof("event") == "progress":
                    step = make_progress(event.progress)
                    self._doing = str(step)
                    self._supervision.report(step)
        raise EngineFaultError(
            f"The engine at {self._services.connection.address} ended the segmentation without a "
            "result.",
            "Try again; if it happens again, look into the engine's log.",
        )

    def _may_be_repeated(self, error: grpc.RpcError, order: Optional[Order]) -> bool:
        detail = error_detail(error)
        if is_lost(error) or (detail is not None and detail.reason == "SHUTTING_DOWN"):
            self._wait_for_engine()
            return True
        if detail is None or order is None:
            return False
        if detail.reason == "SEGMENTATION_UNKNOWN":  # the engine was restarted: from the start
            self._reader = EventReader()
            return True
        return detail.reason == "IMAGE_UNKNOWN"  # it expired between upload and use

    def _wait_for_engine(self) -> None:
        end = time.monotonic() + self._reconnect
        address = self._services.connection.address
        while True:
            self._supervision.report(Progress("reconnecting", 0, 0))
            try:
                self._services.get_engine(timeout=max(1.0, min(self._reconnect, 5.0)))
            except ConnectionFailedError as error:
                if time.monotonic() >= end or not _may_pass(error):
                    raise EngineLostError(
                        f"The engine at {address} went away while {self._doing}, and did not come "
                        f"back within {self._reconnect:g} s. {error.message}",
                        f"{error.next_step} Then send the image again.",
                    ) from None
            except CellwireClientError:
                if time.monotonic() >= end:
                    raise
            else:
                return
            self._supervision.pause(_PAUSE)

    def _cancel_in_engine(self) -> None:
        # Detached work goes on without us; attached work ends with its call.
        if self._reader.segmentation:
            request = segmentation_service_pb2.CancelSegmentationRequest(
                name=self._reader.segmentation
            )
            try:
                self._services.segmentations.CancelSegmentation(request, timeout=5.0)
            except grpc.RpcError:
                return


def _may_pass(error: ConnectionFailedError) -> bool:
    passing: List[str] = ["REFUSED", "UNREACHABLE"]
    return error.reason in passing
