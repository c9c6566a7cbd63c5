package org.cellwire.imagej.dialogs;

import ij.gui.GenericDialog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cellwire.imagej.options.OptionField;
import org.cellwire.imagej.options.SegmentFields;
import org.cellwire.imagej.pixels.SourceImage;
import org.cellwire.imagej.running.DialogThread;

/** Asks a person how and what to segment. */
public final class SegmentDialog {

    private SegmentDialog() {}

    /** Gives all fields in the dialog's order. */
    public static List<OptionField> fields() {
        List<OptionField> fields = new ArrayList<>(SegmentFields.PARAMETERS);
        fields.addAll(SegmentFields.OUTPUTS);
        return fields;
    }

    /**
     * Asks.
     *
     * @param source the image
     * @return a value for each key of {@link SegmentFields}; null if the person pressed Cancel
     */
    public static Map<String, String> ask(SourceImage source) {
        Remembered remembered = new Remembered("cellwire.last_segment", fields());
        Map<String, String> before = remembered.values();
        GenericDialog dialog = new GenericDialog("Cellwire Segment");
        FieldLayout layout = new FieldLayout(
                dialog, before, source.channels(), source.isColour(), false);
        if (!source.channelNames().isEmpty()) {
            dialog.addMessage("Channels: " + source.channelNames());
        }
        layout.add(SegmentFields.PARAMETERS);
        layout.add(SegmentFields.OUTPUTS);
        dialog.addHelp(HelpText.page());
        DialogThread.show(dialog::showDialog);
        if (OptionDialog.cancelled(dialog)) {
            return null;
        }
        Map<String, String> values = OptionDialog.read(dialog, fields());
        remembered.keep(values);
        return values;
    }
}
