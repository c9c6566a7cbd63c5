package org.cellwire.imagej.options;

import static org.cellwire.imagej.options.FieldValues.wrong;
import static org.cellwire.imagej.options.SegmentFields.MODEL_DEFAULT;

import io.cellwire.api.v1.CellposeParameters;
import io.cellwire.api.v1.Diameter;
import io.cellwire.api.v1.Normalisation;
import org.cellwire.imagej.client.CellwireException;

/**
 * From the values of a dialog or macro to the engine's parameters.
 *
 * <p>What is left at {@code default} stays unset and is the model's own. Ranges are the engine's to
 * judge, so that every client hears the same.
 */
final class ParameterMessage {

    private final FieldValues values;

    ParameterMessage(FieldValues values) {
        this.values = values;
    }

    /**
     * Makes the message.
     *
     * @param pixel size of a pixel
     * @throws CellwireException (INVALID_PARAMETER) if a value cannot be read
     */
    CellposeParameters build(PixelSize pixel) throws CellwireException {
        CellposeParameters.Builder made = CellposeParameters.newBuilder();
        diameter(made, pixel);
        if (values.given(SegmentFields.FLOW_THRESHOLD)) {
            made.setFlowThreshold(values.number(SegmentFields.FLOW_THRESHOLD));
        }
        if (values.given(SegmentFields.CELLPROB_THRESHOLD)) {
            made.setCellprobThreshold(values.number(SegmentFields.CELLPROB_THRESHOLD));
        }
        if (values.given(SegmentFields.MINIMUM_SIZE)) {
            made.setMinSize(values.whole(SegmentFields.MINIMUM_SIZE, Long.MAX_VALUE));
        }
        if (values.given(SegmentFields.NITER)) {
            made.setNiter((int) values.whole(SegmentFields.NITER, 0xffffffffL));
        }
        if (values.given(SegmentFields.TILE_OVERLAP)) {
            made.setTileOverlap(values.number(SegmentFields.TILE_OVERLAP));
        }
        if (values.ticked(SegmentFields.EXCLUDE_EDGES)) {
            made.setExcludeOnEdges(true);
        }
        if (values.ticked(SegmentFields.AUGMENT)) {
            made.setAugment(true);
        }
        normalisation(made);
        return made.build();
    }

    private void diameter(CellposeParameters.Builder made, PixelSize pixel)
            throws CellwireException {
        double diameter = values.given(SegmentFields.DIAMETER)
                ? values.number(SegmentFields.DIAMETER) : 0;
        String unit = values.text(SegmentFields.DIAMETER_UNIT);
        if (!unit.equals(SegmentFields.PIXELS) && !unit.equals(SegmentFields.CALIBRATED)) {
            throw wrong("diameter_unit cannot be '" + unit + "'.",
                    "Choose pixels or calibrated (the image's own unit).");
        }
        if (diameter == 0) {
            return; // the model's way: automatic where it can
        }
        if (unit.equals(SegmentFields.PIXELS)) {
            made.setDiameter(Diameter.newBuilder().setPixels(diameter));
            return;
        }
        if (Double.isNaN(pixel.micrometresPerUnit())) {
            throw wrong(
                    "The diameter " + diameter + " is in calibrated units, and the image does not "
                            + "say how large its pixels are.",
                    "Set the scale with Analyze > Set Scale..., or choose pixels.");
        }
        made.setDiameter(Diameter.newBuilder().setMicrometres(
                diameter * pixel.micrometresPerUnit()));
    }

    private void normalisation(CellposeParameters.Builder made) throws CellwireException {
        Normalisation.Builder normalisation = Normalisation.newBuilder();
        boolean low = values.given(SegmentFields.LOW);
        boolean high = values.given(SegmentFields.HIGH);
        String way = values.text(SegmentFields.NORMALISATION);
        switch (way) {
            case MODEL_DEFAULT:
                if (low || high) {
                    throw wrong("low and high were given, and not what they are.",
                            "Choose the normalisation percentiles or intensities.");
                }
                break;
            case SegmentFields.NONE:
                normalisation.setEnabled(false);
                break;
            case SegmentFields.PERCENTILES:
                normalisation.setEnabled(true).setPercentiles(Normalisation.Range.newBuilder()
                        .setLow(low ? values.number(SegmentFields.LOW) : 1)
                        .setHigh(high ? values.number(SegmentFields.HIGH) : 99));
                break;
            case SegmentFields.INTENSITIES:
                normalisation.setEnabled(true).setFixed(Normalisation.Range.newBuilder()
                        .setLow(values.number(SegmentFields.LOW))
                        .setHigh(values.number(SegmentFields.HIGH)));
                break;
            default:
                throw wrong("There is no normalisation '" + way + "'.",
                        "Choose among "
                                + String.join(", ", SegmentFields.NORMALISATION.choices()) + ".");
        }
        if (values.ticked(SegmentFields.INVERT)) {
            normalisation.setInvert(true);
        }
        Normalisation message = normalisation.build();
        if (!message.equals(Normalisation.getDefaultInstance())) {
            made.setNormalisation(message);
        }
    }
}
