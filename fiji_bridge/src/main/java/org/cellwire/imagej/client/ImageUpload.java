package org.cellwire.imagej.client;

import io.cellwire.api.v1.GetImageRequest;
import io.cellwire.api.v1.GetImageResponse;
import io.cellwire.api.v1.Image;
import io.cellwire.api.v1.ImageServiceGrpc;
import io.cellwire.api.v1.ImageServiceGrpc.ImageServiceStub;
import io.cellwire.api.v1.Limits;
import io.cellwire.api.v1.UploadImageRequest;
import io.cellwire.api.v1.UploadImageResponse;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;

/** Brings images to the engine: once each, in chunks, and from where a broken upload stopped. */
final class ImageUpload {

    private static final int ATTEMPTS = 4;
    private static final long MESSAGE_ROOM = 64 * 1024;
    private static final long USUAL_CHUNK = 1 << 20;
    private static final long USUAL_MESSAGE = 4 << 20;

    private final ImageServiceStub images;
    private final int chunkBytes;
    private final long maxImageBytes;

    /**
     * Prepares uploads.
     *
     * @param channel the channel to the engine
     * @param limits what the engine said about images
     */
    ImageUpload(Channel channel, Limits limits) {
        images = ImageServiceGrpc.newStub(channel);
        long message = orElse(limits.getMaxMessageBytes(), USUAL_MESSAGE) - MESSAGE_ROOM;
        long chunk = orElse(limits.getPreferredChunkBytes(), USUAL_CHUNK);
        chunkBytes = (int) Math.min(chunk, Math.max(MESSAGE_ROOM, message));
        maxImageBytes = limits.getMaxImageBytes();
    }

    private static long orElse(long given, long usual) {
        return given == 0 ? usual : given;
    }

    /**
     * Makes sure that the engine holds an image.
     *
     * @param image the image
     * @param supervision sees how far it is, and may end it
     * @return number of bytes that had to be sent; 0 if the engine had it
     * @throws CellwireException (IMAGE_TOO_LARGE) above the engine's limit, (CANCELLED) if ended
     * @throws CallFailure if the connection or the engine fails
     */
    long bring(WireImage image, Supervision supervision) throws CellwireException, CallFailure {
        long size = image.size();
        if (maxImageBytes != 0 && size > maxImageBytes) {
            throw new CellwireException(
                    "IMAGE_TOO_LARGE",
                    String.format("The image has %,d bytes; this engine takes %,d.",
                            size, maxImageBytes),
                    "Crop it (Image > Crop), process fewer planes, or start the engine with a "
                            + "higher limit.");
        }
        for (int attempt = 1; ; attempt++) {
            Image state = state(image, supervision);
            if (state.getComplete()) {
                return 0;
            }
            long start = Math.min(state.getCommittedBytes(), size);
            try {
                send(image, start, supervision);
                return size - start;
            } catch (CallFailure failure) {
                boolean resumable = failure.reason().equals("CHUNK_MISPLACED")
                        || failure.reason().equals("CHUNK_CORRUPT");
                if (!resumable || attempt == ATTEMPTS) {
                    throw failure;
                }
            }
        }
    }

    private Image state(WireImage image, Supervision supervision)
            throws CellwireException, CallFailure {
        GetImageRequest request = GetImageRequest.newBuilder().setName(image.name()).build();
        try (Answers<GetImageRequest, GetImageResponse> answers = new Answers<>(supervision)) {
            images.getImage(request, answers);
            return answers.only().getImage();
        }
    }

    private void send(WireImage image, long start, Supervision supervision)
            throws CellwireException, CallFailure {
        ImageChunks messages = new ImageChunks(image, start, chunkBytes);
        long size = image.size();
        try (Answers<UploadImageRequest, UploadImageResponse> answers =
                new Answers<>(supervision)) {
            StreamObserver<UploadImageRequest> call = images.uploadImage(answers);
            while (messages.hasNext() && answers.awaitRoom()) {
                call.onNext(messages.next());
                supervision.report("sending the image", messages.position(), size, 0);
            }
            if (!messages.hasNext()) {
                call.onCompleted();
            }
            answers.only();
        }
    }
}
