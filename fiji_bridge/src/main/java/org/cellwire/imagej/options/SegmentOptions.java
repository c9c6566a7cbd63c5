package org.cellwire.imagej.options;

import io.cellwire.api.v1.CellposeParameters;
import java.util.Map;
import org.cellwire.imagej.client.CellwireException;

/** What the person asked for. */
public final class SegmentOptions {

    private final Map<String, String> values;

    /**
     * Takes the values of a dialog or macro.
     *
     * @param values a value for each key of {@link SegmentFields}
     */
    public SegmentOptions(Map<String, String> values) {
        this.values = values;
    }

    private String value(OptionField field) {
        String value = values.get(field.key());
        return value == null ? field.macroDefault() : value.trim();
    }

    private boolean ticked(OptionField field) {
        return Boolean.parseBoolean(value(field));
    }

    /**
     * Gives the model's name.
     *
     * @throws CellwireException (INVALID_PARAMETER) if it is empty
     */
    public String model() throws CellwireException {
        String name = value(SegmentFields.MODEL);
        if (name.isEmpty()) {
            throw new CellwireException(
                    "INVALID_PARAMETER", "No model was chosen.",
                    "Write its name, for example nuclei or cyto; the button Models... lists them.");
        }
        return name;
    }

    /**
     * Gives the parameters for the engine.
     *
     * @param pixel size of a pixel
     * @throws CellwireException (INVALID_PARAMETER) if a value cannot be read
     */
    public CellposeParameters parameters(PixelSize pixel) throws CellwireException {
        return new ParameterMessage(values).build(pixel);
    }

    /**
     * Gives the channels.
     *
     * @param count number of the image's channels; 3 for colour images
     * @param colour whether it is a colour image
     * @throws CellwireException (SHAPE_MISMATCH) if the image has no such channel
     */
    public ChannelChoice channels(int count, boolean colour) throws CellwireException {
        String segmented = value(SegmentFields.CHANNEL);
        if (segmented.equals(SegmentFields.MODEL_DEFAULT)) {
            segmented = colour ? SegmentFields.MEAN : "1";
        }
        return ChannelChoice.parse(segmented, value(SegmentFields.NUCLEUS), count);
    }

    /**
     * Gives which planes are segmented.
     *
     * @throws CellwireException (INVALID_PARAMETER) if it cannot be read
     */
    public PlaneScope scope() throws CellwireException {
        return PlaneScope.parse(value(SegmentFields.PROCESS));
    }

    /** Tells whether only the inside of the selection is segmented. */
    public boolean insideSelection() {
        return ticked(SegmentFields.INSIDE_SELECTION);
    }

    /** Tells whether a label image is made; also where nothing at all was chosen. */
    public boolean labelImage() {
        boolean nothing = value(SegmentFields.ROI_MANAGER).equals(SegmentFields.NONE)
                && !overlay() && !resultsTable() && !flows() && !probability();
        return ticked(SegmentFields.LABEL_IMAGE) || nothing;
    }

    /**
     * Gives what happens to the ROI Manager.
     *
     * @throws CellwireException (INVALID_PARAMETER) if it cannot be read
     */
    public RoiManagerUse roiManager() throws CellwireException {
        return RoiManagerUse.parse(value(SegmentFields.ROI_MANAGER));
    }

    /** Tells whether outlines are drawn over the image. */
    public boolean overlay() {
        return ticked(SegmentFields.OVERLAY);
    }

    /** Tells whether a table of the cells is made. */
    public boolean resultsTable() {
        return ticked(SegmentFields.RESULTS_TABLE);
    }

    /** Tells whether an image of the flows is made. */
    public boolean flows() {
        return ticked(SegmentFields.FLOWS);
    }

    /** Tells whether an image of the cell probability is made. */
    public boolean probability() {
        return ticked(SegmentFields.PROBABILITY);
    }
}
