package org.cellwire.imagej.options;

import static org.cellwire.imagej.options.SegmentFields.MODEL_DEFAULT;

import io.cellwire.api.v1.CellposeParameters;
import io.cellwire.api.v1.Diameter;
import io.cellwire.api.v1.Normalisation;
import java.util.Map;
import org.cellwire.imagej.client.CellwireException;

/**
 * From the values of a dialog or macro to the engine's parameters.
 *
 * <p>What is left at {@code default} stays unset and is the model's own. Ranges are the engine's to
 * judge, so that every client hears the same.
 */
final class ParameterMessage {

    private final Map<String, String> values;

    ParameterMessage(Map<String, String> values) {
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
        if (given(SegmentFields.FLOW_THRESHOLD)) {
            made.setFlowThreshold(number(SegmentFields.FLOW_THRESHOLD));
        }
        if (given(SegmentFields.CELLPROB_THRESHOLD)) {
            made.setCellprobThreshold(number(SegmentFields.CELLPROB_THRESHOLD));
        }
        if (given(SegmentFields.MINIMUM_SIZE)) {
            made.setMinSize(whole(SegmentFields.MINIMUM_SIZE, Long.MAX_VALUE));
        }
        if (given(SegmentFields.NITER)) {
            made.setNiter((int) whole(SegmentFields.NITER, 0xffffffffL));
        }
        if (given(SegmentFields.TILE_OVERLAP)) {
            made.setTileOverlap(number(SegmentFields.TILE_OVERLAP));
        }
        if (ticked(SegmentFields.EXCLUDE_EDGES)) {
            made.setExcludeOnEdges(true);
        }
        if (ticked(SegmentFields.AUGMENT)) {
            made.setAugment(true);
        }
        normalisation(made);
        return made.build();
    }

    private void diameter(CellposeParameters.Builder made, PixelSize pixel)
            throws CellwireException {
        double diameter = given(SegmentFields.DIAMETER) ? number(SegmentFields.DIAMETER) : 0;
        String unit = value(SegmentFields.DIAMETER_UNIT);
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
        boolean low = given(SegmentFields.LOW);
        boolean high = given(SegmentFields.HIGH);
        String way = value(SegmentFields.NORMALISATION);
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
                        .setLow(low ? number(SegmentFields.LOW) : 1)
                        .setHigh(high ? number(SegmentFields.HIGH) : 99));
                break;
            case SegmentFields.INTENSITIES:
                normalisation.setEnabled(true).setFixed(Normalisation.Range.newBuilder()
                        .setLow(number(SegmentFields.LOW))
                        .setHigh(number(SegmentFields.HIGH)));
                break;
            default:
                throw wrong("There is no normalisation '" + way + "'.",
                        "Choose among "
                                + String.join(", ", SegmentFields.NORMALISATION.choices()) + ".");
        }
        if (ticked(SegmentFields.INVERT)) {
            normalisation.setInvert(true);
        }
        Normalisation message = normalisation.build();
        if (!message.equals(Normalisation.getDefaultInstance())) {
            made.setNormalisation(message);
        }
    }

    private String value(OptionField field) {
        String value = values.get(field.key());
        return value == null ? field.macroDefault() : value.trim();
    }

    private boolean given(OptionField field) {
        return !value(field).isEmpty() && !value(field).equalsIgnoreCase(MODEL_DEFAULT);
    }

    private boolean ticked(OptionField field) {
        return Boolean.parseBoolean(value(field));
    }

    private double number(OptionField field) throws CellwireException {
        try {
            return Double.parseDouble(value(field));
        } catch (NumberFormatException error) {
            String name = field.key().replace('_', ' ');
            throw wrong("The " + name + " must be a number; it is '" + value(field) + "'.",
                    "Write a number with a point, such as 0.4"
                            + (field == SegmentFields.DIAMETER ? "." : ", or default."));
        }
    }

    private long whole(OptionField field, long limit) throws CellwireException {
        double number = number(field);
        if (number != Math.rint(number) || number < 0 || number > limit) {
            throw wrong("The " + field.key().replace('_', ' ') + " must be a whole number from 0; "
                    + "it is '" + value(field) + "'.", "Write a whole number, or default.");
        }
        return (long) number;
    }

    private static CellwireException wrong(String message, String nextStep) {
        return new CellwireException("INVALID_PARAMETER", message, nextStep);
    }
}
