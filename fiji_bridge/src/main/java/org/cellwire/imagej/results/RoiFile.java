package org.cellwire.imagej.results;

import ij.gui.Roi;
import ij.io.RoiEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes ROIs as a zip that the ROI Manager opens. */
public final class RoiFile {

    private RoiFile() {}

    /**
     * Writes a zip.
     *
     * @param path where to; overwritten
     * @param rois the ROIs; of those with the same name the later ones get a number
     * @throws IOException if it cannot be written
     */
    public static void write(Path path, List<Roi> rois) throws IOException {
        Set<String> names = new HashSet<>();
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
            for (Roi roi : rois) {
                String name = roi.getName() == null ? "roi" : roi.getName().replace('/', '_');
                String unique = name;
                for (int number = 1; !names.add(unique); number++) {
                    unique = name + "-" + number;
                }
                zip.putNextEntry(new ZipEntry(unique + ".roi"));
                zip.write(RoiEncoder.saveAsByteArray(roi));
                zip.closeEntry();
            }
        }
    }
}
