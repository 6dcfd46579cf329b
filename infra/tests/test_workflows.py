"""The workflows pass their linters, call only commands of the repository, and pin the actions of others."""

import os
import re
import subprocess

import pytest
import yaml

from template import INFRA, Stack, spoil

ROOT = INFRA.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
DEPLOY = (ROOT / ".github/workflows/deploy.yml").read_text()
ROLE = (INFRA / "github-role.yaml").read_text()

LINTERS = {
    "zizmor": ["zizmor", "--offline", "--no-progress", "--persona=pedantic", "--"],
    "jactionlint": ["jactionlint", "--"],
    "schema": ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", "--"],
}


def lint(linter, *paths):
    return subprocess.run([*LINTERS[linter], *map(str, paths)], cwd=ROOT, capture_output=True, text=True, timeout=120)


def steps(text):
    for job in yaml.safe_load(text)["jobs"].values():
        yield from job["steps"]


def check_calls(text):
    """Each step calls one command of the repository. The command contains no expression that GitHub fills in."""
    for command in (step["run"] for step in steps(text) if "run" in step):
        called = command.split()[0]
        assert "${{" not in command and "\n" not in command, command
        assert called == "make" or os.access(ROOT / called, os.X_OK), command


def check_pins(text):
    """Each action is pinned to a commit, and a comment names its version."""
    uses = re.findall(r"uses: (.*)", text)
    assert uses and all(re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use) for use in uses), uses


def check_permissions(text):
    """No job writes to the repository, and no job with credentials compiles."""
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        writes = {scope for scope, level in job["permissions"].items() if level == "write"}
        assert writes <= {"id-token", "attestations", "artifact-metadata"}, name
        runs = " ".join(step.get("run", "") for step in job["steps"])
        assert not writes or not re.search(r"infra/build|make|\.ci/run", runs), name
        secret = [step for step in job["steps"] if "secrets." in str(step)]
        assert all(step["run"] == "infra/sentry-release" for step in secret), name


CHECKS = [check_calls, check_pins, check_permissions]


@pytest.mark.parametrize("linter", LINTERS)
def test_linters_are_content(linter):
    done = lint(linter, *WORKFLOWS)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "linter, old, new",
    [
        ("zizmor", "        with:\n          persist-credentials: false\n", ""),
        ("zizmor", "permissions: {}\n", "permissions: write-all\n"),
        ("zizmor", "run: infra/deliver functions", "run: FUNCTION=${{ inputs.function }} infra/deliver functions"),
        ("jactionlint", "needs: stack", "needs: stacks"),
        ("jactionlint", "needs.stack.outputs.functions != '[]'", "needs.stack.outputs.function != '[]'"),
        ("schema", "runs-on: ubuntu-24.04-arm", "run-on: ubuntu-24.04-arm"),
    ],
)
def test_linters_find(linter, old, new, tmp_path):
    path = tmp_path / ".github/workflows/deploy.yml"
    path.parent.mkdir(parents=True)
    path.write_text(spoil(DEPLOY, old, new))
    assert lint(linter, path).returncode != 0


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_holds(check, path):
    check(path.read_text())


@pytest.mark.parametrize(
    "check, old, new",
    [
        (check_calls, "infra/deliver stack", "infra/delivers stack"),
        (check_calls, "run: infra/build", 'run: "true; ${{ inputs.function }}"'),
        (check_pins, "@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7"),
        (check_permissions, "      contents: read\n", "      contents: write\n"),
        (check_permissions, "run: infra/deliver stack", "run: infra/build"),
        (check_permissions, "run: infra/sentry-release", "run: env"),
    ],
)
def test_finds(check, old, new):
    with pytest.raises(AssertionError):
        check(spoil(DEPLOY, old, new))


def test_the_stages_role_is_for_one_environment_of_one_repository():
    """The role accepts both forms of the subject: with names only, and with the numbers of newer repositories."""
    given = {"Stage": "prod", "Owner": "acme", "OwnerId": "12", "Repository": "shop", "RepositoryId": "34"}
    (role,) = Stack(ROLE, **given).of("AWS::IAM::Role").values()
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": [
                "repo:acme/shop:environment:prod",
                "repo:acme@12/shop@34:environment:prod",
            ],
        }
    }
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    allowed = [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]
    wide = {s["Sid"] for s in allowed if "*" in (s["Resource"] if isinstance(s["Resource"], list) else [s["Resource"]])}
    assert wide == {"FunctionsByList", "LogsByList"}, "what AWS cannot bound"
    assert "Provider" not in Stack(ROLE, **given, ProviderArn="arn:aws:iam::1:oidc-provider/x").resources


def test_without_a_token_sentry_is_left_out_in_silence():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SENTRY_")}
    done = subprocess.run([INFRA / "sentry-release"], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_with_a_token_sentry_must_know_whose_it_is():
    environment = os.environ | {"SENTRY_AUTH_TOKEN": "secret", "SENTRY_ORG": "", "SENTRY_PROJECT": "shop"}
    done = subprocess.run([INFRA / "sentry-release"], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "sentry-release: SENTRY_ORG is not set\n")
