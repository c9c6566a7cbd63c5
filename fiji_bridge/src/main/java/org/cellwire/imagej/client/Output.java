package org.cellwire.imagej.client;

import com.google.protobuf.ByteString;
import io.cellwire.api.v1.ArrayChunk;
import io.cellwire.api.v1.Axis;
import io.cellwire.api.v1.DataType;
import io.cellwire.api.v1.Encoding;
import io.cellwire.api.v1.OutputHeader;
import io.cellwire.api.v1.OutputKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.CRC32;

/** One output of a segmentation, filled chunk by chunk; a part of it is one plane (Y, X). */
public final class Output {

    private static final long LARGEST = Integer.MAX_VALUE - 8;

    private final OutputKind kind;
    private final List<Axis> axes;
    private final DataType type;
    private final int[] shape;
    private final byte[][] parts;
    private final long size;
    private long filled;

    /**
     * Makes room for an output.
     *
     * @param header the event that announced it
     * @throws CellwireException (INTERNAL) if it is of a type that is not known here, or a plane of
     *     it is too large for Java's arrays
     */
    Output(OutputHeader header) throws CellwireException {
        kind = header.getKind();
        axes = header.getAxesList();
        type = header.getSpec().getDataType();
        shape = new int[header.getSpec().getShapeCount()];
        long partBytes = itemBytes(type);
        long count = 1;
        for (int i = 0; i < shape.length; i++) {
            long length = header.getSpec().getShape(i);
            if (length < 0 || length > LARGEST) {
                throw tooLarge();
            }
            shape[i] = (int) length;
            if (i < shape.length - 2) {
                count *= length;
            } else {
                partBytes *= length;
            }
            if (count > LARGEST || partBytes > LARGEST) {
                throw tooLarge();
            }
        }
        size = count * partBytes;
        parts = new byte[(int) count][(int) partBytes];
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
        if (chunk.getOffset() != filled || length > size - filled) {
            throw corrupt("came for byte " + chunk.getOffset() + "; byte " + filled + " of "
                    + size + " was due.");
        }
        if (chunk.hasCrc32()) {
            CRC32 crc = new CRC32();
            chunk.getData().asReadOnlyByteBufferList().forEach(crc::update);
            if ((int) crc.getValue() != chunk.getCrc32()) {
                throw corrupt("was damaged on its way.");
            }
        }
        fill(chunk.getData());
    }

    private void fill(ByteString data) {
        int taken = 0;
        while (taken < data.size()) {
            byte[] part = parts[(int) (filled / parts[0].length)];
            int at = (int) (filled % part.length);
            int count = Math.min(part.length - at, data.size() - taken);
            data.copyTo(part, taken, at, count);
            taken += count;
            filled += count;
        }
    }

    /**
     * Says that no chunk is to come.
     *
     * @throws CellwireException (CHUNK_CORRUPT) if bytes are missing
     */
    void finish() throws CellwireException {
        if (filled != size) {
            throw corrupt("is missing: " + filled + " of " + size + " bytes arrived.");
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

    /** Gives the axes, slowest first; none of what is no image. */
    public List<Axis> axes() {
        return axes;
    }

    /** Gives the length of each axis, slowest first. */
    public int[] shape() {
        return shape.clone();
    }

    /** Gives the number of parts. */
    public int parts() {
        return parts.length;
    }

    /** Gives the bytes themselves of a part, from 0: little-endian, in C order. */
    public byte[] bytes(int part) {
        return parts[part];
    }

    /** Gives whole numbers without sign (uint8, uint16 or uint32) of a part, from 0, as ints. */
    public int[] integers(int part) {
        byte[] bytes = parts[part];
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

    /** Gives numbers of type float32 of a part, from 0. */
    public float[] floats(int part) {
        byte[] bytes = parts[part];
        float[] values = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }
}
