package org.cellwire.imagej.options;

import ij.Prefs;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.cellwire.imagej.client.Address;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.client.EnginePlace;

/** Where the engine is, as ImageJ's preferences keep it. Macros never hold it. */
public final class EngineSettings {

    private static final String PREFIX = "cellwire.";

    /** Fields of the settings dialog. */
    public static final List<OptionField> FIELDS = Collections.unmodifiableList(Arrays.asList(
            OptionField.text("Server", "127.0.0.1:" + Address.DEFAULT_PORT),
            OptionField.text("CA_file", ""),
            OptionField.text("Token_file", ""),
            OptionField.checkbox("TLS (always on for other machines)", false)));

    private EngineSettings() {}

    /** Gives what is kept for a field. */
    public static String kept(OptionField field) {
        return Prefs.get(PREFIX + field.key(), field.macroDefault());
    }

    /**
     * Keeps values.
     *
     * @param values a value for each key of {@link #FIELDS}
     * @throws CellwireException if they name no engine; nothing is kept then
     */
    public static void keep(Map<String, String> values) throws CellwireException {
        place(values.get("server"), values.get("ca_file"), values.get("token_file"),
                Boolean.parseBoolean(values.get("tls")));
        for (OptionField field : FIELDS) {
            Prefs.set(PREFIX + field.key(), values.get(field.key()).trim());
        }
        Prefs.savePreferences();
    }

    /**
     * Gives where the engine is.
     *
     * @throws CellwireException if what is kept names no engine
     */
    public static EnginePlace place() throws CellwireException {
        return place(kept(FIELDS.get(0)), kept(FIELDS.get(1)), kept(FIELDS.get(2)),
                Boolean.parseBoolean(kept(FIELDS.get(3))));
    }

    private static EnginePlace place(String server, String ca, String token, boolean tls)
            throws CellwireException {
        Address address = Address.parse(server);
        boolean secure = tls || !ca.trim().isEmpty() || !address.isLocal();
        return new EnginePlace(address, secure, ca, token);
    }
}
