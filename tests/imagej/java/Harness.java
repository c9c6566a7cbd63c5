import ij.IJ;
import ij.ImageJ;
import ij.Macro;
import ij.Menus;
import ij.macro.Interpreter;
import ij.plugin.frame.Recorder;
import java.awt.EventQueue;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A real ImageJ with a window, told by lines on standard input what a person would do.
 *
 * <p>A line is a number, a command and its arguments, separated by tabs, each URL-encoded; the answer
 * is one line: "=ok" or "=failed", the number and the URL-encoded result. Ends when the input ends.
 */
public final class Harness {
    private static final List<String> STATUS = new ArrayList<>();
    private static CompletableFuture<String> macro = CompletableFuture.completedFuture("");

    private Harness() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, "UTF-8");
        System.setOut(System.err);
        EventQueue.invokeAndWait(() -> new ImageJ().setLocation(20, 20));
        Thread watcher = new Thread(Harness::watchStatus, "status");
        watcher.setDaemon(true);
        watcher.start();
        answers.println("=ok\t0\t" + encode(IJ.getFullVersion() + " " + System.getProperty("java.version")));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split("\t", -1);
            for (int i = 0; i < words.length; i++) {
                words[i] = URLDecoder.decode(words[i], "UTF-8");
            }
            try {
                String[] command = Arrays.copyOfRange(words, 1, words.length);
                answers.println("=ok\t" + words[0] + "\t" + encode(carryOut(command)));
            } catch (Throwable failure) {
                answers.println("=failed\t" + words[0] + "\t" + encode(failure.toString()));
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static String carryOut(String[] words) throws Exception {
        String first = words.length > 1 ? words[1] : "";
        switch (words[0]) {
            case "macro": // to its end, on a thread of its own as the macro editor does
                begin(first);
                return macro.get(Long.parseLong(words[2]), TimeUnit.SECONDS);
            case "begin":
                begin(first);
                return "";
            case "end":
                return macro.get(Long.parseLong(first), TimeUnit.SECONDS);
            case "running":
                return String.valueOf(!macro.isDone());
            case "menu": // a choice from the menu, on ImageJ's own thread for it
                if (Menus.getCommands().get(first) == null) {
                    throw new IllegalArgumentException("no menu entry " + first);
                }
                IJ.doCommand(first);
                return "";
            case "menus":
                return String.valueOf(Menus.getCommands());
            case "dialog":
                return Dialogs.describe(Dialogs.await(Double.parseDouble(first)));
            case "clear": // what a test that failed left
                for (java.awt.Dialog each : Dialogs.open()) {
                    EventQueue.invokeLater(each::dispose);
                }
                return "";
            case "dialogs":
                return String.valueOf(Dialogs.open().size());
            case "set":
                Dialogs.set(Dialogs.await(5), first, words[2]);
                return "";
            case "press":
                Dialogs.press(Dialogs.await(5), first);
                return "";
            case "rush": // OK in the moment in which the dialog opens, as often as said
                for (int i = Integer.parseInt(words[2]); i > 0; i--) {
                    IJ.doCommand(first);
                    Dialogs.rush(5);
                }
                return "";
            case "window": // waits for an image or a frame of that title
                Dialogs.awaitFrame(first, Double.parseDouble(words[2]));
                return "";
            case "arrange":
                Dialogs.arrange(first, words);
                return "";
            case "shot":
                return Screen.shot(new File(first), words.length > 2 ? words[2] : "");
            case "escape":
                Screen.escape();
                return "";
            case "log":
                return String.valueOf(IJ.getLog());
            case "recorder":
                if (Recorder.getInstance() == null) {
                    new Recorder();
                }
                return "";
            case "recorded":
                return Recorder.getInstance().getText();
            case "status":
                synchronized (STATUS) {
                    String seen = String.join("\n", STATUS);
                    STATUS.clear();
                    return seen;
                }
            case "delay": // how long the event queue lets a person wait, in milliseconds
                long start = System.nanoTime();
                EventQueue.invokeAndWait(() -> {});
                return String.valueOf((System.nanoTime() - start) / 1_000_000);
            case "threads":
                StringBuilder names = new StringBuilder();
                for (Thread thread : Thread.getAllStackTraces().keySet()) {
                    names.append(thread.getName()).append('\n');
                }
                return names.toString();
            default:
                throw new IllegalArgumentException("unknown command " + words[0]);
        }
    }

    private static void begin(String text) {
        if (!macro.isDone()) {
            throw new IllegalStateException("the last macro still runs");
        }
        CompletableFuture<String> result = new CompletableFuture<>();
        macro = result;
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                Interpreter interpreter = new Interpreter();
                                interpreter.setIgnoreErrors(true);
                                String said = interpreter.run(text, "");
                                String error = interpreter.getErrorMessage();
                                if (error != null) {
                                    said = "error: " + error;
                                }
                                result.complete(said == null ? "" : said);
                            } catch (Throwable failure) {
                                boolean ended = Macro.MACRO_CANCELED.equals(failure.getMessage());
                                if (ended) {
                                    result.complete("");
                                } else {
                                    result.completeExceptionally(failure);
                                }
                            }
                        },
                        "Run$_Macro");
        thread.start();
    }

    private static void watchStatus() {
        String last = "";
        while (true) {
            String text = ImageJ.getStatusBarText();
            if (text != null && !text.equals(last)) {
                synchronized (STATUS) {
                    STATUS.add(text);
                }
                last = text;
            }
            IJ.wait(10);
        }
    }

    private static String encode(String text) throws Exception {
        return URLEncoder.encode(text, "UTF-8");
    }
}
