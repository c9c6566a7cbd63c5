import ij.IJ;
import java.awt.Frame;
import java.awt.Rectangle;
import java.awt.Robot;
import java.awt.Toolkit;
import java.awt.Window;
import java.awt.event.KeyEvent;
import java.awt.image.BufferedImage;
import java.io.File;
import javax.imageio.ImageIO;

/** The screen and the keyboard. */
final class Screen {
    private Screen() {}

    /** Picture of the screen, or of the smallest rectangle around the windows of these titles (by |). */
    static String shot(File file, String titles) throws Exception {
        Robot robot = new Robot();
        robot.waitForIdle();
        robot.delay(150);
        Rectangle area = new Rectangle(Toolkit.getDefaultToolkit().getScreenSize());
        if (!titles.isEmpty()) {
            Rectangle around = null;
            for (String title : titles.split("\\|")) {
                Window window = title.equals("dialog") ? Dialogs.await(5) : Dialogs.awaitFrame(title, 5);
                Rectangle bounds = window.getBounds();
                around = around == null ? bounds : around.union(bounds);
            }
            area = area.intersection(around);
        }
        BufferedImage picture = robot.createScreenCapture(area);
        ImageIO.write(picture, "png", file);
        return area.width + "x" + area.height;
    }

    /** Press ESC with ImageJ's window in front, as a person does. */
    static void escape() throws Exception {
        Frame window = IJ.getInstance();
        java.awt.EventQueue.invokeAndWait(() -> {
            window.toFront();
            window.requestFocus();
        });
        Robot robot = new Robot();
        robot.waitForIdle();
        robot.keyPress(KeyEvent.VK_ESCAPE);
        robot.keyRelease(KeyEvent.VK_ESCAPE);
    }
}
