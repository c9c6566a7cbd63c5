"""What every call passes: whose it is, and how its errors leave."""

from __future__ import annotations

import asyncio
import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc

from cellwire.errors import TokenMissingError, TokenWrongError
from cellwire.serving.errors import TRAILER, describe, sentence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from cellwire.serving.tokens import TokenBook

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

_CALLER: ContextVar[str] = ContextVar("cellwire_caller", default="")

OPEN_SERVICES = ("/grpc.health.v1.Health/",)
"""Services that need no token: a supervisor asks for health without one."""


def current_caller() -> str:
    """Name of whose call is being answered; empty where the engine wants no tokens."""
    return _CALLER.get()


class Boundary(grpc.aio.ServerInterceptor):
    """Identifies callers by their tokens and sends errors of the catalogue.

    Parameters
    ----------
    tokens
        Whom to let in; ``None`` lets everyone in, without a name.
    """

    def __init__(self, tokens: TokenBook | None) -> None:
        self._tokens = tokens

    async def intercept_service(
        self,
        continuation: Callable[[Any], Awaitable[Any]],
        handler_call_details: Any,
    ) -> Any:
        """Wrap the handler of a call."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.startswith(OPEN_SERVICES):
            return handler
        metadata = handler_call_details.invocation_metadata
        if handler.response_streaming:
            inner = handler.unary_stream or handler.stream_stream
            wrapped: Any = self._stream(inner, metadata)
            make = (
                grpc.stream_stream_rpc_method_handler
                if handler.request_streaming
                else grpc.unary_stream_rpc_method_handler
            )
        else:
            inner = handler.stream_unary or handler.unary_unary
            wrapped = self._unary(inner, metadata)
            make = (
                grpc.stream_unary_rpc_method_handler
                if handler.request_streaming
                else grpc.unary_unary_rpc_method_handler
            )
        return make(wrapped, handler.request_deserializer, handler.response_serializer)

    def _unary(self, inner: Any, metadata: Any) -> Any:
        async def answer(request: Any, context: Context) -> Any:
            try:
                _CALLER.set(self._identify(metadata))
                return await inner(request, context)
            except Exception as error:
                await _abort(context, error)

        return answer

    def _stream(self, inner: Any, metadata: Any) -> Any:
        async def answer(request: Any, context: Context) -> AsyncIterator[Any]:
            try:
                _CALLER.set(self._identify(metadata))
                async with contextlib.aclosing(inner(request, context)) as responses:
                    async for response in responses:
                        yield response
            except Exception as error:
                await _abort(context, error)

        return answer

    def _identify(self, metadata: Any) -> str:
        if self._tokens is None:
            return ""
        values = [value for key, value in metadata if key == "authorization"]
        if not values:
            raise TokenMissingError(
                "This engine wants a token and none came.",
                "Ask who runs the engine for one (cellwire token add NAME) and give it.",
            )
        scheme, _, token = str(values[0]).partition(" ")
        name = self._tokens.identify(token.strip()) if scheme.lower() == "bearer" else None
        if name is None:
            raise TokenWrongError(
                "The token is not one of this engine's.",
                "Check that it was copied whole, or ask who runs the engine for a new one.",
            )
        return name


async def _abort(context: Context, error: Exception) -> None:
    # abort's own error passes through here when a handler aborts; it must go on unchanged.
    if isinstance(error, grpc.aio.AbortError | asyncio.CancelledError):
        raise error
    status, detail = describe(error)
    await context.abort(status, sentence(detail), ((TRAILER, detail.SerializeToString()),))
