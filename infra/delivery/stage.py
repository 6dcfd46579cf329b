"""A deployed stage: what its functions run, and how one of them gets other code."""

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
        """Where artifacts are kept. By its owner: a name that can be guessed may be somebody else's bucket."""
        if not self.known_bucket:
            account = aws("sts", "get-caller-identity")["Account"]
            bucket = self.given_bucket or f"acme-artifacts-{account}-{region()}"
            aws("s3api", "head-bucket", "--bucket", bucket, "--expected-bucket-owner", account)
            self.known_bucket = bucket
        return self.known_bucket

    def live(self):
        """The digests of what runs, by function."""
        prefix = f"acme-{self.name}-"
        found = aws("lambda", "list-functions", "--query", "Functions[].[FunctionName, CodeSha256]")
        return {name.removeprefix(prefix): as_hex(sha) for name, sha in found if name.startswith(prefix)}

    def changed(self, artifacts, only=None):
        """The functions whose artifact is not what runs."""
        live = self.live()
        names = artifacts.names(only)
        missing = [name for name in names if name not in live]
        if missing:
            raise Refused(f"STAGE={self.name} has no function {', '.join(missing)}: bring up the whole stage first (make deploy)")
        return [name for name in names if live[name] != artifacts.digest(name)]

    def deploy(self, artifacts, name):
        """Brings a function to its artifact."""
        digest, commit = artifacts.digest(name), artifacts.commit(name)
        key = self.key(name, digest)
        aws("s3", "cp", "--only-show-errors", str(artifacts.zip(name)), f"s3://{self.bucket}/{key}", "--metadata", f"commit={commit}")
        self.update(name, digest, commit)

    def keep(self, artifacts):
        """Keeps all artifacts, which are of one commit, in the bucket; their addresses there."""
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
        """First the release, then the code: should the second fail, the function counts as changed, and is done again."""
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
            raise Refused(f"{name}: Lambda has taken other bytes than those of {digest}")

    def wait(self, function):
        aws("lambda", "wait", "function-updated-v2", "--function-name", function)

    def key(self, name, digest):
        return f"{self.name}/functions/{name}/{digest}.zip"

    def earlier(self, name, commit=None):
        """What a function can go back to, as digest and commit: what was deployed last before what runs, or what was built
        from the commit that is asked for."""
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
        """The commit that a kept artifact was built from."""
        return aws("s3api", "head-object", "--bucket", self.bucket, "--key", self.key(name, digest))["Metadata"]["commit"]

