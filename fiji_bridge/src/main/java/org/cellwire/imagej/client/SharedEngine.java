package org.cellwire.imagej.client;

/** The connection that ImageJ's commands share: made by the first, kept while the place stays. */
public final class SharedEngine {

    private static EnginePlace place;
    private static Engine engine;

    private SharedEngine() {}

    /**
     * Gives the connection to an engine, which was asked just now and answered.
     *
     * @param wanted where the engine is
     * @param supervision may end the wait
     * @throws CellwireException if there is no engine that serves this person
     */
    public static synchronized Engine at(EnginePlace wanted, Supervision supervision)
            throws CellwireException {
        if (engine != null && wanted.equals(place)) {
            engine.connection().retryNow();
            try {
                engine.describe(supervision);
                return engine;
            } catch (CellwireException error) {
                // A renewed certificate or token is read by a new connection.
                if (error.reason().equals("CANCELLED")) {
                    throw error;
                }
            }
        }
        if (engine != null) {
            engine.close();
            engine = null;
        }
        engine = Engine.connect(wanted, supervision);
        place = wanted;
        return engine;
    }
}
