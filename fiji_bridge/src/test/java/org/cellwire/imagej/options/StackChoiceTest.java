package org.cellwire.imagej.options;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import io.cellwire.api.v1.IntensityScope;
import io.cellwire.api.v1.StackParameters;
import org.cellwire.imagej.client.CellwireException;
import org.junit.Test;

public class StackChoiceTest {

    private static final PixelSize MICRONS = PixelSize.of("micron", 0.5, 0.5, 2);
    private static final PixelSize PIXELS = PixelSize.of("pixel", 1, 1, 1);

    @Test
    public void planesOfTheirOwnNeedNothing() throws CellwireException {
        StackChoice made = read("", 1, 1, PIXELS);
        assertFalse(made.together());
        assertFalse(made.joinsSlices() || made.joinsFrames());
        assertFalse(read("anisotropy=2 stitch_threshold=0.5 flow_smoothing=1", 9, 4, PIXELS)
                .together());
    }

    @Test
    public void whatIsLeftOutIsTheEngines() throws CellwireException {
        StackParameters made = read("stack=volume", 9, 4, MICRONS).message();
        assertEquals(io.cellwire.api.v1.StackMode.STACK_MODE_VOLUME, made.getMode());
        assertFalse(made.hasAnisotropy() || made.hasFlowSmoothing() || made.hasStitchThreshold()
                || made.hasLinkFrames() || made.hasLinkThreshold() || made.hasHalfPrecision());
        assertEquals("", made.getOrthogonalModel());
        assertEquals(made, read("stack=volume anisotropy=default flow_smoothing=[] "
                + "orthogonal_model=default", 9, 4, MICRONS).message());
    }

    @Test
    public void whatIsGivenTravelsWhereItMeansSomething() throws CellwireException {
        String all = " anisotropy=2.5 stitch_threshold=0.4 flow_smoothing=1.5 "
                + "intensity_scope=Whole link_threshold=0.1 orthogonal_model=[of the sides] "
                + "half_precision";
        StackParameters volume = read("stack=Volume" + all, 9, 1, PIXELS).message();
        assertEquals(2.5, volume.getAnisotropy(), 0);
        assertEquals(1.5, volume.getFlowSmoothing(), 0);
        assertFalse(volume.hasStitchThreshold() || volume.hasLinkThreshold());
        assertEquals("of the sides", volume.getOrthogonalModel());
        assertTrue(volume.getHalfPrecision());
        assertEquals(IntensityScope.INTENSITY_SCOPE_WHOLE, volume.getIntensityScope());
        StackParameters stitched = read("stack=stitched" + all, 9, 1, PIXELS).message();
        assertEquals(0.4, stitched.getStitchThreshold(), 0);
        assertFalse(stitched.hasAnisotropy() || stitched.hasFlowSmoothing()
                || stitched.hasHalfPrecision() || stitched.hasLinkThreshold());
        assertEquals("", stitched.getOrthogonalModel());
        StackChoice linked = read("link_frames" + all, 1, 6, PIXELS);
        assertEquals(0.4, linked.message().getStitchThreshold(), 0);
        assertEquals(0.1, linked.message().getLinkThreshold(), 0);
        assertTrue(linked.joinsFrames() && linked.together() && !linked.joinsSlices());
    }

    @Test
    public void planesThatShareARangeGoTogether() throws CellwireException {
        assertTrue(read("intensity_scope=whole", 3, 1, PIXELS).together());
        assertTrue(read("intensity_scope=frame", 3, 1, PIXELS).together());
        assertFalse(read("intensity_scope=frame", 1, 8, PIXELS).together());
        assertFalse(read("intensity_scope=whole", 1, 1, PIXELS).together());
        assertFalse(read("intensity_scope=plane", 3, 8, PIXELS).together());
    }

    @Test
    public void onePlaneAndASeriesAreNoVolume() {
        for (String mode : new String[] {"volume", "stitched"}) {
            CellwireException one = refused("stack=" + mode, 1, 1, MICRONS);
            assertEquals("SHAPE_MISMATCH", one.reason());
            assertTrue(one.nextStep().contains("[all slices]"));
            CellwireException series = refused("stack=" + mode, 1, 30, MICRONS);
            assertTrue(series.getMessage(), series.getMessage().contains("of 30 frames"));
            assertTrue(series.nextStep().contains("Image > Properties"));
        }
        assertEquals("SHAPE_MISMATCH", refused("link_frames", 7, 1, MICRONS).reason());
    }

    @Test
    public void aVolumeWithoutDistanceOfSlicesIsRefused() throws CellwireException {
        for (PixelSize size : new PixelSize[] {PIXELS, PixelSize.of("px", 1, 1, 0.01),
            PixelSize.of("um", 0.5, 0.5, 0), PixelSize.of("um", 0.5, 0.5, Double.NaN)}) {
            CellwireException error = refused("stack=volume", 7, 1, size);
            assertEquals("CALIBRATION_MISSING", error.reason());
            assertTrue(error.nextStep().contains("anisotropy"));
            assertEquals(3, read("stack=volume anisotropy=3", 7, 1, size)
                    .message().getAnisotropy(), 0);
            assertFalse(read("stack=stitched", 7, 1, size).message().hasAnisotropy());
        }
    }

    @Test
    public void whatCannotBeReadIsRefused() {
        assertTrue(refused("stack=3d", 7, 1, MICRONS).nextStep().contains("volume"));
        assertTrue(refused("stack=volume anisotropy=2,5", 7, 1, MICRONS)
                .getMessage().contains("2,5"));
        assertTrue(refused("intensity_scope=unspecified", 7, 1, MICRONS)
                .nextStep().contains("whole"));
        refused("stack=stitched stitch_threshold=much", 7, 1, MICRONS);
        assertTrue(refused("link_frames link_threshold=much", 1, 7, MICRONS)
                .getMessage().contains("link threshold must be a number"));
    }

    private static StackChoice read(String text, int slices, int frames, PixelSize pixel)
            throws CellwireException {
        return new SegmentOptions(MacroOptions.read(text, SegmentFields.all()))
                .stack(slices, frames, pixel);
    }

    private static CellwireException refused(
            String text, int slices, int frames, PixelSize pixel) {
        return assertThrows(
                CellwireException.class, () -> read(text, slices, frames, pixel));
    }
}
