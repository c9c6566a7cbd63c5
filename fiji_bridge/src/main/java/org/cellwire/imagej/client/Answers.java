package org.cellwire.imagej.client;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The answers of one call, taken one by one in the thread that made it.
 *
 * <p>The thread never waits longer than {@link Supervision#POLL_MILLISECONDS} without looking
 * whether the person wants to end the work.
 *
 * @param <Q> the request's message
 * @param <A> the answer's message
 */
final class Answers<Q, A> implements ClientResponseObserver<Q, A>, AutoCloseable {

    private static final Object END = new Object();

    private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
    private final Supervision supervision;
    private volatile ClientCallStreamObserver<Q> call;
    private boolean over;

    Answers(Supervision supervision) {
        this.supervision = supervision;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> started) {
        call = started;
        // Wakes a sender that waits for room.
        started.setOnReadyHandler(() -> {
            synchronized (this) {
                notifyAll();
            }
        });
    }

    @Override
    public void onNext(A answer) {
        arrived.add(answer);
    }

    @Override
    public void onError(Throwable error) {
        arrived.add(error);
        wake();
    }

    @Override
    public void onCompleted() {
        arrived.add(END);
        wake();
    }

    private synchronized void wake() {
        notifyAll();
    }

    /**
     * Waits for the next answer.
     *
     * @return the answer, null at the end
     * @throws CellwireException (CANCELLED) if the person ended the work
     * @throws CallFailure if the call failed
     */
    @SuppressWarnings("unchecked")
    A next() throws CellwireException, CallFailure {
        while (true) {
            supervision.check();
            Object item;
            try {
                item = arrived.poll(Supervision.POLL_MILLISECONDS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
                continue;
            }
            if (item == null) {
                continue;
            }
            if (item == END) {
                over = true;
                return null;
            }
            if (item instanceof Throwable) {
                over = true;
                throw new CallFailure((Throwable) item);
            }
            return (A) item;
        }
    }

    /**
     * Waits for the answer of a call that has one.
     *
     * @throws CellwireException (CANCELLED) if the person ended the work, (INTERNAL) without answer
     * @throws CallFailure if the call failed
     */
    A only() throws CellwireException, CallFailure {
        A answer = next();
        if (answer == null) {
            throw new CellwireException(
                    "INTERNAL", "The engine ended a call without an answer.", "Try again.");
        }
        over = true;
        return answer;
    }

    /**
     * Waits until the next request can be sent without filling memory, or the call is over.
     *
     * @return whether the call is still open
     * @throws CellwireException (CANCELLED) if the person ended the work
     */
    boolean awaitRoom() throws CellwireException {
        while (arrived.isEmpty()) {
            supervision.check();
            synchronized (this) {
                if (call.isReady()) {
                    return true;
                }
                try {
                    wait(Supervision.POLL_MILLISECONDS);
                } catch (InterruptedException error) {
                    Thread.currentThread().interrupt();
                }
            }
        }
        return false;
    }

    /** Ends the call in the engine, unless it is over. */
    @Override
    public void close() {
        if (!over && call != null) {
            call.cancel("The client left.", null);
        }
    }
}
