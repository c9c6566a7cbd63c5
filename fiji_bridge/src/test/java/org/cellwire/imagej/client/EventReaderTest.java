package org.cellwire.imagej.client;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.google.protobuf.ByteString;
import io.cellwire.api.v1.ArrayChunk;
import io.cellwire.api.v1.ArraySpec;
import io.cellwire.api.v1.DataType;
import io.cellwire.api.v1.OutputHeader;
import io.cellwire.api.v1.OutputKind;
import io.cellwire.api.v1.SegmentationEvent;
import io.cellwire.api.v1.SegmentationFinished;
import io.cellwire.api.v1.SegmentationProgress;
import io.cellwire.api.v1.Stage;
import java.util.zip.CRC32;
import org.junit.Test;

public class EventReaderTest {

    private final EventReader reader = new EventReader(Supervision.none());

    @Test
    public void outputsAreJoinedFromTheirChunks() throws CellwireException {
        assertNull(reader.take(header(DataType.DATA_TYPE_UINT16, 1, 3)));
        assertNull(reader.take(chunk(0, 1, 0, (byte) 0xff)));
        assertNull(reader.take(chunk(3, (byte) 0xff, 7, 0)));
        assertNotNull(reader.take(finished()));
        Output labels = reader.outputs().get(OutputKind.OUTPUT_KIND_LABELS);
        assertArrayEquals(new int[] {1, 65535, 7}, labels.integers(0));
        assertArrayEquals(new int[] {1, 3}, labels.shape());
    }

    @Test
    public void labelsAboveSixteenBitsKeepTheirNumbers() throws CellwireException {
        reader.take(header(DataType.DATA_TYPE_UINT32, 1, 1));
        reader.take(chunk(0, 0x70, 0x11, 1, 0));
        reader.take(finished());
        assertArrayEquals(new int[] {70_000},
                reader.outputs().get(OutputKind.OUTPUT_KIND_LABELS).integers(0));
    }

    @Test
    public void stacksAreReadPlaneByPlane() throws CellwireException {
        reader.take(header(DataType.DATA_TYPE_UINT8, 2, 2, 1, 3));
        reader.take(chunk(0, 1, 2, 3, 4));
        reader.take(chunk(4, 5, 6, 7, 8, 9, 10, 11));
        reader.take(chunk(11, 12));
        reader.take(finished());
        Output labels = reader.outputs().get(OutputKind.OUTPUT_KIND_LABELS);
        assertEquals(4, labels.parts());
        assertArrayEquals(new int[] {4, 5, 6}, labels.integers(1));
        assertArrayEquals(new int[] {10, 11, 12}, labels.integers(3));
    }

    @Test
    public void theProgressOfAStackNamesItsParts() throws CellwireException {
        StringBuilder told = new StringBuilder();
        EventReader stack = new EventReader(new Supervision() {
            @Override
            public boolean cancelled() {
                return false;
            }

            @Override
            public void report(String stage, long done, long total, int queuePosition) {
                told.append("whole");
            }

            @Override
            public void report(String stage, long done, long total, int queuePosition, int part,
                    int parts) {
                told.append(stage).append(' ').append(part).append('/').append(parts);
            }
        });
        stack.take(SegmentationEvent.newBuilder().setProgress(SegmentationProgress.newBuilder()
                .setStage(Stage.STAGE_STITCHING).setPart(2).setParts(7)).build());
        assertEquals("joining the planes 2/7", told.toString());
    }

    @Test
    public void missingBytesAreAnError() throws CellwireException {
        reader.take(header(DataType.DATA_TYPE_UINT8, 2, 2));
        reader.take(chunk(0, 1, 2, 3));
        CellwireException error =
                assertThrows(CellwireException.class, () -> reader.take(finished()));
        assertTrue(error.getMessage().contains("3 of 4 bytes"));
    }

    @Test
    public void misplacedAndDamagedChunksAreErrors() throws CellwireException {
        reader.take(header(DataType.DATA_TYPE_UINT8, 2, 2));
        assertEquals("CHUNK_CORRUPT", refused(chunk(1, 1, 2)));
        assertEquals("CHUNK_CORRUPT", refused(chunk(0, 1, 2, 3, 4, 5)));
        SegmentationEvent.Builder damaged = chunk(0, 1, 2, 3, 4).toBuilder();
        damaged.getChunkBuilder().setCrc32(damaged.getChunk().getCrc32() + 1);
        assertEquals("CHUNK_CORRUPT", refused(damaged.build()));
    }

    @Test
    public void dataWithoutHeaderAndHugeShapesAreErrors() {
        assertEquals("INTERNAL", refused(chunk(0, 1)));
        assertEquals("INTERNAL", refused(header(DataType.DATA_TYPE_UINT32, 1 << 16, 1 << 16)));
        assertEquals("INTERNAL", refused(header(DataType.DATA_TYPE_UINT8, -1, 1)));
        assertEquals("INTERNAL", refused(header(DataType.DATA_TYPE_UNSPECIFIED, 1, 1)));
    }

    private String refused(SegmentationEvent event) {
        return assertThrows(CellwireException.class, () -> reader.take(event)).reason();
    }

    private static SegmentationEvent header(DataType type, long... shape) {
        ArraySpec.Builder spec = ArraySpec.newBuilder().setDataType(type);
        for (long length : shape) {
            spec.addShape(length);
        }
        return SegmentationEvent.newBuilder().setOutput(OutputHeader.newBuilder()
                .setKind(OutputKind.OUTPUT_KIND_LABELS).setSpec(spec)).build();
    }

    private static SegmentationEvent chunk(long offset, int... values) {
        byte[] data = new byte[values.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) values[i];
        }
        CRC32 crc = new CRC32();
        crc.update(data);
        return SegmentationEvent.newBuilder().setChunk(ArrayChunk.newBuilder()
                .setOffset(offset).setLength(data.length).setCrc32((int) crc.getValue())
                .setData(ByteString.copyFrom(data))).build();
    }

    private static SegmentationEvent finished() {
        return SegmentationEvent.newBuilder()
                .setFinished(SegmentationFinished.newBuilder().setObjects(1)).build();
    }
}
