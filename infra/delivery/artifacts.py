"""The functions' artifacts: for each a zip with its `bootstrap`, beside the commit that it was built from."""

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
        """The functions of the list, or the one that is asked for."""
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
        """The zip's SHA-256, in hex as an attestation has it."""
        return hashlib.sha256(self.zip(name).read_bytes()).hexdigest()

    def commit(self, name):
        version = self.folder / f"{name}.version"
        if not os.environ.get("VERSION") and not version.is_file():
            raise Refused(f"no {version}, and VERSION is not set (make build)")
        return os.environ.get("VERSION") or version.read_text().strip()

    def pack(self, name):
        """Makes the zip. The same `bootstrap` gives the same bytes: no time and no owner are in it."""
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
    """A digest as `CodeSha256` is written."""
    return base64.b64encode(bytes.fromhex(digest)).decode()


def as_hex(sha):
    return base64.b64decode(sha).hex()
