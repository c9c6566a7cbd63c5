package org.cellwire.imagej.dialogs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The plugin's help, which needs no network. */
public final class HelpText {

    private static final String FILE = "/org/cellwire/imagej/help.html";

    private HelpText() {}

    /** Gives the help as HTML. */
    public static String page() {
        try (InputStream file = HelpText.class.getResourceAsStream(FILE)) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            byte[] part = new byte[4096];
            for (int n = file.read(part); n > 0; n = file.read(part)) {
                text.write(part, 0, n);
            }
            return new String(text.toByteArray(), StandardCharsets.UTF_8);
        } catch (IOException error) {
            throw new IllegalStateException("The jar has no " + FILE + ".", error);
        }
    }
}
