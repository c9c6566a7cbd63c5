package org.cellwire.imagej.options;

import io.cellwire.api.v1.Calibration;
import java.util.Locale;

/** The size of a pixel, where the image tells it in a unit of length. */
public final class PixelSize {

    private static final double LARGEST_MICROMETRES = 1e6;

    private final Calibration plane;
    private final Calibration stack;
    private final double micrometresPerUnit;

    private PixelSize(Calibration plane, Calibration stack, double micrometresPerUnit) {
        this.plane = plane;
        this.stack = stack;
        this.micrometresPerUnit = micrometresPerUnit;
    }

    /**
     * Reads ImageJ's calibration.
     *
     * @param unit the unit's name, such as micron, nm or pixel
     * @param width width of a pixel in that unit
     * @param height height of a pixel in that unit
     * @param depth distance of two slices in that unit
     */
    public static PixelSize of(String unit, double width, double height, double depth) {
        double factor = micrometres(unit);
        if (!plausible(width * factor) || !plausible(height * factor)) {
            return unknown();
        }
        Calibration plane = Calibration.newBuilder()
                .setXMicrometres(width * factor)
                .setYMicrometres(height * factor)
                .build();
        Calibration stack = plausible(depth * factor)
                ? plane.toBuilder().setZMicrometres(depth * factor).build() : plane;
        return new PixelSize(plane, stack, factor);
    }

    /** Gives the size of an image that does not tell it. */
    public static PixelSize unknown() {
        Calibration nothing = Calibration.getDefaultInstance();
        return new PixelSize(nothing, nothing, Double.NaN);
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

    /** Gives the engine's calibration (µm) of a plane; without fields where it is not known. */
    public Calibration ofPlane() {
        return plane;
    }

    /** Gives the engine's calibration (µm) with the distance of slices where that is known. */
    public Calibration ofStack() {
        return stack;
    }

    /** Tells whether it is known how far apart slices are. */
    boolean knowsDepth() {
        return stack.hasZMicrometres();
    }

    /** Gives the micrometres of one unit of the image; NaN where the size is not known. */
    double micrometresPerUnit() {
        return micrometresPerUnit;
    }
}
