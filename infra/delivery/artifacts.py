"""The artifacts of the functions: for each function a zip with its `bootstrap`, and beside it the commit of the build."""

import base64
import hashlib
import os
import sys
import zipfile
from pathlib import Path

from . import Refused

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from generator import LIST, read  # noqa: E402


class Artifacts:
    """A folder of artifacts."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def names(self, only=None):
        """The names of all functions of the list, or only the name `only`."""
        names = list(read(LIST.read_text()).functions)
        if only and only not in names:
            raise Refused(f"FUNCTION={only}: expected a name of functions/functions.toml")
        return [only] if only else names

    def zip(self, name):
        path = self.folder / f"{name}.zip"
        if not path.is_file():
            raise Refused(f"no {path} (make build)")
        return path

    def digest(self, name):
        """The SHA-256 of the zip, in hex, which is also the form of an attestation."""
        return hashlib.sha256(self.zip(name).read_bytes()).hexdigest()

    def commit(self, name):
        version = self.folder / f"{name}.version"
        if not os.environ.get("VERSION") and not version.is_file():
            raise Refused(f"no {version}, and VERSION is not set (make build)")
        return os.environ.get("VERSION") or version.read_text().strip()

    def pack(self, name):
        """Makes the zip. It contains neither a time nor an owner, so the same `bootstrap` gives the same bytes."""
        bootstrap = self.folder / name / "bootstrap"
        if not bootstrap.is_file():
            raise Refused(f"no {bootstrap} (make build)")
        entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
        entry.create_system, entry.external_attr, entry.compress_type = 3, 0o100755 << 16, zipfile.ZIP_DEFLATED
        written = self.folder / f"{name}.zip.new"
        with zipfile.ZipFile(written, "w") as file:
            file.writestr(entry, bootstrap.read_bytes())
        written.rename(self.folder / f"{name}.zip")


def as_lambda_has_it(digest):
    """A digest in the form of Lambda's `CodeSha256`."""
    return base64.b64encode(bytes.fromhex(digest)).decode()


def as_hex(sha):
    return base64.b64decode(sha).hex()
