package org.cellwire.imagej.client;

import io.cellwire.api.v1.Stage;

/** The stages of a segmentation as the status bar names them. */
public final class StageWords {

    private StageWords() {}

    /** Gives the words for a stage. */
    public static String of(Stage stage) {
        switch (stage) {
            case STAGE_QUEUED:
                return "waiting for its turn";
            case STAGE_LOADING_MODEL:
                return "loading the model";
            case STAGE_PREPARING:
                return "normalising";
            case STAGE_SIZING:
                return "finding the diameter";
            case STAGE_NETWORK:
                return "running the network";
            case STAGE_DYNAMICS:
                return "following the flows";
            case STAGE_MASKS:
                return "building the masks";
            case STAGE_STITCHING:
                return "joining the planes";
            case STAGE_OUTPUTS:
                return "making the outputs";
            default:
                return "working";
        }
    }
}
