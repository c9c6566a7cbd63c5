package org.cellwire.imagej.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Finds out why an engine cannot be reached, by doing each step once by hand.
 *
 * <p>gRPC says UNAVAILABLE for a mistyped name, a closed port, a wrong certificate and a lost cable
 * alike.
 */
final class Diagnosis {

    private static final int MILLISECONDS = 3000;
    private static final String CHOOSE =
            "choose it in Plugins > Cellwire > Cellwire Settings.";

    private Diagnosis() {}

    /**
     * Finds the first step that fails.
     *
     * @param connection the connection whose call failed or was not answered in time
     * @param said what gRPC said, shown only where no cause is found; may be null
     */
    static CellwireException of(Connection connection, String said) {
        Address address = connection.place().address();
        try (Socket socket = connect(address)) {
            if (connection.place().secure()) {
                CellwireException failed = tlsFailure(connection, socket);
                if (failed != null) {
                    return failed;
                }
            } else if (speaksTls(socket, address)) {
                return tls(
                        "The engine at " + address + " speaks TLS, and this connection does not.",
                        "Take the ca.pem that 'cellwire certificate' wrote on the engine's machine "
                                + "and " + CHOOSE);
            }
        } catch (CellwireException error) {
            return error;
        } catch (IOException error) {
            return unreachable(address + " cannot be reached: " + error.getMessage() + ".",
                    "Check the address and the network.");
        }
        String words = said == null ? "" : " (gRPC says: " + said + ")";
        return unreachable(
                address + " takes connections but gives no answer of a Cellwire engine" + words
                        + ".",
                "If the engine is starting or very busy, try again; else check the port.");
    }

    /** Makes the error for a gRPC server that does not know the engine's calls. */
    static CellwireException notAnEngine(Address address) {
        return new CellwireException(
                "INCOMPATIBLE",
                "What answers at " + address + " is no Cellwire engine that knows this plugin's "
                        + "protocol (cellwire_api.v1).",
                "Check the port; if it is an engine, update it or this plugin to the same "
                        + "version.");
    }

    private static Socket connect(Address address) throws CellwireException {
        InetAddress[] found;
        try {
            found = InetAddress.getAllByName(address.host());
        } catch (UnknownHostException error) {
            throw new CellwireException(
                    "HOST_UNKNOWN",
                    "The name " + address.host() + " (of " + address + ") is not known to this "
                            + "computer.",
                    "Check its spelling, or use the number that 'hostname -I' prints on that "
                            + "machine.");
        }
        IOException last = null;
        for (InetAddress one : found) {
            Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(one, address.port()), MILLISECONDS);
                socket.setSoTimeout(MILLISECONDS);
                return socket;
            } catch (IOException error) {
                last = error;
                closeQuietly(socket);
            }
        }
        if (last instanceof ConnectException && String.valueOf(last.getMessage())
                .toLowerCase(Locale.ROOT).contains("refused")) {
            throw new CellwireException(
                    "REFUSED",
                    "No engine listens at " + address + ": the connection was refused.",
                    howToStart(address));
        }
        if (last instanceof SocketTimeoutException) {
            throw unreachable(
                    address + " did not answer within " + MILLISECONDS / 1000 + " seconds.",
                    "Check that the machine is on and that its firewall lets this port through.");
        }
        throw unreachable(
                address + " cannot be reached: " + (last == null ? "" : last.getMessage()) + ".",
                "Check the address and the network.");
    }

    private static String howToStart(Address address) {
        if (address.isLocal()) {
            return "Start it with 'cellwire serve --listen " + address + "', or check the port in "
                    + "Plugins > Cellwire > Cellwire Settings.";
        }
        return "On that machine, check that 'cellwire serve --listen " + address
                + "' runs and that the port is right; an engine on 127.0.0.1 serves only its own "
                + "machine.";
    }

    private static CellwireException tlsFailure(Connection connection, Socket socket) {
        Address address = connection.place().address();
        boolean pinned = connection.certificate() != null;
        try {
            TrustManager[] trusted = pinned ? trustOnly(connection.certificate()) : null;
            handshake(socket, address, trusted);
            return null;
        } catch (SSLException error) {
            String words = allWords(error);
            if (words.contains("No subject alternative") || words.contains("No name matching")) {
                return tls(
                        "The certificate of the engine at " + address + " was not made for the "
                                + "name " + address.host() + ".",
                        "On its machine run 'cellwire certificate " + address.host() + "', restart "
                                + "the engine with the new files and copy ca.pem; or use a name "
                                + "that is in the old one.");
            }
            if (causedBy(error, CertificateExpiredException.class)) {
                return tls(
                        "The certificate of the engine at " + address + " has expired.",
                        "On its machine run 'cellwire certificate' again and copy the new ca.pem.");
            }
            if (causedBy(error, CertificateException.class) || words.contains("PKIX")) {
                return pinned
                        ? tls("The engine at " + address + " shows a certificate of another "
                                        + "authority than the chosen ca.pem.",
                                "Copy ca.pem from the engine's machine again; if it was not "
                                        + "renewed there, something else answers at this address.")
                        : tls("The certificate of the engine at " + address + " is not known to "
                                        + "this computer.",
                                "Take the ca.pem that 'cellwire certificate' wrote on the engine's "
                                        + "machine and " + CHOOSE);
            }
            return noTls(address);
        } catch (IOException error) {
            return noTls(address);
        } catch (GeneralSecurityException error) {
            return tls("The certificate file " + connection.place().certificateFile()
                    + " is damaged.", "Copy ca.pem from the engine's machine again.");
        }
    }

    private static CellwireException noTls(Address address) {
        return tls(
                "What listens at " + address + " does not speak TLS.",
                "Check the port; if the engine runs without TLS on this machine, leave the ca.pem "
                        + "out in Plugins > Cellwire > Cellwire Settings.");
    }

    private static boolean speaksTls(Socket socket, Address address) {
        try {
            handshake(socket, address, null);
            return true;
        } catch (SSLException error) {
            return causedBy(error, CertificateException.class) || allWords(error).contains("PKIX");
        } catch (IOException | GeneralSecurityException error) {
            return false;
        }
    }

    private static void handshake(Socket socket, Address address, TrustManager[] trusted)
            throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trusted, null);
        try (SSLSocket secured = (SSLSocket) context.getSocketFactory()
                .createSocket(socket, address.host(), address.port(), true)) {
            SSLParameters parameters = secured.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secured.setSSLParameters(parameters);
            secured.startHandshake();
        }
    }

    private static TrustManager[] trustOnly(byte[] certificate)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (Certificate one : CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(certificate))) {
            store.setCertificateEntry("ca" + number++, one);
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static boolean causedBy(Throwable error, Class<? extends Throwable> kind) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String allWords(Throwable error) {
        StringBuilder words = new StringBuilder();
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            words.append(cause).append('\n');
        }
        return words.toString();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException ignored) {
            // It was never open.
        }
    }

    private static CellwireException tls(String message, String nextStep) {
        return new CellwireException("TLS", message, nextStep);
    }

    private static CellwireException unreachable(String message, String nextStep) {
        return new CellwireException("UNREACHABLE", message, nextStep);
    }
}
