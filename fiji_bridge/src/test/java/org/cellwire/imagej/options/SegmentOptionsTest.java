package org.cellwire.imagej.options;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import io.cellwire.api.v1.CellposeParameters;
import org.cellwire.imagej.client.CellwireException;
import org.junit.Test;

public class SegmentOptionsTest {

    private static final PixelSize HALF_MICRON = PixelSize.of("micron", 0.5, 0.5, 2);

    @Test
    public void whatIsLeftOutIsTheModels() throws CellwireException {
        assertEquals(CellposeParameters.getDefaultInstance(), parameters(""));
        assertEquals(CellposeParameters.getDefaultInstance(),
                parameters("diameter=0 flow_threshold=default minimum_size=default niter=[]"));
    }

    @Test
    public void whatIsGivenTravels() throws CellwireException {
        CellposeParameters made = parameters("diameter=17.5 flow_threshold=0 "
                + "cellprob_threshold=-1.5 minimum_size=15 niter=200 tile_overlap=0.2 "
                + "exclude_edges augment invert");
        assertEquals(17.5, made.getDiameter().getPixels(), 0);
        assertTrue(made.hasFlowThreshold());
        assertEquals(0, made.getFlowThreshold(), 0);
        assertEquals(-1.5, made.getCellprobThreshold(), 0);
        assertEquals(15, made.getMinSize());
        assertEquals(200, made.getNiter());
        assertEquals(0.2, made.getTileOverlap(), 0);
        assertTrue(made.getExcludeOnEdges() && made.getAugment());
        assertTrue(made.getNormalisation().getInvert());
        assertFalse(made.getNormalisation().hasEnabled());
    }

    @Test
    public void calibratedDiametersAreMicrometres() throws CellwireException {
        assertEquals(12, parameters("diameter=12 diameter_unit=calibrated")
                .getDiameter().getMicrometres(), 0);
        PixelSize nanometres = PixelSize.of("nm", 500, 500, 900);
        assertEquals(0.5, nanometres.ofPlane().getXMicrometres(), 1e-12);
        assertEquals(12, options("diameter=12000 diameter_unit=calibrated")
                .parameters(nanometres).getDiameter().getMicrometres(), 1e-9);
        CellwireException error = assertThrows(CellwireException.class,
                () -> options("diameter=12 diameter_unit=calibrated")
                        .parameters(PixelSize.of("pixel", 1, 1, 1)));
        assertTrue(error.nextStep().contains("Set Scale"));
    }

    @Test
    public void unitsOfLength() {
        for (String unit : new String[] {"um", "\u00b5m", "\u03bcm", "micron", "Microns",
            "micrometre"}) {
            assertEquals(unit, 0.5,
                    PixelSize.of(unit, 0.5, 0.5, 1).ofPlane().getYMicrometres(), 0);
        }
        for (String unit : new String[] {"pixel", "pixels", "", null, "furlong"}) {
            assertFalse(PixelSize.of(unit, 1, 1, 1).ofPlane().hasXMicrometres());
        }
        assertFalse(PixelSize.of("um", 0, 1, 1).ofPlane().hasXMicrometres());
        assertFalse(PixelSize.of("um", Double.NaN, 1, 1).ofPlane().hasXMicrometres());
    }

    @Test
    public void normalisation() throws CellwireException {
        assertEquals(99, parameters("normalisation=percentiles").getNormalisation()
                .getPercentiles().getHigh(), 0);
        assertEquals(2000, parameters("normalisation=intensities low=100 high=2000")
                .getNormalisation().getFixed().getHigh(), 0);
        assertFalse(parameters("normalisation=none").getNormalisation().getEnabled());
        refused("low=3");
        refused("normalisation=intensities low=3");
        refused("normalisation=sometimes");
    }

    @Test
    public void whatCannotBeReadIsRefused() {
        assertTrue(refused("flow_threshold=0,4").getMessage().contains("0,4"));
        refused("minimum_size=1.5");
        refused("minimum_size=-1");
        refused("niter=4294967296");
        refused("diameter_unit=miles diameter=3");
    }

    @Test
    public void channelsCountFromOne() throws CellwireException {
        ChannelChoice two = options("channel=2 nucleus=1").channels(2, false);
        assertEquals(2, two.segmented());
        assertEquals(1, two.nucleus());
        assertEquals(0, options("channel=mean").channels(3, false).segmented());
        assertEquals(1, options("channel=mean").channels(1, false).segmented());
        assertEquals(0, options("").channels(2, false).nucleus());
        assertEquals(1, options("").channels(3, false).segmented());
        assertEquals(0, options("").channels(3, true).segmented());
        CellwireException error = assertThrows(CellwireException.class,
                () -> options("channel=3").channels(2, false));
        assertTrue(error.getMessage().contains("has 2 channels"));
    }

    @Test
    public void aRunWithoutOutputsMakesALabelImage() throws CellwireException {
        assertTrue(options("").labelImage());
        assertFalse(options("roi_manager=append").labelImage());
        assertFalse(options("overlay").labelImage());
        assertEquals(RoiManagerUse.REPLACE, options("roi_manager=Replace").roiManager());
        assertEquals(PlaneScope.FRAMES, options("process=[All Frames]").scope());
        assertThrows(CellwireException.class, () -> options("process=some").scope());
        assertThrows(CellwireException.class, () -> options("roi_manager=yes").roiManager());
        assertThrows(CellwireException.class, () -> options("model=[]").model());
    }

    private static SegmentOptions options(String text) throws CellwireException {
        return new SegmentOptions(MacroOptions.read(text, SegmentFields.all()));
    }

    private static CellposeParameters parameters(String text) throws CellwireException {
        return options(text).parameters(HALF_MICRON);
    }

    private static CellwireException refused(String text) {
        CellwireException error =
                assertThrows(CellwireException.class, () -> parameters(text));
        assertEquals("INVALID_PARAMETER", error.reason());
        return error;
    }
}
