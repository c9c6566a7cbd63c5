package org.cellwire.imagej.client;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The plugin's version, and the revision of the protocol that it speaks. */
public final class ClientVersion {

    /** Sent to the engine; compatible is one that is not below its {@code min_client_revision}. */
    public static final int REVISION = 2;

    /** The first revision of engines that take a stack in one request. */
    static final int STACK_REVISION = 2;

    private static final String FILE = "/org/cellwire/imagej/version.properties";

    private ClientVersion() {}

    /** Gives the plugin's version, such as 0.1.0. */
    public static String name() {
        Properties properties = new Properties();
        try (InputStream file = ClientVersion.class.getResourceAsStream(FILE)) {
            if (file != null) {
                properties.load(file);
            }
        } catch (IOException error) {
            return "unknown";
        }
        return properties.getProperty("version", "unknown");
    }
}
