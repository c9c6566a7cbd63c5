"""The gRPC channel to an engine: plain on this machine, TLS and a token to any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, List, NamedTuple, Optional, Sequence, Tuple

import grpc

from cellwire_client.credentials import PathLike, check_token, read_certificate, read_token
from cellwire_client.errors import TlsError
from cellwire_client.version import __version__

if TYPE_CHECKING:
    from cellwire_client.address import Address

Metadata = Sequence[Tuple[str, str]]

_OPTIONS: List[Tuple[str, Any]] = [
    ("grpc.primary_user_agent", f"cellwire-client/{__version__}"),
    # A proxy of the environment would be asked even for 127.0.0.1.
    ("grpc.enable_http_proxy", 0),
    # A host that was switched off sends nothing: pings find out.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    # An engine that restarts is found again soon.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # Attempts of an earlier channel do not delay this one.
    ("grpc.use_local_subchannel_pool", 1),
]


class Connection(NamedTuple):
    """A channel, and what `diagnosis` needs to know when it fails.

    Attributes
    ----------
    address
        Where the engine listens.
    channel
        gRPC's channel.
    secure
        Whether it speaks TLS.
    certificate
        The pinned authority (PEM), ``None`` for those that the system trusts.
    has_token
        Whether a token is sent.
    """

    address: Address
    channel: grpc.Channel
    secure: bool
    certificate: Optional[bytes]
    has_token: bool


def open_connection(
    address: Address,
    ca_file: Optional[PathLike] = None,
    token_file: Optional[PathLike] = None,
    token: Optional[str] = None,
    tls: Optional[bool] = None,
) -> Connection:
    """Make a channel; nothing is sent yet.

    Parameters
    ----------
    address
        Where the engine listens.
    ca_file
        The ``ca.pem`` of the engine, the only authority that is then trusted.
    token_file
        File that holds the token.
    token
        The token itself, instead of a file.
    tls
        Whether to speak TLS. By default with a `ca_file`, and to every other machine.

    Returns
    -------
    Connection

    Raises
    ------
    TlsError
        If the certificate is none, or an address outside this machine is to be used without TLS.
    TokenError
        If the token cannot be read.
    """
    pem = None if ca_file is None else read_certificate(ca_file)
    secret = check_token(token) if token is not None else None
    if token_file is not None and secret is None:
        secret = read_token(token_file)
    secure = tls if tls is not None else (pem is not None or not address.is_local)
    if not secure and not address.is_local:
        raise TlsError(
            f"{address} is another machine; images and tokens are not sent there unprotected.",
            "Leave tls out, and give the engine's ca.pem (made there by 'cellwire certificate').",
        )
    if secure:
        channel = _secure_channel(address, pem, secret)
    else:
        channel = grpc.insecure_channel(address.target, options=_OPTIONS)
        if secret is not None:
            channel = grpc.intercept_channel(channel, _Bearer(secret))
    return Connection(address, channel, secure, pem, secret is not None)


def _secure_channel(
    address: Address, certificate: Optional[bytes], token: Optional[str]
) -> grpc.Channel:
    credentials = grpc.ssl_channel_credentials(root_certificates=certificate)
    if token is not None:
        bearer = grpc.access_token_call_credentials(token)
        credentials = grpc.composite_channel_credentials(credentials, bearer)
    return grpc.secure_channel(address.target, credentials, options=_OPTIONS)


class _CallDetails(NamedTuple):
    method: str
    timeout: Optional[float]
    metadata: Metadata
    credentials: Any
    wait_for_ready: Optional[bool]
    compression: Any


class _Bearer(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
):
    """Sends the token on a plain channel, where gRPC's call credentials refuse to."""

    def __init__(self, token: str) -> None:
        self._header = ("authorization", f"Bearer {token}")

    def _intercept(self, proceed: Callable[..., Any], details: Any, request: Any) -> Any:
        metadata = [*(details.metadata or ()), self._header]
        with_token = _CallDetails(
            details.method,
            details.timeout,
            metadata,
            details.credentials,
            getattr(details, "wait_for_ready", None),
            getattr(details, "compression", None),
        )
        return proceed(with_token, request)

    intercept_unary_unary = _intercept  # type: ignore[assignment]
    intercept_unary_stream = _intercept  # type: ignore[assignment]
    intercept_stream_unary = _intercept  # type: ignore[assignment]
