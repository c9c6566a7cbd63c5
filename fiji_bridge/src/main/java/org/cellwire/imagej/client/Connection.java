package org.cellwire.imagej.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A gRPC channel to an engine: plain on this machine, TLS and a token to any other. */
final class Connection {

    /** gRPC's own warnings say less than {@link Diagnosis} and open Fiji's console. */
    private static final Logger QUIET = Logger.getLogger("io.grpc");

    static {
        QUIET.setLevel(Level.SEVERE);
    }

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final EnginePlace place;
    private final byte[] certificate;
    private final boolean hasToken;
    private final ManagedChannel managed;
    private final Channel channel;

    /**
     * Makes a channel; nothing is sent yet.
     *
     * @param place where the engine is
     * @throws CellwireException if the certificate or the token cannot be used
     */
    Connection(EnginePlace place) throws CellwireException {
        this.place = place;
        certificate = place.certificateFile().isEmpty()
                ? null : CredentialFiles.certificate(place.certificateFile());
        String token = place.tokenFile().isEmpty()
                ? null : CredentialFiles.token(place.tokenFile());
        hasToken = token != null;
        Address address = place.address();
        NettyChannelBuilder builder =
                NettyChannelBuilder.forAddress(address.host(), address.port());
        if (place.secure()) {
            builder.sslContext(TlsContext.of(certificate, place.certificateFile()));
        } else {
            builder.usePlaintext();
        }
        managed = builder
                .userAgent("cellwire-imagej/" + ClientVersion.name())
                // A proxy of the desktop would be asked even for 127.0.0.1.
                .proxyDetector(target -> null)
                // A host that was switched off sends nothing: pings find out.
                .keepAliveTime(30, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS)
                .build();
        channel = token == null ? managed : ClientInterceptors.intercept(managed, bearer(token));
    }

    private static ClientInterceptor bearer(String token) {
        return new ClientInterceptor() {
            @Override
            public <Q, A> ClientCall<Q, A> interceptCall(
                    MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                return new SimpleForwardingClientCall<Q, A>(next.newCall(method, options)) {
                    @Override
                    public void start(Listener<A> listener, Metadata headers) {
                        headers.put(AUTHORIZATION, "Bearer " + token);
                        super.start(listener, headers);
                    }
                };
            }
        };
    }

    /** Gives the place to which it leads. */
    EnginePlace place() {
        return place;
    }

    /** Gives the pinned authority (PEM); null = those that Java trusts. */
    byte[] certificate() {
        return certificate;
    }

    /** Tells whether a token is sent. */
    boolean hasToken() {
        return hasToken;
    }

    /** Gives the channel for stubs. */
    Channel channel() {
        return channel;
    }

    /** Tries at once, and not after the pause that follows a failed attempt. */
    void retryNow() {
        managed.resetConnectBackoff();
    }

    /** Closes it; running calls end. */
    void close() {
        managed.shutdownNow();
    }
}
