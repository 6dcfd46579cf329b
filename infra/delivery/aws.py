"""Calls AWS with its command line, which every runner has. Secrets go in as a file, never as an argument."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import Refused

ROOT = Path(__file__).resolve().parents[2]


def aws(*arguments, given=None, missing=None):
    """Returns the answer of a call. `given` is its input, as JSON. Returns `None` if the call fails with an error that names `missing`."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:  # only the owner can read the file
        if given is not None:
            json.dump(given, file)
            file.flush()
            arguments = [*arguments, "--cli-input-json", f"file://{file.name}"]
        where = region()
        environment = os.environ | {"AWS_PAGER": "", "AWS_DEFAULT_OUTPUT": "json", "AWS_REGION": where, "AWS_DEFAULT_REGION": where}
        done = subprocess.run([cli(), *arguments], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        if missing and missing in done.stderr:
            return None
        raise Refused(f"aws {' '.join(arguments[:2])}: {reason(done.stderr, given)}")
    return json.loads(done.stdout) if done.stdout.strip() else {}


def reason(text, given):
    """The text of an error. An error of a call with input may repeat the input, so only its code is shown."""
    code = re.search(r"\((\w+)\)", text)
    return code[1] if given is not None and code else text.strip()


def region():
    """The region. Version 1 of the AWS CLI reads AWS_DEFAULT_REGION, everything else reads AWS_REGION."""
    given = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not given:
        asked = subprocess.run([cli(), "configure", "get", "region"], capture_output=True, text=True)
        given = asked.stdout.strip() or ("us-east-1" if os.environ.get("AWS_ENDPOINT_URL") else "")
    if not given:
        raise Refused("AWS_REGION is not set")
    return given


def cli():
    found = shutil.which("aws") or shutil.which("aws", path=ROOT / ".venv/bin")
    if not found:
        raise Refused("the AWS CLI is missing; it comes with: pip install -r infra/requirements.txt")
    return found
