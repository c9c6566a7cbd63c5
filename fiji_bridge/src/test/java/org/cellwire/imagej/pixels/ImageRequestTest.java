package org.cellwire.imagej.pixels;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
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
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.client.WireImage;
import org.cellwire.imagej.options.ChannelChoice;
import org.cellwire.imagej.options.MacroOptions;
import org.cellwire.imagej.options.PlaneScope;
import org.cellwire.imagej.options.SegmentFields;
import org.cellwire.imagej.options.SegmentOptions;
import org.cellwire.imagej.options.StackChoice;
import org.junit.Test;

public class ImageRequestTest {

    private static final int WIDTH = 5;
    private static final int HEIGHT = 4;

    @Test
    public void pixelsTravelLittleEndian() {
        ShortProcessor shorts = new ShortProcessor(2, 1);
        shorts.set(0, 0, 1);
        shorts.set(1, 0, 0xfffe);
        assertArrayEquals(new byte[] {1, 0, -2, -1}, bytes(PixelBytes.grey(shorts)));
        FloatProcessor floats = new FloatProcessor(1, 1, new float[] {1});
        assertArrayEquals(new byte[] {0, 0, (byte) 0x80, 0x3f}, bytes(PixelBytes.grey(floats)));
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
                assertEquals(oval.contains(x, y) ? 1 : 0, bytes(shape.mask())[y * WIDTH + x]);
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
        List<Plane> planes = source.block(PlaneScope.ALL).planes();
        assertEquals(6, planes.size());
        assertEquals(1, source.block(PlaneScope.CURRENT).planes().size());
        assertEquals(3, source.block(PlaneScope.FRAMES).planes().size());
        assertEquals(2, source.block(PlaneScope.SLICES).planes().size());
        Plane last = planes.get(5);
        assertEquals(2, last.slice());
        assertEquals(3, last.frame());
        // hyperstack() gives each pixel 100 t + 10 z + c.
        assertEquals(322, source.pixels(2, last).get(0, 0));
    }

    @Test
    public void eachChannelTravelsAlone() throws CellwireException {
        SourceImage source = new SourceImage(hyperstack());
        ImageRequest made = request(source, PlaneBlock.of(new Plane(1, 2)), "", "2", "1",
                Selection.inside(new Roi(1, 2, 3, 1), WIDTH, HEIGHT));
        SegmentRequest message = made.message();
        assertEquals(2, made.images().size());
        assertEquals((short) 212, bytes(made.images().get(0))[0] & 0xff);
        assertEquals((short) 211, bytes(made.images().get(1))[0] & 0xff);
        assertEquals(made.images().get(1).name(), message.getChannels(1).getImage());
        assertEquals(2, message.getAxesCount());
        assertEquals(Axis.AXIS_Y, message.getRegion(0).getAxis());
        assertEquals(2, message.getRegion(0).getStart());
        assertEquals(3, message.getRegion(0).getStop());
        assertEquals(1, message.getRegion(1).getStart());
        assertEquals(4, message.getRegion(1).getStop());
    }

    @Test
    public void planesThatAreJoinedTravelAsOneImage() throws CellwireException {
        SourceImage source = new SourceImage(hyperstack());
        ImageRequest made = request(source, source.block(PlaneScope.ALL),
                "stack=volume anisotropy=2.5 link_frames", "2", "1",
                Selection.inside(new Roi(1, 2, 3, 1), WIDTH, HEIGHT));
        SegmentRequest message = made.message();
        assertEquals(2, made.images().size());
        assertEquals(Arrays.asList(3L, 2L, 4L, 5L), made.images().get(0).spec().getShapeList());
        byte[] pixels = bytes(made.images().get(0));
        for (int plane = 0; plane < 6; plane++) {
            int value = 100 * (plane / 2 + 1) + 10 * (plane % 2 + 1) + 2;
            assertEquals((byte) value, pixels[2 * WIDTH * HEIGHT * plane]);
        }
        assertEquals(Arrays.asList(Axis.AXIS_TIME, Axis.AXIS_Z, Axis.AXIS_Y, Axis.AXIS_X),
                message.getAxesList());
        assertEquals(2, message.getRegionCount());
        assertEquals(2.5, message.getStack().getAnisotropy(), 0);
        assertTrue(message.getStack().getLinkFrames());
    }

    @Test
    public void theMeanOfAStackHasTheChannelsFirst() throws CellwireException {
        SourceImage source = new SourceImage(hyperstack());
        ImageRequest made = request(source, source.block(PlaneScope.SLICES), "stack=stitched",
                "mean", "none", Selection.whole(WIDTH, HEIGHT));
        assertEquals(Arrays.asList(2L, 2L, 4L, 5L), made.images().get(0).spec().getShapeList());
        assertEquals(Arrays.asList(Axis.AXIS_CHANNEL, Axis.AXIS_Z, Axis.AXIS_Y, Axis.AXIS_X),
                made.message().getAxesList());
        byte[] pixels = bytes(made.images().get(0));
        int[] expected = {111, 121, 112, 122};
        for (int plane = 0; plane < 4; plane++) {
            assertEquals((byte) expected[plane], pixels[2 * WIDTH * HEIGHT * plane]);
        }
        assertFalse(made.message().getCalibration().hasZMicrometres());
    }

    @Test
    public void onlyStacksTellTheDistanceOfSlices() throws CellwireException {
        ImagePlus image = hyperstack();
        image.getCalibration().setUnit("um");
        image.getCalibration().pixelDepth = 3;
        SourceImage source = new SourceImage(image);
        Selection whole = Selection.whole(WIDTH, HEIGHT);
        ImageRequest volume = request(
                source, source.block(PlaneScope.SLICES), "stack=volume", "1", "none", whole);
        assertEquals(3, volume.message().getCalibration().getZMicrometres(), 0);
        assertFalse(volume.message().getStack().hasAnisotropy());
        ImageRequest plane = request(
                source, PlaneBlock.of(new Plane(1, 1)), "", "1", "none", whole);
        assertFalse(plane.message().getCalibration().hasZMicrometres());
        assertFalse(plane.message().hasStack());
    }

    @Test
    public void aMeanTravelsAsOneImageOfAllChannels() throws CellwireException {
        ColorProcessor colour = new ColorProcessor(1, 1, new int[] {0x010203});
        SourceImage source = new SourceImage(new ImagePlus("rgb", colour));
        assertEquals(3, source.channels());
        ImageRequest made = request(source, PlaneBlock.of(new Plane(1, 1)), "", "mean", "3",
                Selection.whole(1, 1));
        WireImage image = made.images().get(0);
        assertArrayEquals(new byte[] {1, 2, 3}, bytes(image));
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

    private static ImageRequest request(
            SourceImage source, PlaneBlock block, String stack, String channel, String nucleus,
            Selection selection) throws CellwireException {
        SegmentOptions options = new SegmentOptions(MacroOptions.read(
                "channel=" + channel + " nucleus=" + nucleus + " " + stack, SegmentFields.all()));
        ChannelChoice channels = options.channels(source.channels(), false);
        StackChoice choice = options.stack(block.slices(), block.frames(), source.pixelSize());
        return new ImageRequest(source, block, choice, channels, selection, "nuclei",
                CellposeParameters.getDefaultInstance(),
                Collections.singletonList(OutputKind.OUTPUT_KIND_LABELS),
                Priority.PRIORITY_INTERACTIVE);
    }

    private static byte[] bytes(WireImage image) {
        return image.bytes(0, (int) image.size()).toByteArray();
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
