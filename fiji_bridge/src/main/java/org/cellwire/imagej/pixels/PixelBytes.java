package org.cellwire.imagej.pixels;

import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import io.cellwire.api.v1.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.cellwire.imagej.client.WireImage;

/** From ImageJ's pixels to what travels: the same values, little-endian. */
final class PixelBytes {

    private PixelBytes() {}

    /** Gives grey pixels as an image (Y, X) of the same type: uint8, uint16 or float32. */
    static WireImage grey(ImageProcessor pixels) {
        return new WireImage(
                type(pixels), bytes(pixels), pixels.getHeight(), pixels.getWidth());
    }

    /** Gives several grey planes of one type and size as an image (channel, Y, X). */
    static WireImage stacked(ImageProcessor... planes) {
        ImageProcessor first = planes[0];
        ByteBuffer all = ByteBuffer.allocate(
                Math.multiplyExact(bytes(first).length, planes.length));
        for (ImageProcessor plane : planes) {
            all.put(bytes(plane));
        }
        return new WireImage(
                type(first), all.array(), planes.length, first.getHeight(), first.getWidth());
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
