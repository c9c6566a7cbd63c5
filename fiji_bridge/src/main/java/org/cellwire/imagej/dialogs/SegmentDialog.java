package org.cellwire.imagej.dialogs;

import ij.gui.GenericDialog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cellwire.imagej.options.OptionField;
import org.cellwire.imagej.options.SegmentFields;
import org.cellwire.imagej.pixels.SourceImage;
import org.cellwire.imagej.running.DialogThread;

/** Asks a person how and what to segment. */
public final class SegmentDialog {

    private SegmentDialog() {}

    /**
     * Asks.
     *
     * @param source the image; what it has no planes for is not asked
     * @return a value for each key of {@link SegmentFields} that was asked; null if the person
     *     pressed Cancel
     */
    public static Map<String, String> ask(SourceImage source) {
        Remembered remembered = new Remembered("cellwire.last_segment", SegmentFields.all());
        Map<String, String> before = remembered.values();
        Map<String, String> shown = new LinkedHashMap<>(before);
        if (source.slices() == 1) {
            // A movie after a volume: what was right for that cannot be for this.
            shown.remove(SegmentFields.stackKey());
        }
        GenericDialog dialog = new GenericDialog("Cellwire Segment");
        FieldLayout layout = new FieldLayout(
                dialog, shown, source.channels(), source.isColour(), false);
        if (!source.channelNames().isEmpty()) {
            dialog.addMessage("Channels: " + source.channelNames());
        }
        List<OptionField> fields = fields(source);
        layout.add(fields);
        dialog.addHelp(HelpText.page());
        DialogThread.show(dialog::showDialog);
        if (OptionDialog.cancelled(dialog)) {
            return null;
        }
        Map<String, String> values = OptionDialog.read(dialog, fields);
        before.putAll(values);
        remembered.keep(before);
        return values;
    }

    private static List<OptionField> fields(SourceImage source) {
        List<OptionField> fields = new ArrayList<>(SegmentFields.all());
        if (!source.isStack()) {
            fields.removeAll(SegmentFields.STACKS);
        } else if (source.frames() == 1) {
            fields.removeIf(SegmentFields::isOfFrames);
        }
        return fields;
    }
}
