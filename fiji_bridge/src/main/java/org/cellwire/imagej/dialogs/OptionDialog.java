package org.cellwire.imagej.dialogs;

import ij.gui.GenericDialog;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cellwire.imagej.options.OptionField;

/** Puts fields into ImageJ's dialog, and reads them, which also records them. */
final class OptionDialog {

    private OptionDialog() {}

    /**
     * Adds a field.
     *
     * @param dialog the dialog
     * @param field the field
     * @param value what it shows at first
     * @param choices the texts of a choice; the field's own where none are given
     */
    static void add(GenericDialog dialog, OptionField field, String value, String... choices) {
        String[] texts = choices.length == 0 ? field.choices() : choices;
        switch (field.kind()) {
            case CHECKBOX:
                dialog.addCheckbox(field.label(), Boolean.parseBoolean(value));
                break;
            case CHOICE:
                boolean known = Arrays.asList(texts).contains(value);
                dialog.addChoice(field.label(), texts, known ? value : fallback(field, texts));
                break;
            default:
                int columns = Math.max(8, Math.min(20, value.length()));
                dialog.addStringField(field.label(), value, columns);
        }
    }

    private static String fallback(OptionField field, String[] texts) {
        boolean known = Arrays.asList(texts).contains(field.dialogDefault());
        return known ? field.dialogDefault() : texts[0];
    }

    /** Tells whether the person did not press OK. */
    static boolean cancelled(GenericDialog dialog) {
        return dialog.wasCanceled() || !dialog.wasOKed();
    }

    /** Reads fields in the order in which they were added. */
    static Map<String, String> read(GenericDialog dialog, List<OptionField> fields) {
        Map<String, String> values = new LinkedHashMap<>();
        for (OptionField field : fields) {
            switch (field.kind()) {
                case CHECKBOX:
                    values.put(field.key(), String.valueOf(dialog.getNextBoolean()));
                    break;
                case CHOICE:
                    values.put(field.key(), dialog.getNextChoice());
                    break;
                default:
                    values.put(field.key(), dialog.getNextString());
            }
        }
        return values;
    }
}
