package org.cellwire.imagej.dialogs;

import ij.gui.GenericDialog;
import java.awt.TextField;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cellwire.imagej.options.OptionField;
import org.cellwire.imagej.options.SegmentFields;

/** Puts the fields of a segmentation into a dialog, two in a row where they belong together. */
final class FieldLayout {

    /** Fields that stand to the right of the one before. */
    private static final Set<String> RIGHT = new HashSet<>(Arrays.asList(
            "diameter_unit", "nucleus", "cellprob_threshold", "niter", "augment", "high",
            "inside_selection", "link_frames", "link_threshold", "flow_smoothing",
            "half_precision", "roi_manager", "results_table", "probability", "save_rois"));

    private final GenericDialog dialog;
    private final Map<String, String> values;
    private final int channels;
    private final boolean colour;
    private final boolean manyImages;

    /**
     * Begins.
     *
     * @param dialog the dialog
     * @param values what the fields show at first
     * @param channels number of the image's channels; 3 for colour images
     * @param colour whether the image is a colour image
     * @param manyImages whether the dialog is for many images, which may differ in these
     */
    FieldLayout(
            GenericDialog dialog, Map<String, String> values, int channels, boolean colour,
            boolean manyImages) {
        this.dialog = dialog;
        this.values = values;
        this.channels = channels;
        this.colour = colour;
        this.manyImages = manyImages;
    }

    /** Adds fields. */
    void add(List<OptionField> fields) {
        for (OptionField field : fields) {
            if (RIGHT.contains(field.key())) {
                dialog.addToSameRow();
            }
            add(field);
            if (field.key().equals("model")) {
                dialog.addToSameRow();
                TextField model = (TextField) dialog.getStringFields().lastElement();
                dialog.addButton("Models...", new ModelMenu(model));
            }
        }
    }

    private void add(OptionField field) {
        String value = values.getOrDefault(field.key(), field.dialogDefault());
        if (field.key().equals("channel")) {
            OptionDialog.add(dialog, field, usualChannel(value), segmentedChannels());
        } else if (field.key().equals("nucleus")) {
            OptionDialog.add(dialog, field, value, numbers("none"));
        } else {
            OptionDialog.add(dialog, field, value);
        }
    }

    private String usualChannel(String value) {
        if (manyImages) {
            return value;
        }
        return colour && value.matches("1|default") ? "mean" : value;
    }

    private String[] segmentedChannels() {
        if (manyImages) {
            return numbers("mean", SegmentFields.MODEL_DEFAULT);
        }
        return channels > 1 ? numbers("mean") : numbers();
    }

    private String[] numbers(String... others) {
        String[] texts = new String[channels + others.length];
        for (int i = 0; i < channels; i++) {
            texts[i] = String.valueOf(i + 1);
        }
        System.arraycopy(others, 0, texts, channels, others.length);
        return texts;
    }
}
