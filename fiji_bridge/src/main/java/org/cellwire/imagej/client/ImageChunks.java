package org.cellwire.imagej.client;

import com.google.protobuf.ByteString;
import io.cellwire.api.v1.ArrayChunk;
import io.cellwire.api.v1.Encoding;
import io.cellwire.api.v1.UploadHeader;
import io.cellwire.api.v1.UploadImageRequest;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.zip.CRC32;

/** The messages of an upload: a header, then the rest of the image in chunks without gaps. */
final class ImageChunks implements Iterator<UploadImageRequest> {

    private final WireImage image;
    private final long start;
    private final int chunkBytes;
    private long next;
    private boolean headerGiven;

    /**
     * Cuts an image into messages.
     *
     * @param image the image
     * @param start first byte to be sent: what the engine holds already
     * @param chunkBytes greatest number of bytes of the image in a message
     */
    ImageChunks(WireImage image, long start, int chunkBytes) {
        this.image = image;
        this.start = start;
        this.chunkBytes = chunkBytes;
        next = start;
    }

    /** Gives the number of bytes, from the image's first, that were given out. */
    long position() {
        return next;
    }

    @Override
    public boolean hasNext() {
        return !headerGiven || next < image.size();
    }

    @Override
    public UploadImageRequest next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (!headerGiven) {
            headerGiven = true;
            return UploadImageRequest.newBuilder()
                    .setHeader(UploadHeader.newBuilder()
                            .setName(image.name())
                            .setSpec(image.spec())
                            .setResumeOffset(start))
                    .build();
        }
        int length = (int) Math.min(chunkBytes, image.size() - next);
        ByteString bytes = image.bytes(next, length);
        CRC32 crc = new CRC32();
        bytes.asReadOnlyByteBufferList().forEach(crc::update);
        ArrayChunk chunk = ArrayChunk.newBuilder()
                .setOffset(next)
                .setLength(length)
                .setEncoding(Encoding.ENCODING_RAW)
                .setCrc32((int) crc.getValue())
                .setData(bytes)
                .build();
        next += length;
        return UploadImageRequest.newBuilder().setChunk(chunk).build();
    }
}
