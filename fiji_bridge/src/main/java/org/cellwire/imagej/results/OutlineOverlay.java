package org.cellwire.imagej.results;

import ij.ImagePlus;
import ij.gui.Overlay;
import ij.gui.Roi;
import java.awt.Color;
import java.util.List;

/** Draws the outlines of cells over their image, in place of those of an earlier run. */
public final class OutlineOverlay {

    private static final String MARK = "cellwire";

    private OutlineOverlay() {}

    /**
     * Draws outlines; whatever else is drawn over the image stays.
     *
     * @param image the image
     * @param rois the outlines, which are copied
     */
    public static void draw(ImagePlus image, List<Roi> rois) {
        Overlay overlay = new Overlay();
        Overlay before = image.getOverlay();
        if (before != null) {
            overlay = before.duplicate();
            for (int i = overlay.size() - 1; i >= 0; i--) {
                if (overlay.get(i).getProperty(MARK) != null) {
                    overlay.remove(i);
                }
            }
        }
        for (Roi roi : rois) {
            Roi outline = (Roi) roi.clone();
            outline.setStrokeColor(Color.YELLOW);
            outline.setProperty(MARK, "outline");
            overlay.add(outline);
        }
        image.setOverlay(overlay);
    }
}
