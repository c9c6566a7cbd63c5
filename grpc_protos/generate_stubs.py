"""Generate the Python stubs beside the ``.proto`` files, or check that they are fresh.

Run with an interpreter that has ``grpcio-tools==1.62.3`` and ``mypy-protobuf``: stubs of that
version load on every protobuf runtime from 4.25 on, those of later versions do not.

    python generate_stubs.py            # write them
    python generate_stubs.py --check    # exit 1 and name the stale ones
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PACKAGE = "cellwire_api/v1"


def generate(out: Path) -> None:
    """Write the stubs of all protos below ``out``."""
    from grpc_tools import protoc

    well_known = str(Path(protoc.__file__).parent / "_proto")
    protos = sorted(str(p.relative_to(ROOT)) for p in (ROOT / PACKAGE).glob("*.proto"))
    code = protoc.main(
        [
            "protoc",
            f"-I{ROOT}",
            f"-I{well_known}",
            f"--python_out={out}",
            f"--pyi_out={out}",
            f"--grpc_python_out={out}",
            *protos,
        ]
    )
    if code:
        raise SystemExit(code)
    for stub in (out / PACKAGE).glob("*_pb2_grpc.py"):
        if "_service_" not in stub.name:  # a file of messages alone has empty gRPC stubs
            stub.unlink()


def main() -> None:
    """Generate or check."""
    if "--check" not in sys.argv[1:]:
        generate(ROOT)
        return
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate(fresh)
        names = {p.name for p in (fresh / PACKAGE).glob("*_pb2*")}
        names |= {p.name for p in (ROOT / PACKAGE).glob("*_pb2*")}
        stale = [n for n in sorted(names) if _text(fresh, n) != _text(ROOT, n)]
    if stale:
        raise SystemExit(f"stale stubs: {', '.join(stale)}; run 'make stubs' and commit them")


def _text(root: Path, name: str) -> str:
    path = root / PACKAGE / name
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    main()
