package org.cellwire.imagej.client;

import io.cellwire.api.v1.ArrayChunk;
import io.cellwire.api.v1.DataType;
import io.cellwire.api.v1.Encoding;
import io.cellwire.api.v1.OutputHeader;
import io.cellwire.api.v1.OutputKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/** One output of a segmentation, filled chunk by chunk. */
public final class Output {

    private final OutputKind kind;
    private final DataType type;
    private final int[] shape;
    private final byte[] bytes;
    private int filled;

    /**
     * Makes room for an output.
     *
     * @param header the event that announced it
     * @throws CellwireException (INTERNAL) if it is of a type that is not known here, or too large
     *     for Java's arrays
     */
    Output(OutputHeader header) throws CellwireException {
        kind = header.getKind();
        type = header.getSpec().getDataType();
        shape = new int[header.getSpec().getShapeCount()];
        long size = itemBytes(type);
        for (int i = 0; i < shape.length; i++) {
            long length = header.getSpec().getShape(i);
            if (length < 0 || length > Integer.MAX_VALUE || size > Integer.MAX_VALUE) {
                throw tooLarge();
            }
            shape[i] = (int) length;
            size *= length;
        }
        if (size > Integer.MAX_VALUE - 8) {
            throw tooLarge();
        }
        bytes = new byte[(int) size];
    }

    private CellwireException tooLarge() {
        return new CellwireException(
                "INTERNAL",
                "The engine announced an output (" + kind + ") above the 2 GB that ImageJ takes.",
                "Draw a selection and segment only inside it.");
    }

    private static int itemBytes(DataType type) throws CellwireException {
        switch (type) {
            case DATA_TYPE_UINT8:
                return 1;
            case DATA_TYPE_UINT16:
                return 2;
            case DATA_TYPE_UINT32:
            case DATA_TYPE_FLOAT32:
                return 4;
            default:
                throw new CellwireException(
                        "INTERNAL",
                        "The engine sent an output of a type (" + type + ") that this plugin does "
                                + "not know.",
                        "Update the plugin.");
        }
    }

    /**
     * Adds the next chunk.
     *
     * @throws CellwireException (CHUNK_CORRUPT) if it does not continue the last one, or its bytes
     *     are not those that were sent
     */
    void take(ArrayChunk chunk) throws CellwireException {
        int length = chunk.getData().size();
        boolean raw = chunk.getEncoding() == Encoding.ENCODING_RAW
                || chunk.getEncoding() == Encoding.ENCODING_UNSPECIFIED;
        if (!raw || length != chunk.getLength()) {
            throw corrupt("came packed in a way that was not asked for.");
        }
        if (chunk.getOffset() != filled || length > bytes.length - filled) {
            throw corrupt("came for byte " + chunk.getOffset() + "; byte " + filled + " of "
                    + bytes.length + " was due.");
        }
        chunk.getData().copyTo(bytes, filled);
        if (chunk.hasCrc32()) {
            CRC32 crc = new CRC32();
            crc.update(bytes, filled, length);
            if ((int) crc.getValue() != chunk.getCrc32()) {
                throw corrupt("was damaged on its way.");
            }
        }
        filled += length;
    }

    /**
     * Says that no chunk is to come.
     *
     * @throws CellwireException (CHUNK_CORRUPT) if bytes are missing
     */
    void finish() throws CellwireException {
        if (filled != bytes.length) {
            throw corrupt("is missing: " + filled + " of " + bytes.length + " bytes arrived.");
        }
    }

    private CellwireException corrupt(String what) {
        return new CellwireException(
                "CHUNK_CORRUPT", "A part of the result (" + kind + ") " + what, "Try again.");
    }

    /** Gives what it is. */
    public OutputKind kind() {
        return kind;
    }

    /** Gives the length of each axis, slowest first. */
    public int[] shape() {
        return shape.clone();
    }

    /** Gives the bytes themselves: little-endian, in C order. */
    public byte[] bytes() {
        return bytes;
    }

    /** Gives whole numbers without sign (uint8, uint16 or uint32) as ints. */
    public int[] integers() {
        ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int[] values;
        switch (type) {
            case DATA_TYPE_UINT8:
                values = new int[bytes.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = bytes[i] & 0xff;
                }
                return values;
            case DATA_TYPE_UINT16:
                values = new int[bytes.length / 2];
                for (int i = 0; i < values.length; i++) {
                    values[i] = data.getShort(2 * i) & 0xffff;
                }
                return values;
            default:
                values = new int[bytes.length / 4];
                data.asIntBuffer().get(values);
                return values;
        }
    }

    /** Gives numbers of type float32. */
    public float[] floats() {
        float[] values = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }
}
