package org.cellwire.imagej.client;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.cellwire.api.v1.ArrayChunk;
import io.cellwire.api.v1.DataType;
import io.cellwire.api.v1.UploadHeader;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.Test;

public class ImageChunksTest {

    /** Digests made with Python's hashlib and struct from the words of image_service.proto. */
    @Test
    public void imagesAreNamedByTheirContent() {
        byte[] shorts = {0, 0, 1, 0, 2, 0, 44, 1, 64, (byte) 156, -1, -1};
        assertEquals(
                "images/0110da46e60fac0b0e0941e0f00d3d1111bea2f619431bcd7df96657f37938c1",
                new WireImage(DataType.DATA_TYPE_UINT16, shorts, 2, 3).name());
        assertEquals(
                "images/529b60fe0fc040b717d0ebd6e744176834a58238b22661f2081fcbc1fe58e701",
                new WireImage(DataType.DATA_TYPE_UINT8, new byte[] {1, 2, 3, 4}, 2, 1, 2).name());
    }

    @Test
    public void chunksGiveTheImageWithoutGaps() {
        Random random = new Random(5);
        for (int size : new int[] {1, 99, 100, 101, 1000}) {
            for (int start : new int[] {0, 1, size / 2, size}) {
                byte[] bytes = new byte[size];
                random.nextBytes(bytes);
                WireImage image = new WireImage(DataType.DATA_TYPE_UINT8, bytes, 1, size);
                assertArrayEquals(Arrays.copyOfRange(bytes, start, size), sent(image, start));
                WireImage stack = inParts(bytes);
                assertEquals(image.name(), stack.name());
                assertArrayEquals(Arrays.copyOfRange(bytes, start, size), sent(stack, start));
            }
        }
    }

    /** The same image in arrays of eleven bytes, where that goes. */
    private static WireImage inParts(byte[] bytes) {
        int length = bytes.length % 11 == 0 ? 11 : bytes.length % 10 == 0 ? 10 : 1;
        List<byte[]> parts = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += length) {
            parts.add(Arrays.copyOfRange(bytes, at, at + length));
        }
        return new WireImage(DataType.DATA_TYPE_UINT8, parts, 1, bytes.length);
    }

    private static byte[] sent(WireImage image, int start) {
        ImageChunks messages = new ImageChunks(image, start, 100);
        UploadHeader header = messages.next().getHeader();
        assertEquals(image.name(), header.getName());
        assertEquals(start, header.getResumeOffset());
        assertEquals(image.spec(), header.getSpec());
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        while (messages.hasNext()) {
            ArrayChunk chunk = messages.next().getChunk();
            byte[] data = chunk.getData().toByteArray();
            CRC32 crc = new CRC32();
            crc.update(data);
            assertEquals(start + sent.size(), chunk.getOffset());
            assertEquals(data.length, chunk.getLength());
            assertTrue(data.length > 0 && data.length <= 100);
            assertEquals((int) crc.getValue(), chunk.getCrc32());
            sent.write(data, 0, data.length);
            assertEquals(start + sent.size(), messages.position());
        }
        return sent.toByteArray();
    }
}
