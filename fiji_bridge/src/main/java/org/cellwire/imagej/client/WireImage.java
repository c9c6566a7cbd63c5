package org.cellwire.imagej.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.cellwire.api.v1.ArraySpec;
import io.cellwire.api.v1.DataType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Pixels ready to travel: little-endian, in C order, named by their content. */
public final class WireImage {

    private final String name;
    private final ArraySpec spec;
    private final List<byte[]> parts;
    private final long size;

    /**
     * Names pixels by their content, as image_service.proto lays it down.
     *
     * @param type type of a pixel
     * @param bytes the pixels, little-endian, slowest axis first; not copied
     * @param shape length of each axis, slowest first
     */
    public WireImage(DataType type, byte[] bytes, int... shape) {
        this(type, Collections.singletonList(bytes), shape);
    }

    /**
     * Names pixels that lie in several arrays, such as one for each plane: a stack may have more
     * bytes than an array of Java.
     *
     * @param type type of a pixel
     * @param parts the pixels, little-endian, slowest axis first, of the same length each; not
     *     copied
     * @param shape length of each axis, slowest first
     */
    public WireImage(DataType type, List<byte[]> parts, int... shape) {
        ArraySpec.Builder made = ArraySpec.newBuilder().setDataType(type);
        StringBuilder prefix = new StringBuilder(typeName(type)).append(';');
        for (int i = 0; i < shape.length; i++) {
            made.addShape(shape[i]);
            prefix.append(i == 0 ? "" : ",").append(shape[i]);
        }
        MessageDigest digest = sha256();
        digest.update(prefix.append('\n').toString().getBytes(StandardCharsets.US_ASCII));
        parts.forEach(digest::update);
        this.name = "images/" + hexadecimal(digest.digest());
        this.spec = made.build();
        this.parts = parts;
        this.size = (long) parts.size() * parts.get(0).length;
    }

    private static String typeName(DataType type) {
        return type.name().substring("DATA_TYPE_".length()).toLowerCase(Locale.ROOT);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException("Every Java has SHA-256.", error);
        }
    }

    private static String hexadecimal(byte[] digest) {
        StringBuilder text = new StringBuilder();
        for (byte one : digest) {
            text.append(String.format(Locale.ROOT, "%02x", one & 0xff));
        }
        return text.toString();
    }

    /** Gives its name in the engine: images/ and 64 hexadecimal digits. */
    public String name() {
        return name;
    }

    /** Gives type and shape. */
    public ArraySpec spec() {
        return spec;
    }

    /** Gives the number of bytes. */
    public long size() {
        return size;
    }

    /** Gives a run of the bytes themselves, not a copy. */
    public ByteString bytes(long start, int length) {
        ByteString run = ByteString.EMPTY;
        while (run.size() < length) {
            byte[] part = parts.get((int) ((start + run.size()) / parts.get(0).length));
            int from = (int) ((start + run.size()) % part.length);
            int count = Math.min(part.length - from, length - run.size());
            run = run.concat(UnsafeByteOperations.unsafeWrap(part, from, count));
        }
        return run;
    }
}
