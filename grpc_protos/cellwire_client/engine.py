"""A connection to an engine, and what can be asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, List, Optional, Tuple

import grpc

from cellwire_api.v1 import image_service_pb2, model_service_pb2, segmentation_service_pb2
from cellwire_client.arrays import to_wire
from cellwire_client.descriptions import EngineInfo, ModelInfo, engine_info, model_info
from cellwire_client.encodings import can_pack
from cellwire_client.ordering import make_order
from cellwire_client.progress import Progress, Supervision
from cellwire_client.rpc_errors import translate
from cellwire_client.segmentation import Runner
from cellwire_client.services import CALL_SECONDS, Services
from cellwire_client.upload import UploadSettings, upload_image

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from cellwire_client.options import SegmentOptions
    from cellwire_client.result import SegmentationResult

_MESSAGE_ROOM = 64 * 1024
_MODEL_SECONDS = 600.0


class Engine:
    """A connection to an engine, made by `connect`; may be used by several threads at once."""

    def __init__(self, services: Services, info: EngineInfo, reconnect: float) -> None:
        self._services = services
        self._reconnect = reconnect
        self._revision = info.revision
        room = max(_MESSAGE_ROOM, (info.max_message_bytes or 4 << 20) - _MESSAGE_ROOM)
        self._settings = UploadSettings(
            chunk_bytes=min(info.preferred_chunk_bytes or 1 << 20, room),
            max_image_bytes=info.max_image_bytes,
            zstd=info.takes_zstd and can_pack(),
        )

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; work that is not detached ends."""
        self._services.connection.channel.close()

    @property
    def address(self) -> str:
        """Where the engine listens."""
        return str(self._services.connection.address)

    def info(self) -> EngineInfo:
        """Ask what the engine is: version, devices, limits, state."""
        return engine_info(self._services.get_engine(CALL_SECONDS))

    def models(self) -> Tuple[ModelInfo, ...]:
        """List the engine's models by name."""
        found: List[ModelInfo] = []
        token = ""
        while True:
            request = model_service_pb2.ListModelsRequest(page_token=token)
            page = self._services.ask(self._services.models.ListModels, request)
            found += [model_info(model) for model in page.models]
            token = page.next_page_token
            if not token:
                return tuple(found)

    def model(self, name: str) -> ModelInfo:
        """Describe one model.

        Raises
        ------
        ModelUnknownError
            With the nearest names.
        """
        request = model_service_pb2.GetModelRequest(name=name)
        return model_info(self._services.ask(self._services.models.GetModel, request).model)

    def warm_up(self, name: str, timeout: Optional[float] = _MODEL_SECONDS) -> ModelInfo:
        """Load a model ahead of its use; returns when it is ready."""
        request = model_service_pb2.WarmUpModelRequest(name=name)
        answer = self._services.ask(self._services.models.WarmUpModel, request, timeout)
        return model_info(answer.model)

    def segment(
        self, array: Any, model: str = "nuclei", **options: Unpack[SegmentOptions]
    ) -> SegmentationResult:
        """Segment an image.

        The image is sent only if the engine does not have it; a connection that breaks is taken up
        again under the same request.

        Parameters
        ----------
        array
            The image: (Y, X), or more dimensions with ``axes=``.
        model
            Name of the model.
        **options
            See `cellwire_client.options.SegmentOptions`: ``diameter=``, ``channels=``,
            ``outputs=``, ``stack=``, ``progress=``, ``cancel=``, ``timeout=`` and all parameters.

        Returns
        -------
        SegmentationResult

        Raises
        ------
        CellwireClientError
            Of the class that says what is wrong.
        """
        return self._runner(options).run(make_order(array, model, options))

    def start(self, array: Any, model: str = "nuclei", **options: Unpack[SegmentOptions]) -> str:
        """Give a segmentation to the engine and return its name, for `watch` and `cancel`.

        Takes the arguments of `segment`. The work goes on without this client.
        """
        options["detached"] = True
        return self._runner(options).start(make_order(array, model, options))

    def watch(
        self,
        name: str,
        timeout: Optional[float] = None,
        progress: Optional[Callable[[Progress], object]] = None,
    ) -> SegmentationResult:
        """Wait for a segmentation that was given with `start`, by its name."""
        return self._runner({"timeout": timeout, "progress": progress}).watch(name)

    def cancel(self, name: str) -> bool:
        """End a segmentation by its name; return whether it was still running."""
        request = segmentation_service_pb2.CancelSegmentationRequest(name=name)
        answer = self._services.ask(self._services.segmentations.CancelSegmentation, request)
        return bool(answer.was_active)

    def upload(self, array: Any) -> Tuple[str, int]:
        """Send an image ahead of its use.

        Returns
        -------
        str
            Its name in the engine.
        int
            Bytes that had to be sent; 0 if the engine had it.
        """
        image = to_wire(array)
        try:
            sent = upload_image(self._services.images, image, self._settings, Supervision())
        except grpc.RpcError as error:
            raise translate(error, self._services.connection) from None
        return image.name, sent

    def delete_image(self, image: Any) -> None:
        """Drop one's own reference to an image, given by its name or as the array."""
        name = image if isinstance(image, str) else to_wire(image).name
        request = image_service_pb2.DeleteImageRequest(name=name)
        self._services.ask(self._services.images.DeleteImage, request)

    def _runner(self, options: SegmentOptions) -> Runner:
        supervision = Supervision(
            options.get("timeout"), options.get("cancel"), options.get("progress")
        )
        return Runner(self._services, self._settings, self._revision, supervision, self._reconnect)
