package org.cellwire.imagej.options;

import static org.cellwire.imagej.options.SegmentFields.MODEL_DEFAULT;

import java.util.Map;
import org.cellwire.imagej.client.CellwireException;

/** The values of a dialog or macro, read as what their fields hold. */
final class FieldValues {

    private final Map<String, String> values;

    /**
     * Takes values.
     *
     * @param values a value for each key; what is left out has the field's own
     */
    FieldValues(Map<String, String> values) {
        this.values = values;
    }

    /** Gives the text of a field. */
    String text(OptionField field) {
        String value = values.get(field.key());
        return value == null ? field.macroDefault() : value.trim();
    }

    /** Tells whether a field has a value of its own, and not the model's. */
    boolean given(OptionField field) {
        return !text(field).isEmpty() && !text(field).equalsIgnoreCase(MODEL_DEFAULT);
    }

    /** Tells whether a box is ticked. */
    boolean ticked(OptionField field) {
        return Boolean.parseBoolean(text(field));
    }

    /**
     * Gives the number of a field.
     *
     * @throws CellwireException (INVALID_PARAMETER) if it is none
     */
    double number(OptionField field) throws CellwireException {
        try {
            return Double.parseDouble(text(field));
        } catch (NumberFormatException error) {
            boolean zero = field.macroDefault().equals("0");
            throw wrong("The " + name(field) + " must be a number; it is '" + text(field) + "'.",
                    "Write a number with a point, such as 0.4" + (zero ? "." : ", or default."));
        }
    }

    /**
     * Gives the whole number of a field.
     *
     * @throws CellwireException (INVALID_PARAMETER) if it is none from 0 to the limit
     */
    long whole(OptionField field, long limit) throws CellwireException {
        double number = number(field);
        if (number != Math.rint(number) || number < 0 || number > limit) {
            throw wrong("The " + name(field) + " must be a whole number from 0; it is '"
                    + text(field) + "'.", "Write a whole number, or default.");
        }
        return (long) number;
    }

    private static String name(OptionField field) {
        return field.key().replace('_', ' ');
    }

    /** Makes the error of a value that cannot be. */
    static CellwireException wrong(String message, String nextStep) {
        return new CellwireException("INVALID_PARAMETER", message, nextStep);
    }
}
