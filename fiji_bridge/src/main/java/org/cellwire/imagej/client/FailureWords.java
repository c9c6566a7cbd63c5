package org.cellwire.imagej.client;

import io.cellwire.api.v1.ErrorDetail;
import io.grpc.Status;

/** Puts failed calls into a person's words. */
final class FailureWords {

    private static final String SETTINGS = "Plugins > Cellwire > Cellwire Settings";

    private FailureWords() {}

    /**
     * Makes the person's error of a failed call.
     *
     * @param failure what failed
     * @param connection the connection over which it went
     */
    static CellwireException of(CallFailure failure, Connection connection) {
        Address address = connection.place().address();
        if (failure.detail() != null) {
            return ofDetail(failure.detail(), connection);
        }
        if (failure.isLost()) {
            return Diagnosis.of(connection, failure.status().getDescription());
        }
        Status status = failure.status();
        switch (status.getCode()) {
            case DEADLINE_EXCEEDED:
                return new CellwireException(
                        "DEADLINE",
                        "The engine at " + address + " did not answer within the time limit.",
                        "Try again, or see with 'cellwire doctor' on its machine what it does.");
            case CANCELLED:
                return new CellwireException("CANCELLED", "The segmentation was cancelled.", "");
            case UNAUTHENTICATED:
                return token(connection);
            case UNIMPLEMENTED:
            case UNKNOWN:
                return Diagnosis.notAnEngine(address);
            default:
                String said = status.getDescription();
                return new CellwireException(
                        "INTERNAL",
                        "The engine at " + address + " failed: "
                                + (said == null ? "it gave no reason" : said) + " ("
                                + status.getCode() + ").",
                        "Try again; if it fails again, look into the engine's log.");
        }
    }

    private static CellwireException ofDetail(ErrorDetail detail, Connection connection) {
        String reason = detail.getReason();
        if (reason.equals("TOKEN_MISSING") || reason.equals("TOKEN_WRONG")) {
            return token(connection);
        }
        return new CellwireException(reason, detail.getMessage(), detail.getNextStep());
    }

    private static CellwireException token(Connection connection) {
        Address address = connection.place().address();
        if (connection.hasToken()) {
            return new CellwireException(
                    "TOKEN_WRONG",
                    "The engine at " + address + " does not know the token that was sent.",
                    "Check that the token file in " + SETTINGS + " is this engine's, or make a new "
                            + "token on its machine with 'cellwire token add NAME'.");
        }
        return new CellwireException(
                "TOKEN_MISSING",
                "The engine at " + address + " wants a token, and none was sent.",
                "Choose the token file in " + SETTINGS + "; its content is made on the engine's "
                        + "machine by 'cellwire token add NAME'.");
    }
}
