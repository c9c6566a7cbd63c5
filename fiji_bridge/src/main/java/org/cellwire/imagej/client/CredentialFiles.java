package org.cellwire.imagej.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Paths;

/** Reads the certificate and the token that an engine on another machine wants. */
final class CredentialFiles {

    private CredentialFiles() {}

    /**
     * Reads the certificate by which an engine is recognised.
     *
     * @param path the ca.pem that 'cellwire certificate' wrote on the engine's machine
     * @return the file's content (PEM)
     * @throws CellwireException (TLS) if it cannot be read or is no certificate
     */
    static byte[] certificate(String path) throws CellwireException {
        String again = "Copy the ca.pem that 'cellwire certificate' wrote on the engine's machine, "
                + "and choose it in Plugins > Cellwire > Cellwire Settings.";
        byte[] data = read(path, "certificate", "TLS", again);
        String text = new String(data, StandardCharsets.ISO_8859_1);
        if (!text.contains("-----BEGIN CERTIFICATE-----")) {
            String kind = text.contains("PRIVATE KEY")
                    ? " is a private key, not a certificate." : " is none.";
            throw new CellwireException("TLS", "The certificate file " + path + kind, again);
        }
        return data;
    }

    /**
     * Reads a token: the first line that is neither empty nor a comment.
     *
     * @param path the file in which the token of 'cellwire token add NAME' was saved
     * @return the token
     * @throws CellwireException (TOKEN_MISSING) if the file cannot be read or holds no token,
     *     (TOKEN_WRONG) if what it holds cannot be one
     */
    static String token(String path) throws CellwireException {
        String again = "Save the token that 'cellwire token add NAME' printed there, on a line of "
                + "its own.";
        byte[] data = read(path, "token", "TOKEN_MISSING", again);
        for (String line : new String(data, StandardCharsets.UTF_8).split("\\R")) {
            String token = line.trim();
            if (token.isEmpty() || token.startsWith("#")) {
                continue;
            }
            if (!token.matches("[!-~]+")) {
                throw new CellwireException(
                        "TOKEN_WRONG",
                        "The token in " + path + " (" + token.length() + " characters) has others "
                                + "than letters, digits and signs.",
                        "Copy it again from what 'cellwire token add NAME' printed.");
            }
            return token;
        }
        throw new CellwireException(
                "TOKEN_MISSING", "The token file " + path + " is empty.", again);
    }

    private static byte[] read(String path, String what, String reason, String again)
            throws CellwireException {
        String full = path.startsWith("~/") ? System.getProperty("user.home") + path.substring(1)
                : path;
        try {
            return Files.readAllBytes(Paths.get(full));
        } catch (NoSuchFileException error) {
            throw new CellwireException(
                    reason, "There is no " + what + " file " + path + ".", again);
        } catch (IOException | InvalidPathException error) {
            throw new CellwireException(
                    reason,
                    "The " + what + " file " + path + " cannot be read ("
                            + error.getClass().getSimpleName() + ").",
                    again);
        }
    }
}
