package org.cellwire.imagej.results;

import ij.gui.Roi;
import ij.io.RoiDecoder;
import io.cellwire.api.v1.OutputKind;
import java.awt.Rectangle;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.pixels.Plane;
import org.cellwire.imagej.pixels.SourceImage;

/** From the engine's ROI sets to ImageJ's ROIs, each with its place in the source. */
public final class CellRois {

    private CellRois() {}

    /**
     * Makes the ROIs of all planes.
     *
     * <p>In hyperstacks they belong to a slice and a frame and to every channel: selecting one
     * keeps the channel that is shown, so that any channel can be measured.
     *
     * @param source where the cells are
     * @param box the part that was segmented, in pixels
     * @param results one for each plane
     * @throws CellwireException (INTERNAL) if a set is missing or cannot be read
     */
    public static List<Roi> of(SourceImage source, Rectangle box, List<PlaneResult> results)
            throws CellwireException {
        List<Roi> rois = new ArrayList<>();
        for (PlaneResult result : results) {
            byte[] zip = result.result().output(OutputKind.OUTPUT_KIND_ROI_ZIP).bytes();
            Plane plane = result.plane();
            for (Roi roi : read(zip)) {
                Rectangle bounds = roi.getBounds();
                roi.setLocation(bounds.x + box.x, bounds.y + box.y);
                roi.setName(prefix(source, plane) + roi.getName());
                if (source.isHyperstack()) {
                    roi.setPosition(0, plane.slice(), plane.frame());
                } else if (source.isStack()) {
                    roi.setPosition(source.index(1, plane));
                }
                rois.add(roi);
            }
        }
        return rois;
    }

    private static String prefix(SourceImage source, Plane plane) {
        String frame = source.frames() > 1
                ? String.format(Locale.ROOT, "t%03d-", plane.frame()) : "";
        String slice = source.slices() > 1
                ? String.format(Locale.ROOT, "z%03d-", plane.slice()) : "";
        return frame + slice;
    }

    /**
     * Reads a RoiSet.zip.
     *
     * @throws CellwireException (INTERNAL) if it cannot be read
     */
    static List<Roi> read(byte[] zip) throws CellwireException {
        List<Roi> rois = new ArrayList<>();
        try (ZipInputStream entries = new ZipInputStream(new ByteArrayInputStream(zip))) {
            byte[] part = new byte[8192];
            for (ZipEntry entry = entries.getNextEntry(); entry != null;
                    entry = entries.getNextEntry()) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                for (int n = entries.read(part); n > 0; n = entries.read(part)) {
                    bytes.write(part, 0, n);
                }
                Roi roi = RoiDecoder.openFromByteArray(bytes.toByteArray());
                if (roi == null) {
                    throw unreadable(entry.getName());
                }
                roi.setName(entry.getName().replaceFirst("\\.roi$", ""));
                rois.add(roi);
            }
        } catch (IOException error) {
            throw unreadable(error.getMessage());
        }
        return rois;
    }

    private static CellwireException unreadable(String what) {
        return new CellwireException(
                "INTERNAL", "A ROI of the engine cannot be read (" + what + ").",
                "Update the engine or the plugin, or take the label image alone.");
    }
}
