package org.cellwire.imagej.pixels;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ij.ImagePlus;
import ij.ImageStack;
import ij.gui.Line;
import ij.gui.OvalRoi;
import ij.gui.Roi;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ShortProcessor;
import io.cellwire.api.v1.Axis;
import io.cellwire.api.v1.CellposeParameters;
import io.cellwire.api.v1.DataType;
import io.cellwire.api.v1.OutputKind;
import io.cellwire.api.v1.Priority;
import io.cellwire.api.v1.SegmentRequest;
import java.awt.Rectangle;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.client.WireImage;
import org.cellwire.imagej.options.ChannelChoice;
import org.cellwire.imagej.options.PlaneScope;
import org.cellwire.imagej.options.SegmentOptions;
import org.junit.Test;

public class PlaneRequestTest {

    private static final int WIDTH = 5;
    private static final int HEIGHT = 4;

    @Test
    public void pixelsTravelLittleEndian() {
        ShortProcessor shorts = new ShortProcessor(2, 1);
        shorts.set(0, 0, 1);
        shorts.set(1, 0, 0xfffe);
        assertArrayEquals(new byte[] {1, 0, -2, -1}, PixelBytes.grey(shorts).bytes());
        FloatProcessor floats = new FloatProcessor(1, 1, new float[] {1});
        assertArrayEquals(new byte[] {0, 0, (byte) 0x80, 0x3f}, PixelBytes.grey(floats).bytes());
        assertEquals(DataType.DATA_TYPE_FLOAT32,
                PixelBytes.grey(floats).spec().getDataType());
    }

    @Test
    public void aSelectionIsABoxAndAShape() throws CellwireException {
        Selection box = Selection.inside(new Roi(3, -2, 9, 4), WIDTH, HEIGHT);
        assertEquals(new Rectangle(3, 0, 2, 2), box.box());
        assertNull(box.mask());
        Roi oval = new OvalRoi(1, 1, 6, 3);
        Selection shape = Selection.inside(oval, WIDTH, HEIGHT);
        assertEquals(new Rectangle(1, 1, 4, 3), shape.box());
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                assertEquals(oval.contains(x, y) ? 1 : 0, shape.mask().bytes()[y * WIDTH + x]);
            }
        }
    }

    @Test
    public void noSelectionALineAndOneOutsideAreRefused() {
        for (Roi roi : new Roi[] {null, new Line(0, 0, 3, 3), new Roi(50, 50, 3, 3)}) {
            assertEquals("INVALID_PARAMETER", assertThrows(CellwireException.class,
                    () -> Selection.inside(roi, WIDTH, HEIGHT)).reason());
        }
    }

    @Test
    public void planesOfAHyperstack() throws CellwireException {
        SourceImage source = new SourceImage(hyperstack());
        List<Plane> planes = source.planes(PlaneScope.ALL);
        assertEquals(6, planes.size());
        assertEquals(1, source.planes(PlaneScope.CURRENT).size());
        assertEquals(3, source.planes(PlaneScope.FRAMES).size());
        assertEquals(2, source.planes(PlaneScope.SLICES).size());
        Plane last = planes.get(5);
        assertEquals(2, last.slice());
        assertEquals(3, last.frame());
        // hyperstack() gives each pixel 100 t + 10 z + c.
        assertEquals(322, source.pixels(2, last).get(0, 0));
    }

    @Test
    public void eachChannelTravelsAlone() throws CellwireException {
        SourceImage source = new SourceImage(hyperstack());
        PlaneRequest made = request(source, new Plane(1, 2), "2", "1",
                Selection.inside(new Roi(1, 2, 3, 1), WIDTH, HEIGHT));
        SegmentRequest message = made.message();
        assertEquals(2, made.images().size());
        assertEquals((short) 212, made.images().get(0).bytes()[0] & 0xff);
        assertEquals((short) 211, made.images().get(1).bytes()[0] & 0xff);
        assertEquals(made.images().get(1).name(), message.getChannels(1).getImage());
        assertEquals(2, message.getAxesCount());
        assertEquals(Axis.AXIS_Y, message.getRegion(0).getAxis());
        assertEquals(2, message.getRegion(0).getStart());
        assertEquals(3, message.getRegion(0).getStop());
        assertEquals(1, message.getRegion(1).getStart());
        assertEquals(4, message.getRegion(1).getStop());
    }

    @Test
    public void aMeanTravelsAsOneImageOfAllChannels() throws CellwireException {
        ColorProcessor colour = new ColorProcessor(1, 1, new int[] {0x010203});
        SourceImage source = new SourceImage(new ImagePlus("rgb", colour));
        assertEquals(3, source.channels());
        PlaneRequest made = request(source, new Plane(1, 1), "mean", "3", Selection.whole(1, 1));
        WireImage image = made.images().get(0);
        assertArrayEquals(new byte[] {1, 2, 3}, image.bytes());
        assertEquals(Axis.AXIS_CHANNEL, made.message().getAxes(0));
        assertEquals(0, made.message().getChannels(0).getChannel());
        assertEquals(3, made.message().getChannels(1).getChannel());
    }

    @Test
    public void palettesAreRefused() {
        ImagePlus image = new ImagePlus("palette", new ByteProcessor(2, 2)) {
            @Override
            public int getType() {
                return COLOR_256;
            }
        };
        CellwireException error =
                assertThrows(CellwireException.class, () -> new SourceImage(image));
        assertEquals("UNSUPPORTED_TYPE", error.reason());
        assertTrue(error.nextStep().contains("Image > Type"));
    }

    @Test
    public void channelsAreNamedWhereTheImageNamesThem() throws CellwireException {
        ImagePlus image = hyperstack();
        assertEquals("", new SourceImage(image).channelNames());
        image.getStack().setSliceLabel("c:1/2 z:1/2 t:1/3 - DAPI", 1);
        image.getStack().setSliceLabel("GFP", 2);
        assertEquals("1 = DAPI, 2 = GFP", new SourceImage(image).channelNames());
        assertEquals("1 = red, 2 = green, 3 = blue", new SourceImage(
                new ImagePlus("rgb", new ColorProcessor(1, 1))).channelNames());
    }

    @Test
    public void pixelsOutliveTheImage() throws CellwireException {
        ImagePlus image = hyperstack();
        SourceImage source = new SourceImage(image);
        image.flush();
        assertEquals(322, source.pixels(2, new Plane(2, 3)).get(0, 0));
    }

    private static PlaneRequest request(
            SourceImage source, Plane plane, String channel, String nucleus, Selection selection)
            throws CellwireException {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("channel", channel);
        values.put("nucleus", nucleus);
        ChannelChoice channels = new SegmentOptions(values).channels(source.channels(), false);
        return new PlaneRequest(source, plane, channels, selection, "nuclei",
                CellposeParameters.getDefaultInstance(),
                Collections.singletonList(OutputKind.OUTPUT_KIND_LABELS),
                Priority.PRIORITY_INTERACTIVE);
    }

    private static ImagePlus hyperstack() {
        ImageStack stack = new ImageStack(WIDTH, HEIGHT);
        for (int t = 1; t <= 3; t++) {
            for (int z = 1; z <= 2; z++) {
                for (int c = 1; c <= 2; c++) {
                    ShortProcessor plane = new ShortProcessor(WIDTH, HEIGHT);
                    plane.setValue(100 * t + 10 * z + c);
                    plane.fill();
                    stack.addSlice(plane);
                }
            }
        }
        ImagePlus image = new ImagePlus("hyper.tif", stack);
        image.setDimensions(2, 2, 3);
        return image;
    }
}
