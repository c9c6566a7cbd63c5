package org.cellwire.imagej.client;

import io.cellwire.api.v1.ArraySpec;
import io.cellwire.api.v1.DataType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/** Pixels ready to travel: little-endian, in C order, named by their content. */
public final class WireImage {

    private final String name;
    private final ArraySpec spec;
    private final byte[] bytes;

    /**
     * Names pixels by their content, as image_service.proto lays it down.
     *
     * @param type type of a pixel
     * @param bytes the pixels, little-endian, slowest axis first; not copied
     * @param shape length of each axis, slowest first
     */
    public WireImage(DataType type, byte[] bytes, int... shape) {
        ArraySpec.Builder made = ArraySpec.newBuilder().setDataType(type);
        StringBuilder prefix = new StringBuilder(typeName(type)).append(';');
        for (int i = 0; i < shape.length; i++) {
            made.addShape(shape[i]);
            prefix.append(i == 0 ? "" : ",").append(shape[i]);
        }
        MessageDigest digest = sha256();
        digest.update(prefix.append('\n').toString().getBytes(StandardCharsets.US_ASCII));
        digest.update(bytes);
        this.name = "images/" + hexadecimal(digest.digest());
        this.spec = made.build();
        this.bytes = bytes;
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

    /** Gives the bytes themselves, not a copy. */
    public byte[] bytes() {
        return bytes;
    }
}
