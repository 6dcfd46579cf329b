"""Deploys single functions to the stand-in for AWS: only what changed is deployed, and a function can go back to an earlier
release. No function is called here, so the artifacts need not work."""

import json
import os
import subprocess

import boto3
import pytest
from conftest import INFRA, free_port
from shop import FUNCTIONS

FIRST, SECOND = "a" * 40, "b" * 40


class Deployment:
    """A stage, artifacts for it, and the scripts that deploy them."""

    def __init__(self, folder, port):
        self.artifacts = folder / "artifacts"
        for name in FUNCTIONS:
            self.build(name, FIRST)
        self.variables = {"STAGE": "local", "ARTIFACTS": str(self.artifacts), "AWS_REGION": "us-east-1"}
        self.variables |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        self.variables["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{port}"
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        self.functions = boto3.client("lambda", endpoint_url=self.variables["AWS_ENDPOINT_URL"], **keys)

    def build(self, *names_and_commit):
        """Makes artifacts in the form of `infra/build`."""
        *names, commit = names_and_commit
        for name in names:
            (self.artifacts / name).mkdir(parents=True, exist_ok=True)
            (self.artifacts / name / "bootstrap").write_text(f"#!/bin/sh\n# {name} {commit}\nexit 1\n")
            (self.artifacts / name / "bootstrap").chmod(0o755)
            run("deliver", "pack", FUNCTION=name, ARTIFACTS=str(self.artifacts))
        for name in FUNCTIONS:  # the whole workspace is built, even if an artifact does not change
            (self.artifacts / f"{name}.version").write_text(f"{commit}\n")

    def deliver(self, command, **more):
        return run("deliver", command, **self.variables | more)

    def releases(self):
        """The release of each function, and when the function was last changed."""
        found = [self.functions.get_function_configuration(FunctionName=f"acme-local-{name}") for name in FUNCTIONS]
        return {name: (at["Environment"]["Variables"]["VERSION"], at["LastModified"]) for name, at in zip(FUNCTIONS, found)}


def run(script, *arguments, **variables):
    return subprocess.run([INFRA / script, *arguments], env=os.environ | variables, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("delivery"), free_port()
    stage = Deployment(folder, port)
    place = {"CLOUD_DIR": str(folder / "cloud"), "CLOUD_PORT": str(port), "ARTIFACTS": str(stage.artifacts)}
    try:
        up = run("cloud", **place)
        assert up.returncode == 0, up.stderr
        yield stage
    finally:
        run("cloud-stop", CLOUD_DIR=place["CLOUD_DIR"])


def test_a_function_goes_forth_and_back(stage):
    nothing = stage.deliver("functions")
    assert (nothing.returncode, stage.deliver("plan").stdout) == (0, "[]\n"), nothing.stderr
    before = stage.releases()
    assert {release for release, _ in before.values()} == {FIRST}

    stage.build("cart-all", "user-get", SECOND)
    assert json.loads(stage.deliver("plan").stdout) == ["cart-all", "user-get"]
    # One function alone, with the command for people.
    one = run("deploy", **stage.variables, FUNCTION="cart-all")
    assert one.returncode == 0 and "deployed cart-all of bbbbbbbbbbbb to local" in one.stderr, one.stderr
    assert json.loads(stage.deliver("plan").stdout) == ["user-get"]
    assert stage.deliver("functions").returncode == 0
    after = stage.releases()
    assert {name for name in FUNCTIONS if after[name] != before[name]} == {"cart-all", "user-get"}
    assert after["cart-all"][0] == after["user-get"][0] == SECOND
    again = stage.deliver("functions", FUNCTION="cart-all")
    assert again.returncode == 0 and "is as it should be" in again.stderr
    assert stage.releases() == after

    back = stage.deliver("rollback", FUNCTION="cart-all")
    assert back.returncode == 0 and "cart-all of local is back at aaaaaaaaaaaa" in back.stderr, back.stderr
    assert stage.releases()["cart-all"][0] == FIRST and stage.releases()["user-get"] == after["user-get"]
    further = stage.deliver("rollback", FUNCTION="cart-all")
    assert further.returncode == 1 and "no artifact from before this one is kept" in further.stderr
    forth = stage.deliver("rollback", FUNCTION="cart-all", TO="bbbb")
    assert forth.returncode == 0 and stage.releases()["cart-all"][0] == SECOND, forth.stderr
    assert stage.deliver("rollback", FUNCTION="cart-all", TO="cccc").returncode == 1


def test_the_stacks_come_up_again_when_something_of_theirs_changed(stage):
    same = stage.deliver("stack", ARCH=os.uname().machine.replace("aarch64", "arm64"), DELIVERY_SECONDS="2-5")
    assert same.returncode == 0 and same.stderr == "the stacks of local are as they should be\n"
    # CloudFormation does not know of a function that was rolled back since.
    assert stage.deliver("rollback", FUNCTION="user-get").returncode == 0
    changed = stage.deliver("stack", ARCH=os.uname().machine.replace("aarch64", "arm64"), DELIVERY_SECONDS="3-4")
    assert changed.returncode == 0 and "acme-local is up to date" in changed.stderr, changed.stderr
    assert {release for release, _ in stage.releases().values()} == {SECOND}
    assert stage.deliver("plan").stdout == "[]\n"


@pytest.mark.parametrize(
    "command, variables, complaint",
    [
        ("rollback", {}, "FUNCTION is not set"),
        ("functions", {"FUNCTION": "cart-al"}, "FUNCTION=cart-al: expected a name of functions/functions.toml"),
        ("functions", {"STAGE": "other"}, "STAGE=other has no function cart-item-add"),
        ("functions", {"STAGE": "My"}, "STAGE=My: expected one to sixteen"),
        ("plan", {"ARTIFACTS": "/nonexistent"}, "no /nonexistent/cart-item-add.zip (make build)"),
        ("plan", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "aws lambda list-functions: "),
    ],
)
def test_it_refuses(stage, command, variables, complaint):
    done = stage.deliver(command, **variables)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.startswith("deliver: ") and complaint in done.stderr, done.stderr
