package org.cellwire.imagej.client;

import io.cellwire.api.v1.EngineServiceGrpc;
import io.cellwire.api.v1.GetEngineRequest;
import io.cellwire.api.v1.GetEngineResponse;
import io.cellwire.api.v1.ListModelsRequest;
import io.cellwire.api.v1.ListModelsResponse;
import io.cellwire.api.v1.Model;
import io.cellwire.api.v1.ModelServiceGrpc;
import io.cellwire.api.v1.SegmentRequest;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A connection to an engine that was found to understand this plugin. */
public final class Engine {

    private static final long CONNECT_SECONDS = 10;
    private static final long ASK_SECONDS = 30;

    private final Connection connection;
    private final ImageUpload uploads;
    private volatile GetEngineResponse description;

    private Engine(Connection connection, Supervision supervision) throws CellwireException {
        this.connection = connection;
        uploads = new ImageUpload(connection.channel(), describe(supervision).getLimits());
    }

    /**
     * Connects to an engine and checks that the two understand each other.
     *
     * @param place where it is
     * @param supervision may end the wait
     * @throws CellwireException with a reason of its own for: name not known, refused, TLS, token,
     *     version
     */
    public static Engine connect(EnginePlace place, Supervision supervision)
            throws CellwireException {
        Connection connection = new Connection(place);
        try {
            return new Engine(connection, supervision);
        } catch (CellwireException | RuntimeException error) {
            connection.close();
            throw error;
        }
    }

    /**
     * Asks what the engine is: version, state, limits, devices.
     *
     * @throws CellwireException if there is no engine, or one that is not for this plugin or person
     */
    public GetEngineResponse describe(Supervision supervision) throws CellwireException {
        GetEngineRequest request = GetEngineRequest.newBuilder()
                .setClientVersion(ClientVersion.name())
                .setClientRevision(ClientVersion.REVISION)
                .build();
        GetEngineResponse found;
        try (Answers<GetEngineRequest, GetEngineResponse> answers = new Answers<>(supervision)) {
            EngineServiceGrpc.newStub(connection.channel())
                    .withDeadlineAfter(CONNECT_SECONDS, TimeUnit.SECONDS)
                    .getEngine(request, answers);
            found = answers.only();
        } catch (CallFailure failure) {
            if (failure.status().getCode() == Status.Code.DEADLINE_EXCEEDED) {
                throw Diagnosis.of(connection, "no answer within " + CONNECT_SECONDS + " s");
            }
            throw FailureWords.of(failure, connection);
        }
        if (Integer.toUnsignedLong(found.getMinClientRevision()) > ClientVersion.REVISION) {
            throw new CellwireException(
                    "INCOMPATIBLE",
                    "The engine at " + connection.place().address() + " has version "
                            + found.getVersion() + " and serves clients of protocol revision "
                            + found.getMinClientRevision() + " or later; this plugin ("
                            + ClientVersion.name() + ") has revision " + ClientVersion.REVISION
                            + ".",
                    "Put Cellwire_-" + found.getVersion() + ".jar or a later one into ImageJ's "
                            + "plugins folder in place of this one, and restart.");
        }
        description = found;
        return found;
    }

    /**
     * Lists the engine's models by name.
     *
     * @throws CellwireException if the engine cannot be asked
     */
    public List<Model> models(Supervision supervision) throws CellwireException {
        List<Model> found = new ArrayList<>();
        String token = "";
        do {
            ListModelsRequest request =
                    ListModelsRequest.newBuilder().setPageToken(token).build();
            try (Answers<ListModelsRequest, ListModelsResponse> answers =
                    new Answers<>(supervision)) {
                ModelServiceGrpc.newStub(connection.channel())
                        .withDeadlineAfter(ASK_SECONDS, TimeUnit.SECONDS)
                        .listModels(request, answers);
                ListModelsResponse page = answers.only();
                found.addAll(page.getModelsList());
                token = page.getNextPageToken();
            } catch (CallFailure failure) {
                throw FailureWords.of(failure, connection);
            }
        } while (!token.isEmpty());
        return found;
    }

    /**
     * Segments an image. Images that the engine holds are not sent again; a connection that breaks
     * is taken up again under the same request.
     *
     * @param request the request, with an id of its own
     * @param images the images that it names
     * @param supervision sees how far it is, and may end it
     * @throws CellwireException what went wrong; (INCOMPATIBLE) before anything is sent, if planes
     *     are to be joined and the engine is too old for it
     */
    public SegmentationResult segment(
            SegmentRequest request, List<WireImage> images, Supervision supervision)
            throws CellwireException {
        if (request.hasStack() && Integer.toUnsignedLong(description.getRevision())
                < ClientVersion.STACK_REVISION) {
            throw new CellwireException(
                    "INCOMPATIBLE",
                    "The engine at " + connection.place().address() + " does not know stacks: its "
                            + "protocol has revision " + description.getRevision()
                            + ", stacks need " + ClientVersion.STACK_REVISION + ".",
                    "Have the engine updated, or process each plane by itself: stack=planes, "
                            + "without link_frames and intensity_scope.");
        }
        return new SegmentationCall(this, supervision).run(request, images);
    }

    /** Gives the connection. */
    Connection connection() {
        return connection;
    }

    /** Gives what brings images to it. */
    ImageUpload uploads() {
        return uploads;
    }

    /** Closes the connection; running work ends. */
    public void close() {
        connection.close();
    }
}
