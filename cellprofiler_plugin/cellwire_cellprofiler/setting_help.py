"""The help text of each setting, as reStructuredText."""

from __future__ import annotations

DOC = {
    "x_name": """\
Select the image to be segmented: the stain of the cytoplasm or membrane for cells, the stain of the
nuclei for nuclei. It must have a single channel; its mask, if it has one, is respected. Where
NamesAndTypes processes images as 3D it is a stack of planes along Z; the frames of a time series
are image sets, each segmented by itself, and TrackObjects links them.""",
    "nucleus_name": """\
Select an image that shows the nuclei of the same field, or leave it blank. A model such as *cyto*
uses it to tell cells apart that touch; with it, the nuclei themselves can be identified too.""",
    "y_name": """\
Enter the name of the objects. They are primary objects: IdentifySecondaryObjects can grow them.""",
    "address": """\
Where the engine listens: ``host``, ``host:port`` or ``unix:PATH``. ``127.0.0.1:50051`` is an engine
on this computer, started with ``cellwire serve``. The port is 50051 unless another is given.""",
    "token_file": """\
File that holds the token by which the engine knows you, needed for an engine on another machine.
It is made there with ``cellwire token add NAME``. Leave it blank for an engine on this computer.
The pipeline holds the path of the file, never the token.""",
    "certificate_file": """\
The ``ca.pem`` by which the engine is recognised, needed for an engine on another machine. It is
made there with ``cellwire certificate``. Leave it blank for an engine on this computer.""",
    "test_button": """\
Press this button to see whether the engine answers, and to fill the list of models with those that
it has.""",
    "model": """\
The model that finds the objects. *nuclei* and *cyto* come with every engine; press **Test
connection** to see the others, or type a name.""",
    "wants_nuclei": """\
*(Used only with an image of the nuclei)*

Select "*Yes*" to identify the nuclei as objects of their own, with the cells as their parents. The
parent of a nucleus is the cell that shares most pixels with it, 0 if there is none. Nuclei keep
their shape: they are not cut at the border of their cell.""",
    "nuclei_name": """\
*(Used only to identify the nuclei too)*

Enter the name of the nuclei.""",
    "nuclei_model": """\
*(Used only to identify the nuclei too)*

The model that finds the nuclei in the image of the nuclei. It runs with its own thresholds,
intensities and minimum size; nuclei at a border are discarded where cells are.""",
    "nuclei_diameter": """\
*(Used only to identify the nuclei too)*

The diameter of a typical nucleus in pixels; 0 = automatic.""",
    "one_nucleus": """\
*(Used only to identify the nuclei too)*

Select "*Yes*" to keep one nucleus in each cell, the one that shares most pixels with it, and to
drop cells without a nucleus and nuclei without a cell. Both are numbered anew, so that nucleus 7
lies in cell 7; EnforceObjectsOneToOne is not needed then.""",
    "diameter_choice": """\
The diameter is the one thing that a model must know of the image: it is resized so that its objects
have the size that the model was trained with.

-  *Automatic:* The model's own way: it measures the image where it can.
-  *In pixels:* As entered.
-  *Measured from objects:* The median diameter of objects that a module before this one found, in
   each image set for itself; automatic where there are none. Of objects in a stack it is that of
   balls with their volumes.""",
    "diameter": """\
*(Used only for a diameter in pixels)*

The diameter of a typical object. Measure some with the ruler of an image window.""",
    "diameter_objects": """\
*(Used only for a diameter that is measured from objects)*

The objects whose median diameter is used.""",
    "stack_mode": """\
*(Used only for stacks: where NamesAndTypes processes images as 3D)*

-  *Segment in 3D:* The model looks at the planes along all three axes, and the objects are found
   in three dimensions. It takes several times as long, and finds objects apart that lie above each
   other.
-  *Stitch planes by overlap:* Each plane is segmented by itself, and objects that overlap from
   plane to plane become one. It is faster, and better where the planes are far apart.""",
    "stitch_threshold": """\
*(Used only to stitch planes)*

Objects of neighbouring planes are one if they share at least this part of the area of both
together (intersection over union), 0 to 1. Raise it if objects that lie above each other become
one, lower it if objects are cut.""",
    "anisotropy_choice": """\
*(Used only to segment in 3D)*

In three dimensions the stack is stretched along Z, so that its objects are as high as they are
wide. By how much, the anisotropy, is the distance of two planes over the side of a pixel.

-  *From the image's spacing:* The relative pixel spacing in X, Y and Z that is entered in
   NamesAndTypes, which is 1 everywhere unless you change it: CellProfiler does not read it from the
   file. It is refused if it is 1 everywhere and the file, of ImageJ, has another.
-  *As entered:* The number below.""",
    "anisotropy": """\
*(Used only for an anisotropy that is entered)*

The distance of two planes divided by the side of a pixel: 4 for planes 2 µm apart and pixels of
0.5 µm. It must be above 0.""",
    "flow_smoothing": """\
*(Used only to segment in 3D)*

Sigma in voxels of a Gaussian over the flows before they are followed; 0 = none. Raise it, to 1 or
2, if objects fall into pieces.""",
    "orthogonal_model": """\
*(Used only to segment in 3D)*

The model that looks at the planes along Z (ZX and ZY), where objects may look unlike those in the
planes of the camera.

-  *The same model:* The one chosen above, which is right unless another was trained on such planes.
-  *Another:* Choose it, or type its name. It must have been trained alike: for the same diameter
   and channels. Nuclei that are identified beside their cells have their own in all planes.""",
    "half_precision": """\
*(Used only to segment in 3D)*

Select "*Yes*" to have the engine add the flows of the three views up with about three digits
instead of seven, in half the memory. A few voxels at the rims of objects may change. Choose it for
stacks that the engine refuses for want of memory.""",
    "intensity_scope": """\
*(Used only for stacks)*

What the percentiles that become black and white are taken from.

-  *Automatic:* The whole stack to segment in 3D, each plane to stitch planes.
-  *The whole stack:* Dim planes stay dim.
-  *Each plane by itself:* Planes that are dimmer, as deep in the tissue, become as bright as the
   others; planes with nothing in them become noise.""",
    "own_parameters": """\
Select "*Yes*" to leave thresholds and intensities to the model, which is right for most images.
Select "*No*" to set them here.""",
    "flow_threshold": """\
*(Used only without the model's own thresholds)*

The greatest flow error of an object: how much the flows may differ from those that its shape would
have. Raise it if objects are missing, lower it if objects have odd shapes; 0 keeps all.""",
    "cellprob_threshold": """\
*(Used only without the model's own thresholds)*

Pixels with a higher cell probability (logit, about -6 to 6) belong to objects. Lower it if objects
are missing or too small, raise it if there are objects where nothing is.""",
    "niter": """\
*(Used only without the model's own thresholds)*

Steps in which pixels follow the flows to the centre of their object; 0 = from the diameter. Long
objects, such as bacteria, may need 1000 or more.""",
    "augment": """\
*(Used only without the model's own thresholds)*

Select "*Yes*" to average the network over flipped, more overlapping tiles: somewhat better
outlines, for several times the time.""",
    "percentiles": """\
*(Used only without the model's own thresholds)*

The intensities at these percentiles become the black and white that the network sees. Pixels
outside the mask are not counted. A few bright objects on a wide dark ground widen the range by
themselves.""",
    "invert": """\
*(Used only without the model's own thresholds)*

Select "*Yes*" for dark objects on bright ground.""",
    "min_size": """\
Objects with a smaller area, in stacks a smaller volume in voxels, are discarded; 0 = none.
In stacks, specks of noise are larger than 15 voxels: start with a fiftieth of the volume of a ball
of the diameter.""",
    "max_size": """\
Objects with a larger area, in stacks a larger volume in voxels, are discarded; 0 = none.""",
    "exclude_border": """\
Select "*Yes*" to discard objects that touch the border of the image, or of its mask. They stay
among the "unedited" objects, so that IdentifySecondaryObjects does not grow into them.

The first and the last plane of a stack are a border as well: in a stack of few planes, which cuts
most objects, select "*No*". Discarded objects of a stack are not kept.""",
    "save_probability": """\
Select "*Yes*" to keep an image of the probability (0 to 1) that a pixel is in an object.""",
    "probability_name": """\
*(Used only to save the probability image)*

Enter the name of the image.""",
    "save_flows": """\
Select "*Yes*" to keep the flows: an image of two channels, dY and dX, the direction from each pixel
to the centre of its object. ColorToGray (Split, Channels) makes an image of each, but not of a
stack: its flows, which have a channel dZ before the others if it is segmented in 3D, are written by
SaveImages as npy.""",
    "flows_name": """\
*(Used only to save the flows)*

Enter the name of the image.""",
    "when_unreachable": """\
What happens if the engine goes away during the run and does not come back within 10 seconds, fails
at an image, or is not done within the time limit.

-  *Stop the run:* The image set fails, as when any module fails.
-  *Skip the image set and mark it:* The modules after this one are not run for the image set, its
   image measurement *Cellwire_Skipped* is 1, and the run goes on with the next.

An engine that is not there before the run starts always stops it, before any image is touched.""",
    "time_limit": """\
Seconds that the engine may take for an image set, waiting for its turn included; 0 = no limit.
A large stack that is segmented in 3D may need hours on a processor.""",
}
"""By the name of the module's attribute."""
