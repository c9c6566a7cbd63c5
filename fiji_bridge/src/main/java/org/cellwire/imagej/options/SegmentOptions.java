package org.cellwire.imagej.options;

import io.cellwire.api.v1.CellposeParameters;
import java.util.Map;
import org.cellwire.imagej.client.CellwireException;

/** What the person asked for. */
public final class SegmentOptions {

    private final FieldValues values;

    /**
     * Takes the values of a dialog or macro.
     *
     * @param values a value for each key of {@link SegmentFields}
     */
    public SegmentOptions(Map<String, String> values) {
        this.values = new FieldValues(values);
    }

    /**
     * Gives the model's name.
     *
     * @throws CellwireException (INVALID_PARAMETER) if it is empty
     */
    public String model() throws CellwireException {
        String name = values.text(SegmentFields.MODEL);
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
        String segmented = values.text(SegmentFields.CHANNEL);
        if (segmented.equals(SegmentFields.MODEL_DEFAULT)) {
            segmented = colour ? SegmentFields.MEAN : "1";
        }
        return ChannelChoice.parse(segmented, values.text(SegmentFields.NUCLEUS), count);
    }

    /**
     * Gives which planes are segmented.
     *
     * @throws CellwireException (INVALID_PARAMETER) if it cannot be read
     */
    public PlaneScope scope() throws CellwireException {
        return PlaneScope.parse(values.text(SegmentFields.PROCESS));
    }

    /**
     * Gives how the planes that are segmented belong together.
     *
     * @param slices number of slices (Z) that are segmented
     * @param frames number of frames (T) that are segmented
     * @param pixel size of a pixel
     * @throws CellwireException (INVALID_PARAMETER) if it cannot be read, (SHAPE_MISMATCH) if there
     *     are not several slices or frames to be joined, (CALIBRATION_MISSING) if a volume has no
     *     distance of slices
     */
    public StackChoice stack(int slices, int frames, PixelSize pixel) throws CellwireException {
        return StackChoice.read(values, slices, frames, pixel);
    }

    /** Tells whether only the inside of the selection is segmented. */
    public boolean insideSelection() {
        return values.ticked(SegmentFields.INSIDE_SELECTION);
    }

    /** Tells whether a label image is made; also where nothing at all was chosen. */
    public boolean labelImage() {
        boolean nothing = values.text(SegmentFields.ROI_MANAGER).equals(SegmentFields.NONE)
                && !overlay() && !resultsTable() && !flows() && !probability();
        return values.ticked(SegmentFields.LABEL_IMAGE) || nothing;
    }

    /**
     * Gives what happens to the ROI Manager.
     *
     * @throws CellwireException (INVALID_PARAMETER) if it cannot be read
     */
    public RoiManagerUse roiManager() throws CellwireException {
        return RoiManagerUse.parse(values.text(SegmentFields.ROI_MANAGER));
    }

    /** Tells whether outlines are drawn over the image. */
    public boolean overlay() {
        return values.ticked(SegmentFields.OVERLAY);
    }

    /** Tells whether a table of the cells is made. */
    public boolean resultsTable() {
        return values.ticked(SegmentFields.RESULTS_TABLE);
    }

    /** Tells whether an image of the flows is made. */
    public boolean flows() {
        return values.ticked(SegmentFields.FLOWS);
    }

    /** Tells whether an image of the cell probability is made. */
    public boolean probability() {
        return values.ticked(SegmentFields.PROBABILITY);
    }
}
