package org.cellwire.imagej.client;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;

/**
 * TLS by Java itself that offers HTTP/2 (ALPN), as a gRPC server wants.
 *
 * <p>Debian builds Netty without ALPN. Java has it since 9 and 8u252; here it is switched on
 * without Netty's help, which then cannot tell what was agreed on (null).
 */
@SuppressWarnings("deprecation")
final class TlsContext extends SslContext {

    private static final String HTTP2 = "h2";

    private final SslContext plain;

    private TlsContext(SslContext plain) {
        this.plain = plain;
    }

    /**
     * Makes a client's TLS.
     *
     * @param certificate the only authority to be trusted (PEM); null = those that Java trusts
     * @param file where the certificate came from, for the message
     * @throws CellwireException (TLS) if the certificate is damaged, or Java is too old
     */
    static SslContext of(byte[] certificate, String file) throws CellwireException {
        if (setter() == null) {
            throw new CellwireException(
                    "TLS",
                    "This Java (" + System.getProperty("java.version") + ") cannot speak HTTP/2 "
                            + "over TLS; version 8 can from update 252 on.",
                    "Install the latest Fiji, or use an engine on this computer.");
        }
        try {
            SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
            if (certificate != null) {
                builder.trustManager(new ByteArrayInputStream(certificate));
            }
            return new TlsContext(builder.build());
        } catch (SSLException | IllegalArgumentException error) {
            throw new CellwireException(
                    "TLS", "The certificate file " + file + " is damaged.",
                    "Copy ca.pem from the engine's machine again.");
        }
    }

    private static Method setter() {
        try {
            return SSLParameters.class.getMethod("setApplicationProtocols", String[].class);
        } catch (NoSuchMethodException error) {
            return null;
        }
    }

    private static SSLEngine offering(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        try {
            setter().invoke(parameters, (Object) new String[] {HTTP2});
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator buffers) {
        return offering(plain.newEngine(buffers));
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator buffers, String host, int port) {
        return offering(plain.newEngine(buffers, host, port));
    }

    @Override
    public io.netty.handler.ssl.ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        List<String> protocols = Collections.unmodifiableList(Arrays.asList(HTTP2, null));
        return () -> protocols;
    }

    @Override
    public boolean isClient() {
        return plain.isClient();
    }

    @Override
    public List<String> cipherSuites() {
        return plain.cipherSuites();
    }

    @Override
    public long sessionCacheSize() {
        return plain.sessionCacheSize();
    }

    @Override
    public long sessionTimeout() {
        return plain.sessionTimeout();
    }

    @Override
    public SSLSessionContext sessionContext() {
        return plain.sessionContext();
    }
}
