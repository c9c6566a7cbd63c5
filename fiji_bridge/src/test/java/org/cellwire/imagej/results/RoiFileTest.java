package org.cellwire.imagej.results;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ij.gui.PolygonRoi;
import ij.gui.Roi;
import ij.gui.ShapeRoi;
import java.awt.Rectangle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.cellwire.imagej.client.CellwireException;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class RoiFileTest {

    @Rule
    public TemporaryFolder folder = new TemporaryFolder();

    @Test
    public void roisComeBackAsTheyWere() throws IOException, CellwireException {
        Roi polygon = new PolygonRoi(
                new int[] {3, 9, 9, 3}, new int[] {4, 4, 8, 8}, 4, Roi.POLYGON);
        polygon.setName("cell-0001");
        Roi ring = new ShapeRoi(new Roi(0, 0, 10, 10)).not(new ShapeRoi(new Roi(3, 3, 4, 4)));
        ring.setName("cell-0002");
        ring.setPosition(0, 2, 3);
        Roi again = (Roi) polygon.clone();
        Path path = folder.newFile("rois.zip").toPath();
        RoiFile.write(path, Arrays.asList(polygon, ring, again));
        List<Roi> read = CellRois.read(Files.readAllBytes(path));
        assertEquals(3, read.size());
        assertEquals(new Rectangle(3, 4, 6, 4), read.get(0).getBounds());
        assertEquals("cell-0001", read.get(0).getName());
        assertEquals("cell-0001-1", read.get(2).getName());
        assertEquals(3, read.get(1).getTPosition());
        assertEquals(100 - 16, read.get(1).getContainedPoints().length);
    }

    @Test
    public void aZipOfSomethingElseIsRefused() throws IOException {
        Path path = folder.newFile("other.zip").toPath();
        try (java.util.zip.ZipOutputStream zip =
                new java.util.zip.ZipOutputStream(Files.newOutputStream(path))) {
            zip.putNextEntry(new java.util.zip.ZipEntry("cell-0001.roi"));
            zip.write("no roi".getBytes(StandardCharsets.US_ASCII));
            zip.closeEntry();
        }
        byte[] bytes = Files.readAllBytes(path);
        assertThrows(CellwireException.class, () -> CellRois.read(bytes));
    }
}
