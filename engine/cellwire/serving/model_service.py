"""ModelService: ListModels, GetModel, WarmUpModel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cellwire.errors import InvalidParameterError, ModelBrokenError
from cellwire.jobs.resolve import defaults_of
from cellwire.serving.convert import read_model_name
from cellwire.serving.convert_parameters import write_parameters
from cellwire_api.v1 import model_service_pb2 as api
from cellwire_api.v1 import model_service_pb2_grpc as stubs

if TYPE_CHECKING:
    from cellwire.jobs.engine import Engine
    from cellwire.networks.registry import ModelEntry
    from cellwire.serving.boundary import Context
    from cellwire.serving.state import State

_PAGE = 100


class ModelService(stubs.ModelServiceServicer):
    """Describes the models of the registry."""

    def __init__(self, engine: Engine, state: State) -> None:
        self._engine = engine
        self._state = state

    async def ListModels(  # noqa: N802
        self, request: api.ListModelsRequest, context: Context
    ) -> api.ListModelsResponse:
        """List the models, by name."""
        from cellwire.networks.registry import list_models

        entries = sorted(await asyncio.to_thread(list_models), key=lambda entry: entry.name)
        if request.page_token and request.page_token not in {e.name for e in entries}:
            raise InvalidParameterError(
                "The page token is not one of this list (any more).", "Ask for the first page."
            )
        size = min(request.page_size or _PAGE, _PAGE)
        rest = [entry for entry in entries if entry.name >= request.page_token]
        following = rest[size].name if len(rest) > size else ""
        return api.ListModelsResponse(
            models=[self._describe(entry) for entry in rest[:size]], next_page_token=following
        )

    async def GetModel(  # noqa: N802
        self, request: api.GetModelRequest, context: Context
    ) -> api.GetModelResponse:
        """Describe one model."""
        from cellwire.networks.registry import find_model

        entry = await asyncio.to_thread(find_model, read_model_name(request.name))
        return api.GetModelResponse(model=self._describe(entry))

    async def WarmUpModel(  # noqa: N802
        self, request: api.WarmUpModelRequest, context: Context
    ) -> api.WarmUpModelResponse:
        """Load a model ahead of its use."""
        name = read_model_name(request.name)
        await self._state.ready()
        model = await asyncio.to_thread(self._engine.model, name)
        return api.WarmUpModelResponse(model=self._describe(model.entry))

    def _describe(self, entry: ModelEntry) -> api.Model:
        loaded = self._engine.holds(entry)
        state = api.MODEL_STATE_LOADED if loaded else api.MODEL_STATE_STORED
        try:
            defaults = write_parameters(defaults_of(entry))
        except ModelBrokenError:
            defaults, state = None, api.MODEL_STATE_BROKEN
        card = entry.card
        shipped = entry.origin == "shipped"
        return api.Model(
            name=f"models/{entry.name}",
            digest=entry.digest,
            state=state,
            description=card.description,
            mean_diameter=card.diam_mean,
            channels=card.channels_in,
            networks=len(entry.files),
            has_size_model=entry.size is not None,
            licence=card.licence,
            origin=api.MODEL_ORIGIN_SHIPPED if shipped else api.MODEL_ORIGIN_ADDED,
            defaults=defaults,
            attribution=card.attribution,
        )
