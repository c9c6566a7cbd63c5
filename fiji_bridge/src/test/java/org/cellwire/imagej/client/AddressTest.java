package org.cellwire.imagej.client;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import org.junit.Test;

public class AddressTest {

    @Test
    public void takesWhatPeopleType() throws CellwireException {
        assertEquals("gpubox:50051", Address.parse(" gpubox ").toString());
        assertEquals("gpubox:7", Address.parse("gpubox:7").toString());
        assertEquals("[::1]:50051", Address.parse("::1").toString());
        assertEquals("[fe80::1%eth0]:9", Address.parse("[fe80::1%eth0]:9").toString());
    }

    @Test
    public void knowsThisMachine() throws CellwireException {
        for (String local : new String[] {
            "localhost", "LOCALHOST:1", "127.0.0.1", "127.9.8.7", "::1"}) {
            assertTrue(local, Address.parse(local).isLocal());
        }
        for (String other : new String[] {"gpubox", "10.0.0.1", "127.example.org"}) {
            assertFalse(other, Address.parse(other).isLocal());
        }
    }

    @Test
    public void saysWhatToWriteInstead() {
        assertTrue(refused("https://gpubox:50051/x").sentences().contains("Write gpubox:50051"));
        assertTrue(refused("unix:/run/cellwire").sentences().contains("127.0.0.1:50051"));
        assertTrue(refused("0.0.0.0:4").sentences().contains("127.0.0.1:4"));
        for (String wrong : new String[] {
            "", "a b", ":5", "host:", "host:0", "host:65536", "host:x", "host/path", "[]:5"}) {
            assertEquals(wrong, "ADDRESS", refused(wrong).reason());
        }
    }

    private static CellwireException refused(String text) {
        return assertThrows(CellwireException.class, () -> Address.parse(text));
    }
}
