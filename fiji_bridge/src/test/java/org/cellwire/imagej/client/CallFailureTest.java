package org.cellwire.imagej.client;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import io.cellwire.api.v1.ErrorDetail;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.net.ServerSocket;
import org.junit.Test;

public class CallFailureTest {

    @Test
    public void theEnginesWordsAreReadFromTheTrailer() throws CellwireException {
        ErrorDetail detail = ErrorDetail.newBuilder()
                .setReason("MODEL_UNKNOWN").setMessage("There is no model 'x'.")
                .setNextStep("Did you mean y?").build();
        CallFailure failure = failure(Status.NOT_FOUND, detail.toByteArray());
        assertEquals("MODEL_UNKNOWN", failure.reason());
        assertFalse(failure.isLost());
        CellwireException words = words(failure, "127.0.0.1:1");
        assertEquals("There is no model 'x'. Did you mean y?", words.sentences());
        assertEquals("MODEL_UNKNOWN", words.reason());
    }

    @Test
    public void aDamagedTrailerIsNone() {
        CallFailure failure = failure(Status.UNAVAILABLE, new byte[] {10, 127, 1});
        assertNull(failure.detail());
        assertTrue(failure.isLost());
    }

    @Test
    public void anUnavailableEngineThatSpokeIsNotLost() {
        byte[] detail = ErrorDetail.newBuilder().setReason("SHUTTING_DOWN").build().toByteArray();
        assertFalse(failure(Status.UNAVAILABLE, detail).isLost());
        assertTrue(failure(Status.INTERNAL.withDescription("RST_STREAM closed stream"), null)
                .isLost());
        assertFalse(failure(Status.INTERNAL.withDescription("a fault"), null).isLost());
    }

    @Test
    public void aClosedPortIsTold() throws IOException, CellwireException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        CellwireException words = words(failure(Status.UNAVAILABLE, null), "127.0.0.1:" + port);
        assertEquals("REFUSED", words.reason());
        assertTrue(words.nextStep().contains("cellwire serve --listen 127.0.0.1:" + port));
    }

    @Test
    public void aMissingTokenIsTold() throws CellwireException {
        byte[] detail = ErrorDetail.newBuilder().setReason("TOKEN_WRONG").build().toByteArray();
        CellwireException words = words(failure(Status.UNAUTHENTICATED, detail), "127.0.0.1:1");
        assertEquals("TOKEN_MISSING", words.reason());
        assertTrue(words.nextStep().contains("cellwire token add"));
    }

    @Test
    public void anotherServerIsNoEngine() throws CellwireException {
        assertEquals("INCOMPATIBLE",
                words(failure(Status.UNIMPLEMENTED, null), "127.0.0.1:1").reason());
    }

    private static CallFailure failure(Status status, byte[] trailer) {
        Metadata trailers = new Metadata();
        if (trailer != null) {
            trailers.put(CallFailure.TRAILER, trailer);
        }
        return new CallFailure(status.asRuntimeException(trailers));
    }

    private static CellwireException words(CallFailure failure, String address)
            throws CellwireException {
        Connection connection =
                new Connection(new EnginePlace(Address.parse(address), false, "", ""));
        try {
            return FailureWords.of(failure, connection);
        } finally {
            connection.close();
        }
    }
}
