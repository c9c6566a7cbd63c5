package org.cellwire.imagej.client;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where an engine listens: {@code host[:port]}. */
public final class Address {

    /** The port of an engine that was not told another. */
    public static final int DEFAULT_PORT = 50051;

    private static final String EXAMPLES =
            "Write host or host:port, for example 127.0.0.1:50051 or gpubox:50051.";
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://+(.*)");
    private static final Pattern BRACKETED = Pattern.compile("\\[([^\\]]+)\\](?::(.*))?");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]+");
    private static final Pattern LOOPBACK = Pattern.compile("127(\\.\\d{1,3}){3}");

    private final String host;
    private final int port;

    private Address(String host, int port) {
        this.host = host;
        this.port = port;
    }

    /**
     * Reads an address as people type it.
     *
     * @param given {@code host}, {@code host:port} or {@code [IPv6]:port}
     * @return the address, with port 50051 where none is given
     * @throws CellwireException (ADDRESS) if it is none of these
     */
    public static Address parse(String given) throws CellwireException {
        String text = given.trim();
        if (text.isEmpty()) {
            throw wrong("The engine's address is empty.", EXAMPLES);
        }
        if (text.startsWith("unix:")) {
            throw wrong(
                    "ImageJ cannot use socket files (" + text + ").",
                    "Start the engine with 'cellwire serve --listen 127.0.0.1:50051' and write "
                            + "127.0.0.1:50051.");
        }
        Matcher scheme = SCHEME.matcher(text);
        if (scheme.matches()) {
            String bare = scheme.group(2).split("/", 2)[0];
            throw wrong(
                    "The engine's address is host and port without " + scheme.group(1) + "://; it "
                            + "is '" + text + "'.",
                    bare.isEmpty() ? EXAMPLES : "Write " + bare + " alone.");
        }
        if (text.contains("/")) {
            throw wrong(
                    "The engine's address is host and port without a path; it is '" + text + "'.",
                    EXAMPLES);
        }
        Address address = split(text);
        if (!HOST.matcher(address.host).matches()) {
            throw wrong("'" + address.host + "' is no name of a host (in '" + text + "').",
                    EXAMPLES);
        }
        if (address.host.equals("0.0.0.0") || address.host.equals("::")) {
            throw wrong(
                    address.host + " is what an engine listens on, not where it is found.",
                    "Write the name of its machine, or 127.0.0.1:" + address.port
                            + " on the machine itself.");
        }
        return address;
    }

    private static Address split(String text) throws CellwireException {
        String host = text;
        String port = null;
        Matcher bracketed = BRACKETED.matcher(text);
        if (bracketed.matches()) {
            host = bracketed.group(1);
            port = bracketed.group(2);
        } else if (text.indexOf(':') == text.lastIndexOf(':') && text.contains(":")) {
            host = text.substring(0, text.indexOf(':'));
            port = text.substring(text.indexOf(':') + 1);
        }
        host = host.trim();
        if (host.isEmpty()) {
            throw wrong("The address '" + text + "' names no host.", EXAMPLES);
        }
        return new Address(host, port == null ? DEFAULT_PORT : number(port.trim(), text));
    }

    private static int number(String port, String text) throws CellwireException {
        int number = port.matches("\\d{1,5}") ? Integer.parseInt(port) : 0;
        if (number < 1 || number > 65535) {
            throw wrong(
                    "The port must be a number from 1 to 65535; it is '" + port + "' (in '" + text
                            + "').",
                    EXAMPLES);
        }
        return number;
    }

    private static CellwireException wrong(String message, String nextStep) {
        return new CellwireException("ADDRESS", message, nextStep);
    }

    /** Gives the name or number of the host. */
    public String host() {
        return host;
    }

    /** Gives the TCP port. */
    public int port() {
        return port;
    }

    /** Tells whether it cannot leave this machine. */
    public boolean isLocal() {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost") || name.equals("::1") || LOOPBACK.matcher(name).matches();
    }

    /** Gives {@code host:port}, IPv6 in brackets. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
