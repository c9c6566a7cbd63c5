package org.cellwire.imagej.dialogs;

import ij.Prefs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.options.MacroOptions;
import org.cellwire.imagej.options.OptionField;

/** What a person chose the last time in a dialog. */
final class Remembered {

    private final String key;
    private final List<OptionField> fields;

    /**
     * Names a dialog.
     *
     * @param key where ImageJ's preferences keep it
     * @param fields the dialog's fields
     */
    Remembered(String key, List<OptionField> fields) {
        this.key = key;
        this.fields = fields;
    }

    /** Gives the values of the last time, or those for the first time. */
    Map<String, String> values() {
        String kept = Prefs.get(key, "");
        if (!kept.isEmpty()) {
            try {
                return MacroOptions.read(kept, fields);
            } catch (CellwireException error) {
                // Kept by another version of the plugin: as for the first time.
                Prefs.set(key, "");
            }
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (OptionField field : fields) {
            values.put(field.key(), field.dialogDefault());
        }
        return values;
    }

    /** Keeps values for the next time. */
    void keep(Map<String, String> values) {
        Prefs.set(key, MacroOptions.write(values, fields));
    }
}
