"""The stubs of the engine's four services on one connection, and calls that raise our errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

import grpc

from cellwire_api.v1 import (
    engine_service_pb2,
    engine_service_pb2_grpc,
    image_service_pb2_grpc,
    model_service_pb2_grpc,
    segmentation_service_pb2_grpc,
)
from cellwire_client.diagnosis import diagnose
from cellwire_client.errors import IncompatibleEngineError
from cellwire_client.rpc_errors import translate
from cellwire_client.version import REVISION, __version__

if TYPE_CHECKING:
    from cellwire_client.channel import Connection

CALL_SECONDS = 30.0
"""Time limit of calls that only ask."""


class Services:
    """Stubs of one connection.

    Attributes
    ----------
    connection
        The connection.
    engine, models, images, segmentations
        The stubs.
    """

    def __init__(self, connection: Connection) -> None:
        channel = connection.channel
        self.connection = connection
        self.engine: Any = engine_service_pb2_grpc.EngineServiceStub(channel)  # type: ignore[no-untyped-call]
        self.models: Any = model_service_pb2_grpc.ModelServiceStub(channel)  # type: ignore[no-untyped-call]
        self.images: Any = image_service_pb2_grpc.ImageServiceStub(channel)  # type: ignore[no-untyped-call]
        self.segmentations: Any = segmentation_service_pb2_grpc.SegmentationServiceStub(channel)  # type: ignore[no-untyped-call]

    def ask(self, method: Any, request: Any, timeout: Optional[float] = CALL_SECONDS) -> Any:
        """Make a unary call; errors come out as the client's own."""
        try:
            return method(request, timeout=timeout)
        except grpc.RpcError as error:
            raise translate(error, self.connection) from None

    def get_engine(self, timeout: float) -> engine_service_pb2.GetEngineResponse:
        """Ask what the engine is, and whether the two understand each other.

        Raises
        ------
        ConnectionFailedError
            If there is no engine, or one that is not for this client or caller.
        """
        request = engine_service_pb2.GetEngineRequest(
            client_version=__version__, client_revision=REVISION
        )
        try:
            found: engine_service_pb2.GetEngineResponse = self.engine.GetEngine(
                request, timeout=timeout
            )
        except grpc.RpcError as error:
            if _timed_out(error):  # where to connect takes too long, gRPC does not say why
                said = f"no answer within {timeout:g} s"
                raise diagnose(self.connection, said) from None
            raise translate(error, self.connection) from None
        if found.min_client_revision > REVISION:
            raise IncompatibleEngineError(
                f"The engine at {self.connection.address} has version {found.version} and serves "
                f"clients of protocol revision {found.min_client_revision} or later; this client "
                f"({__version__}) has revision {REVISION}.",
                f"Update it with 'pip install --upgrade cellwire-client', to {found.version} or "
                "later.",
            )
        return found


def _timed_out(error: Any) -> bool:
    return bool(error.code() == grpc.StatusCode.DEADLINE_EXCEEDED)
