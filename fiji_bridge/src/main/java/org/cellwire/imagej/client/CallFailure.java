package org.cellwire.imagej.client;

import io.cellwire.api.v1.ErrorDetail;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Metadata;
import io.grpc.Status;

/** A call that failed, before it is put into words by {@link FailureWords}. */
final class CallFailure extends Exception {

    /** Where the engine puts a serialized ErrorDetail. */
    static final Metadata.Key<byte[]> TRAILER =
            Metadata.Key.of("cellwire-error-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private final transient Status status;
    private final transient ErrorDetail detail;

    CallFailure(Throwable cause) {
        super(cause);
        status = Status.fromThrowable(cause);
        detail = detail(Status.trailersFromThrowable(cause));
    }

    private static ErrorDetail detail(Metadata trailers) {
        byte[] bytes = trailers == null ? null : trailers.get(TRAILER);
        if (bytes == null) {
            return null;
        }
        try {
            return ErrorDetail.parseFrom(bytes);
        } catch (InvalidProtocolBufferException error) {
            return null;
        }
    }

    /** Gives gRPC's status. */
    Status status() {
        return status;
    }

    /** Gives the engine's own word on it; null if it did not send one. */
    ErrorDetail detail() {
        return detail;
    }

    /** Gives the engine's name of the error; empty if it did not send one. */
    String reason() {
        return detail == null ? "" : detail.getReason();
    }

    /** Tells whether the connection failed, as against an engine that answered with an error. */
    boolean isLost() {
        if (detail != null) {
            return false;
        }
        if (status.getCode() == Status.Code.UNAVAILABLE) {
            return true;
        }
        // A connection that is cut in the middle of a stream.
        String said = String.valueOf(status.getDescription());
        boolean cut = said.contains("RST_STREAM") || said.contains("closed")
                || said.contains("reset");
        return cut && (status.getCode() == Status.Code.INTERNAL
                || status.getCode() == Status.Code.UNKNOWN);
    }
}
