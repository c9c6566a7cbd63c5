"""Hide an environment's own grpcio and protobuf; works as ``sitecustomize.py`` on the path."""

import sys
from importlib.machinery import PathFinder


class Hiding:
    """Finds the two only outside of the environment's folders of packages."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Give the module's place elsewhere, or say that there is none."""
        if name not in ("grpc", "google"):
            return None
        elsewhere = [entry for entry in sys.path if "site-packages" not in entry]
        found = PathFinder.find_spec(name, elsewhere, target)
        if found is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return found


sys.meta_path.insert(0, Hiding)
