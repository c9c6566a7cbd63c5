package org.cellwire.imagej.client;

import java.util.Objects;

/** Where an engine is, and how its connection is protected. */
public final class EnginePlace {

    private final Address address;
    private final boolean secure;
    private final String certificateFile;
    private final String tokenFile;

    /**
     * Says where an engine is.
     *
     * @param address host and port
     * @param secure whether to speak TLS
     * @param certificateFile path of the engine's ca.pem, the only authority that is then trusted;
     *     empty = those that Java trusts
     * @param tokenFile path of the file with the token; empty = none
     * @throws CellwireException (TLS) if another machine is to be used without TLS
     */
    public EnginePlace(Address address, boolean secure, String certificateFile, String tokenFile)
            throws CellwireException {
        if (!secure && !address.isLocal()) {
            throw new CellwireException(
                    "TLS",
                    address + " is another machine; images and tokens are not sent there "
                            + "unprotected.",
                    "In Plugins > Cellwire > Cellwire Settings choose TLS automatic, and the "
                            + "engine's ca.pem (made there by 'cellwire certificate').");
        }
        this.address = address;
        this.secure = secure;
        this.certificateFile = certificateFile.trim();
        this.tokenFile = tokenFile.trim();
    }

    /** Gives host and port. */
    public Address address() {
        return address;
    }

    /** Tells whether the connection speaks TLS. */
    public boolean secure() {
        return secure;
    }

    /** Gives the path of the engine's ca.pem; empty if none was given. */
    public String certificateFile() {
        return certificateFile;
    }

    /** Gives the path of the file with the token; empty if none was given. */
    public String tokenFile() {
        return tokenFile;
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof EnginePlace)) {
            return false;
        }
        EnginePlace place = (EnginePlace) other;
        return address.toString().equals(place.address.toString())
                && secure == place.secure
                && certificateFile.equals(place.certificateFile)
                && tokenFile.equals(place.tokenFile);
    }

    @Override
    public int hashCode() {
        return Objects.hash(address.toString(), secure, certificateFile, tokenFile);
    }
}
