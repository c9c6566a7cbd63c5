package org.cellwire.imagej.options;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The fields of the dialog that segments a folder. */
public final class FolderFields {

    /** Folder with the images. */
    public static final OptionField INPUT = OptionField.text("Input", "");
    /** Folder for the results. */
    public static final OptionField OUTPUT = OptionField.text("Output", "");
    /** Part of the names of the files; empty = all. */
    public static final OptionField CONTAINING = OptionField.text("Containing", "");
    /** Which planes of each image. */
    public static final OptionField PROCESS = OptionField.choice(
            "Process", PlaneScope.ALL.text(), PlaneScope.ALL.text(), PlaneScope.texts());
    /** Whether label images are saved. */
    public static final OptionField SAVE_LABELS = OptionField.checkbox("Save_labels", true);
    /** Whether ROI sets are saved. */
    public static final OptionField SAVE_ROIS = OptionField.checkbox("Save_ROIs", true);
    /** Whether tables of cells are saved. */
    public static final OptionField SAVE_TABLES = OptionField.checkbox("Save_tables", false);

    /** Folders, in the dialog's order. */
    public static final List<OptionField> PLACES =
            Collections.unmodifiableList(Arrays.asList(INPUT, OUTPUT, CONTAINING));

    /** What is saved, in the dialog's order. */
    public static final List<OptionField> OUTPUTS = Collections.unmodifiableList(
            Arrays.asList(SAVE_LABELS, SAVE_ROIS, SAVE_TABLES));

    private FolderFields() {}

    /** Gives all fields in the dialog's order, those of the parameters among them. */
    public static List<OptionField> all() {
        List<OptionField> fields = new ArrayList<>(PLACES);
        fields.addAll(SegmentFields.PARAMETERS);
        fields.add(PROCESS);
        fields.addAll(SegmentFields.STACKS);
        fields.addAll(OUTPUTS);
        return fields;
    }
}
