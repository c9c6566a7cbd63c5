package org.cellwire.imagej.client;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class EnginePlaceTest {

    @Rule
    public TemporaryFolder folder = new TemporaryFolder();

    @Test
    public void nothingGoesToAnotherMachineUnprotected() {
        CellwireException error = assertThrows(CellwireException.class,
                () -> new EnginePlace(Address.parse("gpubox"), false, "", ""));
        assertEquals("TLS", error.reason());
        assertTrue(error.nextStep().contains("ca.pem"));
    }

    @Test
    public void tokenIsTheFirstLineThatIsNoComment() throws IOException, CellwireException {
        assertEquals("a-b_C9", CredentialFiles.token(file("# mine\r\n\r\n  a-b_C9 \r\nother\n")));
        assertEquals("TOKEN_MISSING", tokenError("# nothing\n"));
        assertEquals("TOKEN_WRONG", tokenError("two words\n"));
        assertEquals("TOKEN_MISSING", assertThrows(CellwireException.class,
                () -> CredentialFiles.token("/no/such/token")).reason());
    }

    @Test
    public void certificateIsTakenAndAKeyIsNot() throws IOException, CellwireException {
        String pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        assertEquals(pem.length(), CredentialFiles.certificate(file(pem)).length);
        String key = file("-----BEGIN PRIVATE KEY-----\nAA==\n");
        CellwireException error = assertThrows(CellwireException.class,
                () -> CredentialFiles.certificate(key));
        assertTrue(error.getMessage().contains("private key"));
    }

    private String tokenError(String text) throws IOException {
        String path = file(text);
        return assertThrows(CellwireException.class, () -> CredentialFiles.token(path)).reason();
    }

    private String file(String text) throws IOException {
        Path path = folder.newFile().toPath();
        Files.write(path, text.getBytes(StandardCharsets.UTF_8));
        return path.toString();
    }
}
