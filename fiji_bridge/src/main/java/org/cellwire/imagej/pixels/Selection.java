package org.cellwire.imagej.pixels;

import ij.gui.Roi;
import ij.process.ByteProcessor;
import ij.process.ImageProcessor;
import java.awt.Rectangle;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.client.WireImage;

/** The part of an image that is segmented: a box, and within it a shape. */
public final class Selection {

    private final Rectangle box;
    private final WireImage mask;
    private final boolean whole;

    private Selection(Rectangle box, WireImage mask, boolean whole) {
        this.box = box;
        this.mask = mask;
        this.whole = whole;
    }

    /** Selects all of an image. */
    public static Selection whole(int width, int height) {
        return new Selection(new Rectangle(width, height), null, true);
    }

    /**
     * Selects the inside of ImageJ's selection.
     *
     * @param roi the selection; null = there is none
     * @param width width of the image in pixels
     * @param height height of the image in pixels
     * @throws CellwireException (INVALID_PARAMETER) if it encloses no pixel of the image
     */
    public static Selection inside(Roi roi, int width, int height) throws CellwireException {
        if (roi == null || !roi.isArea()) {
            String found = roi == null
                    ? "there is none" : "it is a " + roi.getTypeAsString() + " selection";
            throw new CellwireException(
                    "INVALID_PARAMETER",
                    "Only the inside of the selection was to be segmented, and " + found + ".",
                    "Draw an area, for example with the rectangle tool, or leave 'Inside "
                            + "selection' out.");
        }
        Rectangle box = roi.getBounds().intersection(new Rectangle(width, height));
        if (box.isEmpty()) {
            throw new CellwireException(
                    "INVALID_PARAMETER",
                    "The selection lies outside of the image.",
                    "Draw an area inside of it.");
        }
        ImageProcessor shape = roi.getMask();
        boolean plain = roi.getType() == Roi.RECTANGLE && roi.getCornerDiameter() == 0
                || shape == null;
        return new Selection(box, plain ? null : mask(roi, shape, width, height), false);
    }

    private static WireImage mask(Roi roi, ImageProcessor shape, int width, int height) {
        ByteProcessor mask = new ByteProcessor(width, height);
        Rectangle bounds = roi.getBounds();
        for (int y = 0; y < shape.getHeight(); y++) {
            for (int x = 0; x < shape.getWidth(); x++) {
                int column = bounds.x + x;
                int row = bounds.y + y;
                boolean inside = column >= 0 && row >= 0 && column < width && row < height;
                if (inside && shape.get(x, y) != 0) {
                    mask.set(column, row, 1);
                }
            }
        }
        return PixelBytes.grey(mask);
    }

    /** Gives the box in pixels of the image. */
    public Rectangle box() {
        return new Rectangle(box);
    }

    /** Gives an image (Y, X) of the whole size whose zeros are outside; null = all of the box. */
    public WireImage mask() {
        return mask;
    }

    /** Tells whether it is the whole image. */
    public boolean isWhole() {
        return whole;
    }
}
