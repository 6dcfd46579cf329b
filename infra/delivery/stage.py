"""A deployed stage: which code its functions run, and how a function gets other code."""

import tempfile
from pathlib import Path

from . import Refused
from .artifacts import as_hex, as_lambda_has_it
from .aws import aws, region


class Stage:
    def __init__(self, name, bucket=None):
        self.name, self.given_bucket, self.known_bucket = name, bucket, None

    @property
    def bucket(self):
        """The bucket of the artifacts. Its owner is checked, because a bucket with a name that can be guessed may be somebody else's."""
        if not self.known_bucket:
            account = aws("sts", "get-caller-identity")["Account"]
            bucket = self.given_bucket or f"acme-artifacts-{account}-{region()}"
            aws("s3api", "head-bucket", "--bucket", bucket, "--expected-bucket-owner", account)
            self.known_bucket = bucket
        return self.known_bucket

    def live(self):
        """The digests of the deployed code, by function."""
        prefix = f"acme-{self.name}-"
        found = aws("lambda", "list-functions", "--query", "Functions[].[FunctionName, CodeSha256]")
        return {name.removeprefix(prefix): as_hex(sha) for name, sha in found if name.startswith(prefix)}

    def changed(self, artifacts, only=None):
        """The functions whose artifact is not the deployed code."""
        live = self.live()
        names = artifacts.names(only)
        missing = [name for name in names if name not in live]
        if missing:
            raise Refused(f"STAGE={self.name} has no function {', '.join(missing)}: bring up the whole stage first (make deploy)")
        return [name for name in names if live[name] != artifacts.digest(name)]

    def deploy(self, artifacts, name):
        """Deploys a function's artifact."""
        digest, commit = artifacts.digest(name), artifacts.commit(name)
        key = self.key(name, digest)
        aws("s3", "cp", "--only-show-errors", str(artifacts.zip(name)), f"s3://{self.bucket}/{key}", "--metadata", f"commit={commit}")
        self.update(name, digest, commit)

    def keep(self, artifacts):
        """Stores all artifacts in the bucket, and returns their addresses. All artifacts are of one commit."""
        addresses = {}
        with tempfile.TemporaryDirectory() as folder:
            for name in artifacts.names():
                key = self.key(name, artifacts.digest(name))
                link = Path(folder, key)
                link.parent.mkdir(parents=True)
                link.symlink_to(artifacts.zip(name).resolve())
                addresses[name] = f"s3://{self.bucket}/{key}"
            commit = f"commit={artifacts.commit(name)}"
            aws("s3", "cp", "--only-show-errors", "--recursive", folder, f"s3://{self.bucket}/", "--metadata", commit)
        return addresses

    def update(self, name, digest, commit):
        """Changes the release first, then the code. If the second step fails, the function still counts as changed and is updated again."""
        function = f"acme-{self.name}-{name}"
        variables = aws("lambda", "get-function-configuration", "--function-name", function)["Environment"]["Variables"]
        if variables.get("VERSION") != commit:
            given = {"FunctionName": function, "Environment": {"Variables": variables | {"VERSION": commit}}}
            aws("lambda", "update-function-configuration", given=given)
            self.wait(function)
        code = {"FunctionName": function, "S3Bucket": self.bucket, "S3Key": self.key(name, digest)}
        answer = aws("lambda", "update-function-code", given=code)
        self.wait(function)
        if answer["CodeSha256"] != as_lambda_has_it(digest):
            raise Refused(f"{name}: Lambda has other code than the artifact {digest}")

    def wait(self, function):
        aws("lambda", "wait", "function-updated-v2", "--function-name", function)

    def key(self, name, digest):
        return f"{self.name}/functions/{name}/{digest}.zip"

    def earlier(self, name, commit=None):
        """The artifact that a function can go back to, as digest and commit: the last artifact before the present one, or the
        last artifact of `commit`, if a commit is given."""
        live = self.live().get(name)
        if live is None:
            raise Refused(f"STAGE={self.name} has no function {name}")
        prefix = f"{self.name}/functions/{name}/"
        found = aws("s3api", "list-objects-v2", "--bucket", self.bucket, "--prefix", prefix).get("Contents", [])
        found.sort(key=lambda object: object["LastModified"])
        digests = [object["Key"].removeprefix(prefix).removesuffix(".zip") for object in found]
        before = digests[: digests.index(live)] if live in digests and not commit else digests
        for digest in reversed(before):
            built = self.commit(name, digest)
            if digest != live and (not commit or built.startswith(commit)):
                return digest, built
        raise Refused(f"{name}: no artifact {f'of {commit}' if commit else 'from before this one'} is kept in {self.bucket}")

    def commit(self, name, digest):
        """The commit of a stored artifact."""
        return aws("s3api", "head-object", "--bucket", self.bucket, "--key", self.key(name, digest))["Metadata"]["commit"]

