package org.cellwire.imagej.pixels;

import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import io.cellwire.api.v1.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.cellwire.imagej.client.WireImage;

/** From ImageJ's pixels to what travels: the same values, little-endian. */
final class PixelBytes {

    private PixelBytes() {}

    /** Gives grey pixels as an image (Y, X) of the same type: uint8, uint16 or float32. */
    static WireImage grey(ImageProcessor pixels) {
        return new WireImage(
                type(pixels), bytes(pixels), pixels.getHeight(), pixels.getWidth());
    }

    /**
     * Gives several grey planes of one type and size as an image.
     *
     * @param planes the planes, each of which is looked at once
     * @param shape lengths of the axes before Y and X, such as channels, frames and slices
     */
    static WireImage stacked(Iterable<ImageProcessor> planes, List<Integer> shape) {
        List<byte[]> parts = new ArrayList<>();
        ImageProcessor last = null;
        for (ImageProcessor plane : planes) {
            parts.add(bytes(plane));
            last = plane;
        }
        IntStream lengths = shape.stream().mapToInt(Integer::intValue);
        int[] all = IntStream.concat(
                lengths, IntStream.of(last.getHeight(), last.getWidth())).toArray();
        return new WireImage(type(last), parts, all);
    }

    /** Gives red (1), green (2) or blue (3) of colour pixels. */
    static ImageProcessor colour(ColorProcessor pixels, int channel) {
        return pixels.getChannel(channel, null);
    }

    private static DataType type(ImageProcessor pixels) {
        if (pixels instanceof ByteProcessor) {
            return DataType.DATA_TYPE_UINT8;
        }
        return pixels instanceof ShortProcessor
                ? DataType.DATA_TYPE_UINT16 : DataType.DATA_TYPE_FLOAT32;
    }

    private static byte[] bytes(ImageProcessor pixels) {
        if (pixels instanceof ByteProcessor) {
            return ((byte[]) pixels.getPixels()).clone();
        }
        if (pixels instanceof ShortProcessor) {
            short[] values = (short[]) pixels.getPixels();
            ByteBuffer buffer = littleEndian(values.length, 2);
            buffer.asShortBuffer().put(values);
            return buffer.array();
        }
        if (pixels instanceof FloatProcessor) {
            float[] values = (float[]) pixels.getPixels();
            ByteBuffer buffer = littleEndian(values.length, 4);
            buffer.asFloatBuffer().put(values);
            return buffer.array();
        }
        throw new IllegalArgumentException(
                "Pixels of " + pixels.getClass().getName() + " are not grey.");
    }

    private static ByteBuffer littleEndian(int count, int size) {
        return ByteBuffer.allocate(Math.multiplyExact(count, size)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
