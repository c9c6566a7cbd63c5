package org.cellwire.imagej.dialogs;

import ij.gui.GenericDialog;
import java.util.Map;
import org.cellwire.imagej.options.EngineSettings;
import org.cellwire.imagej.options.OptionField;
import org.cellwire.imagej.running.DialogThread;

/** Asks a person where the engine is. */
public final class SettingsDialog {

    private static final int COLUMNS = 30;

    private SettingsDialog() {}

    /**
     * Asks.
     *
     * @return a value for each key of {@link EngineSettings#FIELDS}; null if the person pressed
     *     Cancel
     */
    public static Map<String, String> ask() {
        GenericDialog dialog = new GenericDialog("Cellwire Settings");
        dialog.addMessage("An engine on this computer needs the server alone (host:port).\n"
                + "One on another machine needs its ca.pem and a token; the people who run it\n"
                + "make them with 'cellwire certificate' and 'cellwire token add NAME'.");
        for (OptionField field : EngineSettings.FIELDS) {
            String value = EngineSettings.kept(field);
            if (field.key().endsWith("_file")) {
                dialog.addFileField(field.label(), value, COLUMNS);
            } else if (field.kind() == OptionField.Kind.TEXT) {
                dialog.addStringField(field.label(), value, COLUMNS);
            } else {
                OptionDialog.add(dialog, field, value);
            }
        }
        dialog.addMessage("Plugins > Cellwire > Cellwire Test Connection tries them.");
        dialog.addHelp(HelpText.page());
        DialogThread.show(dialog::showDialog);
        return OptionDialog.cancelled(dialog)
                ? null : OptionDialog.read(dialog, EngineSettings.FIELDS);
    }
}
