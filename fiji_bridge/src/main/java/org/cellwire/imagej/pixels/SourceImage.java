package org.cellwire.imagej.pixels;

import ij.ImagePlus;
import ij.ImageStack;
import ij.measure.Calibration;
import ij.process.ImageProcessor;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.options.PixelSize;
import org.cellwire.imagej.options.PlaneScope;

/**
 * An image as it was when the command was given.
 *
 * <p>Results belong to it, whatever the person opens, closes or selects in the meantime.
 */
public final class SourceImage {

    /** Slices of Bio-Formats and ImageJ are labelled c:1/2 z:3/9 - DAPI. */
    private static final Pattern PLACE = Pattern.compile("^([czt]:\\d+/\\d+\\s*)+-?\\s*");

    private final ImagePlus image;
    private final ImageStack stack;
    private final Calibration calibration;
    private final String title;
    private final int channels;
    private final int slices;
    private final int frames;
    private final Plane shown;

    /**
     * Takes an image.
     *
     * @param image ImageJ's image
     * @throws CellwireException (UNSUPPORTED_TYPE) if its pixels are places in a palette
     */
    public SourceImage(ImagePlus image) throws CellwireException {
        if (hasPalette(image)) {
            throw new CellwireException(
                    "UNSUPPORTED_TYPE",
                    "The image '" + image.getTitle() + "' is of type 8-bit Color: its pixels are "
                            + "places in a palette, not intensities. 8-bit, 16-bit, 32-bit and RGB "
                            + "images are taken.",
                    "Convert it with Image > Type > RGB Color or 8-bit. If it is a grey image "
                            + "that is only shown in these colours, choose Image > Lookup Tables "
                            + "> Grays.");
        }
        this.image = image;
        stack = kept(image.getStack());
        calibration = image.getCalibration().copy();
        title = image.getTitle();
        channels = image.getNChannels();
        slices = image.getNSlices();
        frames = image.getNFrames();
        shown = new Plane(image.getZ(), image.getT());
    }

    /**
     * Tells whether 8-bit pixels are places in a palette.
     *
     * <p>ImageJ gives the type 8-bit Color to files that it wrote itself, and takes all others for
     * grey. By its own measure, which says whether an image can be filtered, the colours of a
     * lookup table run smoothly from one intensity to the next, and those of a palette do not.
     */
    private static boolean hasPalette(ImagePlus image) {
        if (image.getType() != ImagePlus.GRAY8 || image.isComposite()) {
            return image.getType() == ImagePlus.COLOR_256;
        }
        ImageProcessor pixels = image.getProcessor();
        return pixels.isColorLut() && !pixels.isPseudoColorLut();
    }

    /** Keeps the pixels, without copying them, of an image that the person may close. */
    private static ImageStack kept(ImageStack stack) {
        if (stack.isVirtual()) {
            return stack; // read from its files when they are wanted
        }
        ImageStack kept = new ImageStack(stack.getWidth(), stack.getHeight());
        for (int i = 1; i <= stack.getSize(); i++) {
            kept.addSlice(null, stack.getPixels(i));
        }
        return kept;
    }

    /** Gives ImageJ's image; it may have been closed in the meantime. */
    public ImagePlus image() {
        return image;
    }

    /** Gives its title. */
    public String title() {
        return title;
    }

    /** Gives its calibration. */
    public Calibration calibration() {
        return calibration.copy();
    }

    /** Gives the size of its pixels. */
    public PixelSize pixelSize() {
        return PixelSize.of(
                calibration.getUnit(), calibration.pixelWidth, calibration.pixelHeight,
                calibration.pixelDepth);
    }

    /** Gives the width in pixels. */
    public int width() {
        return stack.getWidth();
    }

    /** Gives the height in pixels. */
    public int height() {
        return stack.getHeight();
    }

    /** Tells whether its pixels are colours. */
    public boolean isColour() {
        return image.getType() == ImagePlus.COLOR_RGB;
    }

    /** Gives the number of channels that can be chosen; red, green and blue of colour images. */
    public int channels() {
        return isColour() ? 3 : channels;
    }

    /**
     * Gives the names of the channels, such as {@code 1 = DAPI, 2 = GFP}.
     *
     * @return empty where the image does not name them
     */
    public String channelNames() {
        if (isColour()) {
            return "1 = red, 2 = green, 3 = blue";
        }
        StringJoiner names = new StringJoiner(", ");
        for (int channel = 1; channel <= channels; channel++) {
            String label = image.getStack().getShortSliceLabel(index(channel, shown));
            String name = label == null ? "" : PLACE.matcher(label).replaceFirst("");
            if (channels == 1 || name.isEmpty()) {
                return "";
            }
            names.add(channel + " = " + name);
        }
        return names.toString();
    }

    /** Tells whether it has more than one slice or frame. */
    public boolean isStack() {
        return slices > 1 || frames > 1;
    }

    /** Tells whether positions in it have a slice and a frame, and not one number. */
    public boolean isHyperstack() {
        return channels > 1 || slices > 1 && frames > 1 || image.isHyperStack();
    }

    /** Gives the planes to be segmented. */
    public PlaneBlock block(PlaneScope scope) {
        boolean allSlices = scope.allSlices();
        boolean allFrames = scope.allFrames();
        Plane first = new Plane(allSlices ? 1 : shown.slice(), allFrames ? 1 : shown.frame());
        return new PlaneBlock(first, allSlices ? slices : 1, allFrames ? frames : 1);
    }

    /**
     * Gives one plane of one channel.
     *
     * @param channel ImageJ's channel, from 1; 1 for colour images
     * @param plane the plane
     */
    public ImageProcessor pixels(int channel, Plane plane) {
        return stack.getProcessor(index(channel, plane));
    }

    /** Gives the place of a plane in the stack, from 1. */
    public int index(int channel, Plane plane) {
        return ((plane.frame() - 1) * slices + plane.slice() - 1) * channels + channel;
    }

    /** Gives the number of slices. */
    public int slices() {
        return slices;
    }

    /** Gives the number of frames. */
    public int frames() {
        return frames;
    }
}
