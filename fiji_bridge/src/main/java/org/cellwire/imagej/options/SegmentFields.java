package org.cellwire.imagej.options;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The fields of the segmentation dialogs. */
public final class SegmentFields {

    /** Stands for the model's own value; of channels: the mean of a colour image, else 1. */
    public static final String MODEL_DEFAULT = "default";

    static final String PIXELS = "pixels";
    static final String CALIBRATED = "calibrated";
    static final String MEAN = "mean";
    static final String NONE = "none";
    static final String PERCENTILES = "percentiles";
    static final String INTENSITIES = "intensities";
    static final String PLANE = "plane";
    static final String FRAME = "frame";
    static final String WHOLE = "whole";
    static final String APPEND = "append";
    static final String REPLACE = "replace";

    static final OptionField MODEL = OptionField.text("Model", "nuclei");
    static final OptionField DIAMETER = OptionField.text("Diameter (0 = automatic)", "0");
    static final OptionField DIAMETER_UNIT =
            OptionField.choice("Diameter_unit", PIXELS, PIXELS, PIXELS, CALIBRATED);
    static final OptionField CHANNEL =
            OptionField.choice("Channel to segment", MODEL_DEFAULT, MODEL_DEFAULT);
    static final OptionField NUCLEUS = OptionField.choice("Nucleus channel", NONE, NONE);
    static final OptionField FLOW_THRESHOLD = OptionField.text("Flow_threshold", MODEL_DEFAULT);
    static final OptionField CELLPROB_THRESHOLD =
            OptionField.text("Cellprob_threshold", MODEL_DEFAULT);
    static final OptionField MINIMUM_SIZE =
            OptionField.text("Minimum_size (pixels)", MODEL_DEFAULT);
    static final OptionField NITER = OptionField.text("Niter (0 = automatic)", MODEL_DEFAULT);
    static final OptionField TILE_OVERLAP = OptionField.text("Tile_overlap", MODEL_DEFAULT);
    static final OptionField EXCLUDE_EDGES = OptionField.checkbox("Exclude_edges", false);
    static final OptionField AUGMENT =
            OptionField.checkbox("Augment (slower, slightly better)", false);
    static final OptionField NORMALISATION = OptionField.choice(
            "Normalisation", MODEL_DEFAULT, MODEL_DEFAULT,
            MODEL_DEFAULT, PERCENTILES, INTENSITIES, NONE);
    static final OptionField LOW = OptionField.text("Low", MODEL_DEFAULT);
    static final OptionField HIGH = OptionField.text("High", MODEL_DEFAULT);
    static final OptionField INVERT =
            OptionField.checkbox("Invert (dark cells on bright ground)", false);
    static final OptionField PROCESS = OptionField.choice(
            "Process", PlaneScope.CURRENT.text(), PlaneScope.CURRENT.text(), PlaneScope.texts());
    static final OptionField INSIDE_SELECTION =
            OptionField.checkbox("Inside_selection only", false);
    static final OptionField STACK = OptionField.choice(
            "Stack as", StackMode.PLANES.text(), StackMode.PLANES.text(), StackMode.texts());
    static final OptionField LINK_FRAMES =
            OptionField.checkbox("Link_frames over time", false);
    static final OptionField ANISOTROPY =
            OptionField.text("Anisotropy (0 = from calibration)", "0");
    static final OptionField STITCH_THRESHOLD =
            OptionField.text("Stitch_threshold", MODEL_DEFAULT);
    static final OptionField LINK_THRESHOLD =
            OptionField.text("Link_threshold", MODEL_DEFAULT);
    static final OptionField FLOW_SMOOTHING =
            OptionField.text("Flow_smoothing (voxels)", MODEL_DEFAULT);
    static final OptionField ORTHOGONAL_MODEL =
            OptionField.text("Orthogonal_model (for XZ and YZ)", MODEL_DEFAULT);
    static final OptionField HALF_PRECISION =
            OptionField.checkbox("Half_precision (half the memory)", false);
    static final OptionField INTENSITY_SCOPE = OptionField.choice(
            "Intensity_scope", MODEL_DEFAULT, MODEL_DEFAULT,
            MODEL_DEFAULT, PLANE, FRAME, WHOLE);
    static final OptionField LABEL_IMAGE = OptionField.checkbox("Label_image", true);
    static final OptionField ROI_MANAGER =
            OptionField.choice("ROI_manager", NONE, APPEND, NONE, APPEND, REPLACE);
    static final OptionField OVERLAY = OptionField.checkbox("Overlay", false);
    static final OptionField RESULTS_TABLE = OptionField.checkbox("Results_table", false);
    static final OptionField FLOWS = OptionField.checkbox("Flows", false);
    static final OptionField PROBABILITY = OptionField.checkbox("Probability", false);

    /** Fields that say how the cells are found, in the dialog's order. */
    public static final List<OptionField> PARAMETERS = Collections.unmodifiableList(Arrays.asList(
            MODEL, DIAMETER, DIAMETER_UNIT, CHANNEL, NUCLEUS, FLOW_THRESHOLD, CELLPROB_THRESHOLD,
            MINIMUM_SIZE, NITER, TILE_OVERLAP, EXCLUDE_EDGES, AUGMENT, NORMALISATION, LOW, HIGH,
            INVERT));

    /** Fields that say which part of the image is processed, in the dialog's order. */
    public static final List<OptionField> PARTS =
            Collections.unmodifiableList(Arrays.asList(PROCESS, INSIDE_SELECTION));

    /** Fields that say how planes and frames belong together, in the dialog's order. */
    public static final List<OptionField> STACKS = Collections.unmodifiableList(Arrays.asList(
            STACK, LINK_FRAMES, STITCH_THRESHOLD, LINK_THRESHOLD, ANISOTROPY, FLOW_SMOOTHING,
            ORTHOGONAL_MODEL, HALF_PRECISION, INTENSITY_SCOPE));

    /** Fields that say what becomes of what was found, in the dialog's order. */
    public static final List<OptionField> OUTPUTS = Collections.unmodifiableList(Arrays.asList(
            LABEL_IMAGE, ROI_MANAGER, OVERLAY, RESULTS_TABLE, FLOWS, PROBABILITY));

    private SegmentFields() {}

    /** Gives all fields in the dialog's order. */
    public static List<OptionField> all() {
        List<OptionField> fields = new ArrayList<>(PARAMETERS);
        fields.addAll(PARTS);
        fields.addAll(STACKS);
        fields.addAll(OUTPUTS);
        return fields;
    }

    /** Gives the key of the field that says what a stack is. */
    public static String stackKey() {
        return STACK.key();
    }

    /** Tells whether a field is about several frames. */
    public static boolean isOfFrames(OptionField field) {
        return field == LINK_FRAMES || field == LINK_THRESHOLD;
    }
}
