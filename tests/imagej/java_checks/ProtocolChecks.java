import io.cellwire.api.v1.DataType;
import io.cellwire.api.v1.OutputKind;
import io.cellwire.api.v1.SegmentRequest;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.cellwire.imagej.client.Address;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.client.Engine;
import org.cellwire.imagej.client.EnginePlace;
import org.cellwire.imagej.client.Output;
import org.cellwire.imagej.client.SegmentationResult;
import org.cellwire.imagej.client.Supervision;
import org.cellwire.imagej.client.WireImage;
import org.cellwire.shaded.com.google.protobuf.TextFormat;

/** The plugin's client without ImageJ: carries out tests/protocol_checks.json line by line. */
public final class ProtocolChecks {
    private static final Map<String, WireImage> IMAGES = new HashMap<>();

    private ProtocolChecks() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, "UTF-8");
        answers.println("=ok\t0\t" + System.getProperty("java.version"));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split("\t", -1);
            for (int i = 0; i < words.length; i++) {
                words[i] = URLDecoder.decode(words[i], "UTF-8");
            }
            String answer;
            try {
                answer = "=ok\t" + words[0] + "\t" + encode(carryOut(Arrays.copyOfRange(words, 1, words.length)));
            } catch (CellwireException error) {
                answer = "=ok\t" + words[0] + "\t" + encode("reason\t" + error.reason() + "\nmessage\t"
                        + error.getMessage() + "\nnext_step\t" + error.nextStep());
            } catch (Throwable failure) {
                answer = "=failed\t" + words[0] + "\t" + encode(failure.toString());
            }
            answers.println(answer);
        }
    }

    private static String carryOut(String[] words) throws Exception {
        switch (words[0]) {
            case "image": // name, type, shape, file with the bytes
                String[] sizes = words[3].split(",");
                int[] shape = new int[sizes.length];
                for (int i = 0; i < shape.length; i++) {
                    shape[i] = Integer.parseInt(sizes[i]);
                }
                DataType type = DataType.valueOf("DATA_TYPE_" + words[2].toUpperCase());
                WireImage image = new WireImage(type, Files.readAllBytes(Paths.get(words[4])), shape);
                IMAGES.put(words[1], image);
                return image.name();
            case "connect": // server, ca, token
                Engine engine = connect(words[1], words[2], words[3]);
                try {
                    StringBuilder text = new StringBuilder("version\t");
                    text.append(engine.describe(Supervision.none()).getVersion());
                    engine.models(Supervision.none()).forEach(
                            model -> text.append("\nmodel\t").append(model.getName()));
                    return text.toString();
                } finally {
                    engine.close();
                }
            case "segment": // server, names of images, request
                return segment(words[1], words[2].isEmpty() ? new String[0] : words[2].split(","), words[3]);
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }

    private static String segment(String server, String[] names, String text) throws Exception {
        List<WireImage> images = new ArrayList<>();
        for (String name : names) {
            images.add(IMAGES.get(name));
        }
        SegmentRequest.Builder request = SegmentRequest.newBuilder();
        TextFormat.merge(text, request);
        Engine engine = connect(server, "", "");
        try {
            SegmentationResult result = engine.segment(request.build(), images, Supervision.none());
            StringBuilder answer = new StringBuilder("objects\t" + result.finished().getObjects());
            answer.append("\nsent\t").append(result.sentBytes());
            for (double diameter : result.finished().getDiametersList()) {
                answer.append("\ndiameters\t").append(String.format("%.3f", diameter));
            }
            answer.append("\nprovenance\t").append(result.finished().getProvenance());
            for (String notice : result.finished().getNoticesList()) {
                answer.append("\nnotice\t").append(notice);
            }
            List<OutputKind> kinds = request.getOutputsList();
            for (OutputKind kind : kinds.isEmpty() ? List.of(OutputKind.OUTPUT_KIND_LABELS) : kinds) {
                Output output = result.output(kind);
                if (kind == OutputKind.OUTPUT_KIND_LABELS) {
                    answer.append("\naxes\t");
                    output.axes().forEach(axis -> answer.append(axis.name().charAt("AXIS_".length())));
                }
                answer.append("\noutput\t").append(kind).append(' ').append(shape(output)).append(' ');
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                for (int part = 0; part < output.parts(); part++) {
                    digest.update(output.bytes(part));
                }
                for (byte one : digest.digest()) {
                    answer.append(String.format("%02x", one));
                }
            }
            return answer.toString();
        } finally {
            engine.close();
        }
    }

    private static String shape(Output output) {
        StringBuilder text = new StringBuilder();
        for (int length : output.shape()) {
            text.append(text.length() == 0 ? "" : ",").append(length);
        }
        return text.toString();
    }

    private static Engine connect(String server, String ca, String token) throws CellwireException {
        EnginePlace place = new EnginePlace(Address.parse(server), !ca.isEmpty(), ca, token);
        return Engine.connect(place, Supervision.none());
    }

    private static String encode(String text) throws Exception {
        return URLEncoder.encode(text, "UTF-8");
    }
}
