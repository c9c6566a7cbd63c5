package org.cellwire.imagej.pixels;

import ij.process.ColorProcessor;
import ij.process.ImageProcessor;
import io.cellwire.api.v1.Axis;
import io.cellwire.api.v1.AxisRange;
import io.cellwire.api.v1.CellposeParameters;
import io.cellwire.api.v1.ChannelRole;
import io.cellwire.api.v1.Encoding;
import io.cellwire.api.v1.InputChannel;
import io.cellwire.api.v1.OutputKind;
import io.cellwire.api.v1.Priority;
import io.cellwire.api.v1.SegmentRequest;
import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.cellwire.imagej.client.WireImage;
import org.cellwire.imagej.options.ChannelChoice;

/** The request for one plane, and the images that it names. */
public final class PlaneRequest {

    private final List<WireImage> images = new ArrayList<>();
    private final SegmentRequest.Builder request = SegmentRequest.newBuilder();

    /**
     * Puts a request together.
     *
     * <p>Each channel travels as an image of its own, so that another choice of channels sends only
     * what the engine does not have; a mean of channels needs them in one image.
     *
     * @param source the image
     * @param plane which of its planes
     * @param channels which of its channels
     * @param selection which part of it
     * @param model name of the model
     * @param parameters its parameters
     * @param outputs what is to come back
     * @param priority whether a person waits
     */
    public PlaneRequest(
            SourceImage source, Plane plane, ChannelChoice channels, Selection selection,
            String model, CellposeParameters parameters, List<OutputKind> outputs,
            Priority priority) {
        if (channels.segmented() == 0) {
            WireImage all = PixelBytes.stacked(all(source, plane));
            images.add(all);
            request.addAxes(Axis.AXIS_CHANNEL);
            add(ChannelRole.CHANNEL_ROLE_SEGMENTED, all, 0);
            if (channels.nucleus() != 0) {
                add(ChannelRole.CHANNEL_ROLE_NUCLEUS, all, channels.nucleus());
            }
        } else {
            addSingle(ChannelRole.CHANNEL_ROLE_SEGMENTED, source, plane, channels.segmented());
            if (channels.nucleus() != 0) {
                addSingle(ChannelRole.CHANNEL_ROLE_NUCLEUS, source, plane, channels.nucleus());
            }
        }
        request.addAxes(Axis.AXIS_Y).addAxes(Axis.AXIS_X);
        if (!selection.isWhole()) {
            Rectangle box = selection.box();
            request.addRegion(range(Axis.AXIS_Y, box.y, box.height));
            request.addRegion(range(Axis.AXIS_X, box.x, box.width));
        }
        if (selection.mask() != null) {
            images.add(selection.mask());
            request.setMaskImage(selection.mask().name());
        }
        request.setRequestId(UUID.randomUUID().toString())
                .setModel(model)
                .setCalibration(source.pixelSize().message())
                .setCellpose(parameters)
                .addAllOutputs(outputs)
                .setPriority(priority)
                .addAcceptEncodings(Encoding.ENCODING_RAW)
                .setTitle(source.title());
    }

    private static ImageProcessor[] all(SourceImage source, Plane plane) {
        ImageProcessor[] planes = new ImageProcessor[source.channels()];
        for (int i = 0; i < planes.length; i++) {
            planes[i] = channel(source, plane, i + 1);
        }
        return planes;
    }

    /**
     * Gives one channel of a plane.
     *
     * @param number from 1; red, green and blue of colour images
     */
    public static ImageProcessor channel(SourceImage source, Plane plane, int number) {
        return source.isColour()
                ? PixelBytes.colour((ColorProcessor) source.pixels(1, plane), number)
                : source.pixels(number, plane);
    }

    private void addSingle(ChannelRole role, SourceImage source, Plane plane, int number) {
        WireImage image = PixelBytes.grey(channel(source, plane, number));
        images.add(image);
        add(role, image, 1);
    }

    private void add(ChannelRole role, WireImage image, int channel) {
        request.addChannels(InputChannel.newBuilder()
                .setRole(role).setImage(image.name()).setChannel(channel));
    }

    private static AxisRange range(Axis axis, int start, int length) {
        return AxisRange.newBuilder()
                .setAxis(axis).setStart(start).setStop((long) start + length).build();
    }

    /** Gives the request. */
    public SegmentRequest message() {
        return request.build();
    }

    /** Gives the images that it names. */
    public List<WireImage> images() {
        return images;
    }
}
