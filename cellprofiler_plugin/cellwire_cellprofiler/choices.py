"""Names of settings and of their options.

Options are stored in pipeline files: they are never renamed.
"""

from __future__ import annotations

ADDRESS = "Address of the engine"
TOKEN_FILE = "Token file"  # noqa: S105
CERTIFICATE_FILE = "Certificate of the engine"
MODEL = "Model"
NUCLEI_MODEL = "Model for the nuclei"
ORTHOGONAL_MODEL = "Model for the planes along Z"
TIME_LIMIT = "Time limit for an image, in seconds"

NO_IMAGE = "Leave blank"

DIAMETER_AUTOMATIC = "Automatic"
DIAMETER_PIXELS = "In pixels"
DIAMETER_OBJECTS = "Measured from objects"
DIAMETERS = [DIAMETER_AUTOMATIC, DIAMETER_PIXELS, DIAMETER_OBJECTS]

STACK_VOLUME = "Segment in 3D"
STACK_STITCHED = "Stitch planes by overlap"
STACK_MODES = [STACK_VOLUME, STACK_STITCHED]

DISTANCE = "Distance of the planes"
ANISOTROPY = "Anisotropy"
ANISOTROPY_SPACING = "From the image's spacing"
ANISOTROPY_ENTERED = "As entered"
ANISOTROPIES = [ANISOTROPY_SPACING, ANISOTROPY_ENTERED]

SAME_MODEL = "The same model"

INTENSITIES_AUTOMATIC = "Automatic"
INTENSITIES_STACK = "The whole stack"
INTENSITIES_PLANE = "Each plane by itself"
INTENSITIES = [INTENSITIES_AUTOMATIC, INTENSITIES_STACK, INTENSITIES_PLANE]

STOP = "Stop the run"
SKIP = "Skip the image set and mark it"
POLICIES = [STOP, SKIP]

SHIPPED_MODELS = ["nuclei", "cyto"]
"""What every engine has; the button adds those of the engine that is asked."""
