"""The stacks of a stage. They are deployed as a whole if the templates or the settings changed since the last deployment."""

import hashlib
import os
import subprocess

from . import Refused
from .aws import ROOT, aws

TEMPLATES = ("infra/template.yaml", "infra/monitoring.yaml")
# The settings of infra/deploy for the stacks.
SETTINGS = (
    "ARCH MESSAGING AUTH_MODE SENTRY_DSN_NAME SENTRY_CAPTURE_SUCCESS EVENT_BUS_NAME DELIVERY_SECONDS SWEEP_AFTER_SECONDS"
    " LOG_RETENTION_DAYS REQUESTS_PER_SECOND REQUEST_BURST PASSWORDS_PER_SECOND ALARM_TOPIC_ARN RESERVE_CONCURRENCY"
).split()


def fingerprint():
    """A hash of everything that the stacks are made from, except the functions' code."""
    parts = [(ROOT / path).read_bytes() for path in TEMPLATES]
    parts += [f"{name}={os.environ.get(name, '')}".encode() for name in SETTINGS]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def template(addresses):
    """The template, with the address of each function's code."""
    text = (ROOT / TEMPLATES[0]).read_text()
    for name, address in addresses.items():
        folder = f"CodeUri: ../target/lambda/arm64/{name}/\n"
        if text.count(folder) != 1:
            raise Refused(f"{TEMPLATES[0]} has no function {name}: run `make generate`")
        text = text.replace(folder, f"CodeUri: {address}\n")
    return text


def is_up(stage):
    """Whether the stacks were deployed from the present templates and settings."""
    found = aws("ssm", "get-parameter", "--name", place(stage), missing="ParameterNotFound")
    return bool(found) and found["Parameter"]["Value"] == fingerprint()


def note(stage):
    """Stores the hash of the present templates and settings, from which the stacks were deployed."""
    what = "What the stacks were deployed from: a hash of templates and settings"
    given = {"Name": place(stage), "Type": "String", "Description": what, "Value": fingerprint(), "Overwrite": True}
    aws("ssm", "put-parameter", given=given)


def bring_up():
    subprocess.run([ROOT / "infra/deploy"], check=True, env={name: value for name, value in os.environ.items() if name != "FUNCTION"})


def place(stage):
    return f"/acme/{stage}/deployed"
