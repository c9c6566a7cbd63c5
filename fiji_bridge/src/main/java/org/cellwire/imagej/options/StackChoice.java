package org.cellwire.imagej.options;

import static org.cellwire.imagej.options.FieldValues.wrong;

import io.cellwire.api.v1.IntensityScope;
import io.cellwire.api.v1.StackParameters;
import java.util.Locale;
import org.cellwire.imagej.client.CellwireException;

/** How the slices and frames of an image that are segmented belong together. */
public final class StackChoice {

    private final StackMode mode;
    private final StackParameters message;
    private final boolean together;

    private StackChoice(StackMode mode, StackParameters message, boolean together) {
        this.mode = mode;
        this.message = message;
        this.together = together;
    }

    /**
     * Reads the fields of a dialog or macro.
     *
     * @param values the values
     * @param slices number of slices (Z) that are segmented
     * @param frames number of frames (T) that are segmented
     * @param pixel size of a pixel
     * @throws CellwireException as {@link SegmentOptions#stack} says
     */
    static StackChoice read(FieldValues values, int slices, int frames, PixelSize pixel)
            throws CellwireException {
        StackMode mode = StackMode.parse(values.text(SegmentFields.STACK));
        boolean link = values.ticked(SegmentFields.LINK_FRAMES);
        IntensityScope scope = scope(values.text(SegmentFields.INTENSITY_SCOPE));
        check(mode, link, slices, frames);
        StackParameters.Builder made = StackParameters.newBuilder()
                .setMode(io.cellwire.api.v1.StackMode.valueOf("STACK_MODE_" + mode.name()))
                .setIntensityScope(scope);
        if (link) {
            made.setLinkFrames(true);
        }
        if (mode == StackMode.VOLUME) {
            anisotropy(values, pixel, made);
            if (values.given(SegmentFields.FLOW_SMOOTHING)) {
                made.setFlowSmoothing(values.number(SegmentFields.FLOW_SMOOTHING));
            }
            if (values.given(SegmentFields.ORTHOGONAL_MODEL)) {
                made.setOrthogonalModel(values.text(SegmentFields.ORTHOGONAL_MODEL));
            }
            if (values.ticked(SegmentFields.HALF_PRECISION)) {
                made.setHalfPrecision(true);
            }
        }
        if ((link || mode == StackMode.STITCHED) && values.given(SegmentFields.STITCH_THRESHOLD)) {
            made.setStitchThreshold(values.number(SegmentFields.STITCH_THRESHOLD));
        }
        if (link && values.given(SegmentFields.LINK_THRESHOLD)) {
            made.setLinkThreshold(values.number(SegmentFields.LINK_THRESHOLD));
        }
        boolean shared = scope == IntensityScope.INTENSITY_SCOPE_WHOLE
                || scope == IntensityScope.INTENSITY_SCOPE_FRAME && slices > 1;
        boolean together = mode != StackMode.PLANES || link || shared && slices * frames > 1;
        return new StackChoice(mode, made.build(), together);
    }

    private static void check(StackMode mode, boolean link, int slices, int frames)
            throws CellwireException {
        if (mode != StackMode.PLANES && slices < 2) {
            String many = frames > 1 ? " of " + frames + " frames" : "";
            throw new CellwireException(
                    "SHAPE_MISMATCH",
                    "A " + (mode == StackMode.VOLUME ? "volume" : "stack to be stitched")
                            + " needs two slices (Z) or more; one slice" + many
                            + " was to be processed.",
                    "Choose [all slices] or all as process. If the image's frames are its slices, "
                            + "say so in Image > Properties...; frames are joined over time by "
                            + "link_frames.");
        }
        if (link && frames < 2) {
            throw new CellwireException(
                    "SHAPE_MISMATCH",
                    "Frames were to be linked over time; one frame was to be processed.",
                    "Choose [all frames] or all as process, or leave link_frames out. If the "
                            + "image's slices are its frames, say so in Image > Properties...");
        }
    }

    private static void anisotropy(
            FieldValues values, PixelSize pixel, StackParameters.Builder made)
            throws CellwireException {
        boolean given = values.given(SegmentFields.ANISOTROPY);
        double anisotropy = given ? values.number(SegmentFields.ANISOTROPY) : 0;
        if (anisotropy != 0) {
            made.setAnisotropy(anisotropy);
        } else if (!pixel.knowsDepth()) {
            throw new CellwireException(
                    "CALIBRATION_MISSING",
                    "The image does not say in a unit of length how far apart its slices are and "
                            + "how large its pixels, which a volume needs.",
                    "Set unit, pixel width and voxel depth in Image > Properties..., or write "
                            + "the distance of two slices divided by the width of a pixel as "
                            + "anisotropy.");
        }
    }

    private static IntensityScope scope(String given) throws CellwireException {
        if (given.isEmpty() || given.equalsIgnoreCase(SegmentFields.MODEL_DEFAULT)) {
            return IntensityScope.INTENSITY_SCOPE_UNSPECIFIED;
        }
        String name = "INTENSITY_SCOPE_" + given.toUpperCase(Locale.ROOT);
        for (IntensityScope scope : IntensityScope.values()) {
            if (scope.name().equals(name) && scope.ordinal() > 0) {
                return scope;
            }
        }
        throw wrong("One range of intensities cannot be that of each '" + given + "'.",
                "Choose among "
                        + String.join(", ", SegmentFields.INTENSITY_SCOPE.choices()) + ".");
    }

    /** Gives the engine's parameters. */
    public StackParameters message() {
        return message;
    }

    /** Tells whether all planes go to the engine in one request, and not each by itself. */
    public boolean together() {
        return together;
    }

    /** Tells what a part is that the engine works on. */
    public String part() {
        return mode == StackMode.VOLUME ? "frame" : "plane";
    }

    /** Gives the words for the log; empty where each plane is by itself. */
    public String words() {
        String slices = mode == StackMode.VOLUME ? ", as volume"
                : mode == StackMode.STITCHED ? ", stitched" : "";
        return slices + (joinsFrames() ? ", linked over time" : "");
    }

    /** Tells whether a cell has one number in all slices of a frame. */
    public boolean joinsSlices() {
        return mode != StackMode.PLANES;
    }

    /** Tells whether a cell has one number in all frames. */
    public boolean joinsFrames() {
        return message.getLinkFrames();
    }
}
