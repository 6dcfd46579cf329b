"""Linters, SAM and the scripts accept the repository's files without a message, and refuse copies with a fault."""

import os
import subprocess

import pytest

from template import INFRA, MONITORING, SHOP, spoil, translate

ENVIRONMENT = os.environ | {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}

# One fault of each kind.
SPOILED = {
    "runtime": ("Runtime: provided.al2023", "Runtime: provided.al2042"),
    "reference": ("TABLE_NAME: !Ref Table\n", "TABLE_NAME: !Ref Tables\n"),
    "event": ("EveryMinute: {Type: Schedule,", "EveryMinute: {Type: Scheduled,"),
}


def run(*command, **environment):
    return subprocess.run(command, env=ENVIRONMENT | environment, capture_output=True, text=True, timeout=300)


def lint(path):
    return run("cfn-lint", "--format", "parseable", "--", str(path))


def validate(path):
    return run("sam", "validate", "--lint", "--region", "us-east-1", "--template", str(path))


@pytest.mark.parametrize("name", ["template.yaml", "monitoring.yaml", "github-role.yaml"])
def test_cfn_lint_is_content(name):
    done = lint(INFRA / name)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_cfn_lint_is_the_one_that_sees_globals():
    assert run("cfn-lint", "--version").stdout.strip() == "cfn-lint 1.53.0"


@pytest.mark.parametrize("fault", SPOILED)
def test_cfn_lint_refuses(fault, tmp_path):
    (tmp_path / "template.yaml").write_text(spoil(SHOP, *SPOILED[fault]))
    done = lint(tmp_path / "template.yaml")
    assert done.returncode != 0 and done.stdout


def test_cfn_lint_refuses_a_spoiled_alarm(tmp_path):
    (tmp_path / "monitoring.yaml").write_text(spoil(MONITORING, "Statistic: Maximum", "Statistic: Highest"))
    assert lint(tmp_path / "monitoring.yaml").returncode != 0


def test_sam_translates():
    assert "AWS::Serverless" not in str(translate(SHOP)["Resources"])


def test_sam_does_not_translate_a_bad_event():
    with pytest.raises(Exception, match="Scheduled"):
        translate(spoil(SHOP, *SPOILED["event"]))


def test_sam_validates():
    done = validate(INFRA / "template.yaml")
    assert done.returncode == 0 and "is a valid SAM Template" in done.stdout
    assert "[W" not in done.stdout + done.stderr and "[E" not in done.stdout + done.stderr


@pytest.mark.parametrize("fault", SPOILED)
def test_sam_refuses(fault, tmp_path):
    (tmp_path / "template.yaml").write_text(spoil(SHOP, *SPOILED[fault]))
    assert validate(tmp_path / "template.yaml").returncode != 0


@pytest.mark.parametrize("script", ["build", "cloud", "cloud-stop", "deploy", "seed"])
def test_a_script_explains_itself(script):
    done = run(str(INFRA / script), "--help")
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("Usage: ")
    done = run(str(INFRA / script), "--foo")
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith(f"{script}: unknown argument `--foo`\n")


@pytest.mark.parametrize(
    "environment, complaint",
    [
        ({"STAGE": "My-Stage"}, "STAGE=My-Stage"),
        ({"ARCH": "sparc"}, "ARCH=sparc"),
        ({"MESSAGING": "pigeon"}, "MESSAGING=pigeon"),
        ({"AUTH_MODE": "2"}, "AUTH_MODE=2"),
        ({"SENTRY_CAPTURE_SUCCESS": "no"}, "SENTRY_CAPTURE_SUCCESS=no"),
        ({"DELIVERY_SECONDS": "9-2"}, "DELIVERY_SECONDS=9-2"),
        ({"DELIVERY_SECONDS": "5-950"}, "DELIVERY_SECONDS=5-950"),
        ({"SWEEP_AFTER_SECONDS": "0"}, "SWEEP_AFTER_SECONDS=0"),
        ({"ARTIFACTS": "/nonexistent"}, "user-register"),
    ],
    ids=str,
)
def test_deploy_refuses(environment, complaint):
    """The script refuses before it calls AWS. No server listens at the endpoint, so a call would fail with another message."""
    done = run(str(INFRA / "deploy"), AWS_ENDPOINT_URL="http://127.0.0.1:9", **environment)
    assert done.returncode == 1 and complaint in done.stderr and done.stdout == ""
