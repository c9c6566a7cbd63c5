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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.cellwire.imagej.client.WireImage;
import org.cellwire.imagej.options.ChannelChoice;
import org.cellwire.imagej.options.StackChoice;

/** The request for a plane, or for planes that belong together, and the images that it names. */
public final class ImageRequest {

    private final SourceImage source;
    private final PlaneBlock block;
    private final List<WireImage> images = new ArrayList<>();
    private final SegmentRequest.Builder request = SegmentRequest.newBuilder();

    /**
     * Puts a request together.
     *
     * <p>Each channel travels as an image of its own, so that another choice of channels sends only
     * what the engine does not have; a mean of channels needs them in one image. Of a stack or time
     * series an image has all planes that are segmented.
     *
     * @param source the image
     * @param block which of its planes
     * @param stack how they belong together
     * @param channels which of its channels
     * @param selection which part of it
     * @param model name of the model
     * @param parameters its parameters
     * @param outputs what is to come back
     * @param priority whether a person waits
     */
    public ImageRequest(
            SourceImage source, PlaneBlock block, StackChoice stack, ChannelChoice channels,
            Selection selection, String model, CellposeParameters parameters,
            List<OutputKind> outputs, Priority priority) {
        this.source = source;
        this.block = block;
        if (channels.segmented() == 0) {
            WireImage all = image(IntStream.rangeClosed(1, source.channels()).toArray());
            request.addAxes(Axis.AXIS_CHANNEL);
            add(ChannelRole.CHANNEL_ROLE_SEGMENTED, all, 0);
            if (channels.nucleus() != 0) {
                add(ChannelRole.CHANNEL_ROLE_NUCLEUS, all, channels.nucleus());
            }
        } else {
            add(ChannelRole.CHANNEL_ROLE_SEGMENTED, image(channels.segmented()), 1);
            if (channels.nucleus() != 0) {
                add(ChannelRole.CHANNEL_ROLE_NUCLEUS, image(channels.nucleus()), 1);
            }
        }
        request.addAllAxes(block.axes()).addAxes(Axis.AXIS_Y).addAxes(Axis.AXIS_X);
        if (!selection.isWhole()) {
            Rectangle box = selection.box();
            request.addRegion(range(Axis.AXIS_Y, box.y, box.height));
            request.addRegion(range(Axis.AXIS_X, box.x, box.width));
        }
        if (selection.mask() != null) {
            images.add(selection.mask());
            request.setMaskImage(selection.mask().name());
        }
        if (stack.together()) {
            request.setStack(stack.message()).setCalibration(source.pixelSize().ofStack());
        } else {
            request.setCalibration(source.pixelSize().ofPlane());
        }
        request.setRequestId(UUID.randomUUID().toString())
                .setModel(model)
                .setCellpose(parameters)
                .addAllOutputs(outputs)
                .setPriority(priority)
                .addAcceptEncodings(Encoding.ENCODING_RAW)
                .setTitle(source.title());
    }

    private WireImage image(int... channels) {
        List<Integer> shape = new ArrayList<>();
        if (channels.length > 1) {
            shape.add(channels.length);
        }
        if (block.frames() > 1) {
            shape.add(block.frames());
        }
        if (block.slices() > 1) {
            shape.add(block.slices());
        }
        Stream<ImageProcessor> planes = IntStream.of(channels).boxed().flatMap(
                number -> block.planes().stream().map(plane -> channel(source, plane, number)));
        WireImage image = PixelBytes.stacked(planes::iterator, shape);
        images.add(image);
        return image;
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
