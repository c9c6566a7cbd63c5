package org.cellwire.imagej.options;

import io.cellwire.api.v1.Calibration;
import java.util.Locale;

/** The size of a pixel, where the image tells it in a unit of length. */
public final class PixelSize {

    private static final double LARGEST_MICROMETRES = 1e6;

    private final Calibration message;
    private final double micrometresPerUnit;

    private PixelSize(Calibration message, double micrometresPerUnit) {
        this.message = message;
        this.micrometresPerUnit = micrometresPerUnit;
    }

    /**
     * Reads ImageJ's calibration.
     *
     * @param unit the unit's name, such as micron, nm or pixel
     * @param width width of a pixel in that unit
     * @param height height of a pixel in that unit
     */
    public static PixelSize of(String unit, double width, double height) {
        double factor = micrometres(unit);
        if (!plausible(width * factor) || !plausible(height * factor)) {
            return unknown();
        }
        Calibration message = Calibration.newBuilder()
                .setXMicrometres(width * factor)
                .setYMicrometres(height * factor)
                .build();
        return new PixelSize(message, factor);
    }

    /** Gives the size of an image that does not tell it. */
    public static PixelSize unknown() {
        return new PixelSize(Calibration.getDefaultInstance(), Double.NaN);
    }

    private static boolean plausible(double size) {
        return size > 0 && size < LARGEST_MICROMETRES;
    }

    private static double micrometres(String unit) {
        String name = unit == null ? "" : unit.trim().toLowerCase(Locale.ROOT)
                .replace('\u03bc', 'u').replace('\u00b5', 'u').replace("\\u00b5", "u");
        switch (name) {
            case "um":
            case "micron":
            case "microns":
            case "micrometer":
            case "micrometers":
            case "micrometre":
            case "micrometres":
                return 1;
            case "nm":
            case "nanometer":
            case "nanometers":
            case "nanometre":
            case "nanometres":
                return 1e-3;
            case "mm":
            case "millimeter":
            case "millimeters":
            case "millimetre":
            case "millimetres":
                return 1e3;
            case "cm":
            case "centimeter":
            case "centimetre":
                return 1e4;
            case "m":
            case "meter":
            case "metre":
                return 1e6;
            case "inch":
            case "inches":
            case "in":
                return 25_400;
            default:
                return Double.NaN;
        }
    }

    /** Gives the engine's calibration (µm); without fields where the size is not known. */
    public Calibration message() {
        return message;
    }

    /** Gives the micrometres of one unit of the image; NaN where the size is not known. */
    double micrometresPerUnit() {
        return micrometresPerUnit;
    }
}
