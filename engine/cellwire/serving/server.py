"""The server: services, secrets and limits put together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from typing import TYPE_CHECKING

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from cellwire.errors import BindRefusedError, InvalidParameterError
from cellwire.jobs.engine import Engine
from cellwire.serving.binding import check_binding, check_socket_free, parse_binding
from cellwire.serving.boundary import Boundary
from cellwire.serving.engine_service import EngineService
from cellwire.serving.image_service import ImageService
from cellwire.serving.image_store import ImageStore
from cellwire.serving.model_service import ModelService
from cellwire.serving.segmentation_service import SegmentationService
from cellwire.serving.segmentations import Segmentations
from cellwire.serving.settings import MAX_MESSAGE_BYTES
from cellwire.serving.start import choose_models, describe_devices
from cellwire.serving.state import State
from cellwire.serving.tokens import TokenBook
from cellwire_api.v1 import (
    engine_service_pb2,
    engine_service_pb2_grpc,
    image_service_pb2,
    image_service_pb2_grpc,
    model_service_pb2,
    model_service_pb2_grpc,
    segmentation_service_pb2,
    segmentation_service_pb2_grpc,
)

if TYPE_CHECKING:
    from pathlib import Path

    from cellwire.serving.settings import ServeSettings

LOG = logging.getLogger(__name__)

SERVICES = (
    engine_service_pb2.DESCRIPTOR.services_by_name["EngineService"].full_name,
    image_service_pb2.DESCRIPTOR.services_by_name["ImageService"].full_name,
    model_service_pb2.DESCRIPTOR.services_by_name["ModelService"].full_name,
    segmentation_service_pb2.DESCRIPTOR.services_by_name["SegmentationService"].full_name,
)
_TIDY_SECONDS = 5.0


class Server:
    """A server on one address. Made, started, drained and stopped on one event loop.

    Parameters
    ----------
    settings
        Address, secrets and limits.
    engine
        What segments; by default a new one with the settings' limits.

    Raises
    ------
    BindRefusedError, InvalidParameterError
        The address is refused, or a secret is not usable.
    """

    def __init__(self, settings: ServeSettings, engine: Engine | None = None) -> None:
        self.settings = settings
        self._binding = parse_binding(settings.listen)
        credentials = _credentials(settings)
        tokens = TokenBook(settings.token_file) if settings.token_file else None
        check_binding(self._binding, tls=credentials is not None, tokens=tokens is not None)
        self.engine = engine or Engine(settings.engine)
        self.state = State()
        self.store = ImageStore(
            settings.store_bytes,
            settings.engine.max_image_bytes,
            settings.retention,
            settings.upload_retention,
        )
        self.segmentations = Segmentations(
            self.engine, self.store, self.state, settings.result_bytes, settings.retention
        )
        self._about = EngineService(settings, self.state, self.store, self.segmentations)
        self._health = health.aio.HealthServicer()
        self._grpc = self._compose(Boundary(tokens))
        self.address = self._bind(credentials)
        self._tidying: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; health says NOT_SERVING and work waits until `warm_up` is done."""
        await self._set_health(serving=False)
        await self._grpc.start()
        if self._binding.path is not None:
            self._binding.path.chmod(0o600)
        self._tidying = asyncio.create_task(self._tidy())

    async def warm_up(self) -> None:
        """Load models and compile kernels, then take work."""
        models = choose_models(self.settings.models)
        await asyncio.to_thread(self.engine.warm_up, *models)
        self._about.devices = await asyncio.to_thread(describe_devices, self.engine, models)
        self.state.serve()
        await self._set_health(serving=True)

    async def drain(self, grace: float) -> None:
        """Take nothing new, let what runs finish within ``grace`` seconds, then stop."""
        self.state.drain()
        await self._health.enter_graceful_shutdown()
        await self.segmentations.drain(grace)
        await self.stop()

    async def stop(self) -> None:
        """Stop now; running calls end with CANCELLED."""
        self.state.drain()
        if self._tidying is not None:
            self._tidying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._tidying
        await self.segmentations.drain(0)
        await self._grpc.stop(0.5)
        if self._binding.path is not None:
            self._binding.path.unlink(missing_ok=True)
        await asyncio.to_thread(self.engine.close)

    def _compose(self, boundary: Boundary) -> grpc.aio.Server:
        server = grpc.aio.server(
            interceptors=[boundary],
            options=[
                ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
                ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
                ("grpc.max_metadata_size", 16 * 1024),
                ("grpc.max_concurrent_streams", self.settings.max_streams),
                ("grpc.so_reuseport", 0),  # a second engine on the port is to fail, not to share it
                ("grpc.keepalive_time_ms", 30_000),
                ("grpc.keepalive_timeout_ms", 20_000),
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
                ("grpc.http2.max_ping_strikes", 5),
            ],
        )
        engine_service_pb2_grpc.add_EngineServiceServicer_to_server(  # type: ignore[no-untyped-call]
            self._about, server
        )
        image_service_pb2_grpc.add_ImageServiceServicer_to_server(  # type: ignore[no-untyped-call]
            ImageService(self.store, self.state, self.settings.upload_idle), server
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(  # type: ignore[no-untyped-call]
            ModelService(self.engine, self.state), server
        )
        segmentation_service_pb2_grpc.add_SegmentationServiceServicer_to_server(  # type: ignore[no-untyped-call]
            SegmentationService(self.segmentations), server
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        names = (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, server)
        return server

    def _bind(self, credentials: grpc.ServerCredentials | None) -> str:
        binding = self._binding
        if binding.path is not None:
            check_socket_free(binding.path)
        mask = os.umask(0o177) if binding.path is not None else None
        try:
            if credentials is None:
                port = self._grpc.add_insecure_port(binding.address())
            else:
                port = self._grpc.add_secure_port(binding.address(), credentials)
        except RuntimeError as error:
            raise BindRefusedError(
                f"The engine cannot listen on {binding.address()}: another program does, or the "
                "address is not this machine's.",
                "Stop the other program or choose another port; port 0 takes any free one.",
            ) from error
        finally:
            if mask is not None:
                os.umask(mask)
        return binding.address(port)

    async def _set_health(self, *, serving: bool) -> None:
        kind = health_pb2.HealthCheckResponse
        status = kind.SERVING if serving else kind.NOT_SERVING
        for name in ("", *SERVICES):
            await self._health.set(name, status)

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(_TIDY_SECONDS)
            self.store.expire()
            self.segmentations.expire()


def _credentials(settings: ServeSettings) -> grpc.ServerCredentials | None:
    if settings.certificate is None and settings.key is None:
        return None
    if settings.certificate is None or settings.key is None:
        raise InvalidParameterError(
            "TLS needs a certificate and its key; one of them is missing.",
            "Name both; cellwire certificate makes them.",
        )
    pair = (_read_secret(settings.key), _read_secret(settings.certificate))
    return grpc.ssl_server_credentials([pair])


def _read_secret(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidParameterError(
            f"{path} cannot be read ({error.strerror}).", "Check the path and its permissions."
        ) from error
