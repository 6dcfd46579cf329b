"""What the tests share: the deployed shop in both modes of messaging, the shop in one process, a Sentry, and a proxy between
the functions and AWS that enforces the functions' roles."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import boto3
import pytest

INFRA = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(INFRA / "tests"))

from role_proxy import RoleProxy  # noqa: E402
from sentry import Sentry  # noqa: E402
from shop import CONSUMERS, FUNCTIONS  # noqa: E402

VERSION = "0123456789abcdef0123456789abcdef01234567"


class Cloud:
    """The deployed shop."""

    def __init__(self, directory, infra=INFRA, **settings):
        """`infra` has the scripts and the template; the settings are more of those that `infra/cloud` takes."""
        self.directory, self.infra, self.settings, self.sentry = directory, infra, settings, Sentry()
        self.port, self.messaging = free_port(), None
        self.proxy = RoleProxy(self.port)
        self.aws = {"endpoint_url": f"http://127.0.0.1:{self.port}", "region_name": "us-east-1"}
        self.aws |= {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        self.sqs, self.dynamodb, self.events, self.functions = map(self.service, ("sqs", "dynamodb", "events", "lambda"))

    def service(self, name):
        return boto3.client(name, **self.aws)

    def deploy(self, messaging):
        """Deploys the shop, or switches a running one to this mode of messaging."""
        self.proxy.reset()
        settings = self.settings | {"MESSAGING": messaging, "DELIVERY_SECONDS": "1-2", "SENTRY_DSN": self.sentry.dsn, "VERSION": VERSION}
        place = {"CLOUD_DIR": self.directory, "CLOUD_PORT": str(self.port), "CLOUD_ENDPOINT": self.proxy.url}
        self.url = run(self.infra / "cloud", **settings, **place).splitlines()[-1]
        self.messaging = messaging
        keys = {"AWS_ENDPOINT_URL": self.aws["endpoint_url"], "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
        run(INFRA / "seed", STAGE="local", AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", **keys)
        for name in CONSUMERS:  # 180 seconds is too long to wait for a retry
            self.sqs.set_queue_attributes(QueueUrl=self.queue(name), Attributes={"VisibilityTimeout": "2"})
        self.table = self.variables("cart-all")["TABLE_NAME"]

    def variables(self, name):
        """The environment that a function was deployed with."""
        return self.functions.get_function_configuration(FunctionName=f"acme-local-{name}")["Environment"]["Variables"]

    def set_variables(self, name, variables):
        """Changes the environment of a function. The function is restarted."""
        self.functions.update_function_configuration(FunctionName=f"acme-local-{name}", Environment={"Variables": variables})

    def queue(self, name):
        return self.sqs.get_queue_url(QueueName=f"acme-local-{name}")["QueueUrl"]

    def send(self, name, *events):
        """Puts events on a consumer's queue as one batch. A text is sent as it is."""
        texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
        entries = [{"Id": str(i), "MessageBody": text} for i, text in enumerate(texts)]
        assert not self.sqs.send_message_batch(QueueUrl=self.queue(name), Entries=entries).get("Failed")

    def dead_letters(self, name):
        """Takes up to ten messages out of a consumer's dead-letter queue."""
        url = self.queue(f"{name}-dead")
        found = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get("Messages", [])
        for message in found:
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def item(self, key):
        """The item of the table with this partition key. `None` if there is none."""
        query = {"KeyConditionExpression": "PK = :pk", "ExpressionAttributeValues": {":pk": {"S": key}}}
        items = self.dynamodb.query(TableName=self.table, **query)["Items"]
        assert len(items) <= 1, items
        return items[0] if items else None

    def item_kinds(self, key):
        """The sort keys of the items under a partition key."""
        query = {"KeyConditionExpression": "PK = :pk", "ExpressionAttributeValues": {":pk": {"S": key}}}
        return {item["SK"]["S"] for item in self.dynamodb.query(TableName=self.table, **query)["Items"]}

    def published(self, kind):
        """The events of a type that functions have published so far."""
        for _, target, body in list(self.proxy.sent):
            body = json.loads(body)
            if target == "AmazonSQS.SendMessage" and "MessageAttributes" in body or target == "AWSEvents.PutEvents":
                texts = [entry["Detail"] for entry in body.get("Entries", [])] or [body["MessageBody"]]
                for text in texts:
                    event = as_json(text)
                    if isinstance(event, dict) and event.get("metadata", {}).get("type") == kind:
                        yield event

    def close(self):
        run(INFRA / "cloud-stop", CLOUD_DIR=self.directory)
        self.proxy.close()
        self.sentry.close()


def as_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run(*command, **variables):
    done = subprocess.run([str(part) for part in command], env=os.environ | variables, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    cloud = Cloud(str(tmp_path_factory.mktemp("cloud")))
    yield cloud
    cloud.close()


@pytest.fixture(scope="session", params=["sqs", "eventbridge"])
def cloud(stack, request):
    """The deployed shop, in one mode and then in the other. Every test runs in both."""
    stack.deploy(request.param)
    return stack


@pytest.fixture
def local(cloud, tmp_path):
    """The address of a new shop in one process."""
    settings = {"PORT": "0", "DATA_DIR": str(tmp_path), "DELIVERY_SECONDS": "1-1", "PATH": os.environ["PATH"]}
    shop = subprocess.Popen([os.environ["ACME_LOCAL"]], env=settings, stdout=subprocess.PIPE, text=True)
    for line in shop.stdout:
        if " is open at " in line:
            break
    # The pipe is read on, because a full pipe would stop the shop.
    threading.Thread(target=shop.stdout.read, daemon=True).start()
    yield line.split(" is open at ")[1].strip()
    shop.send_signal(signal.SIGTERM)
    assert shop.wait(timeout=20) == 0


@pytest.fixture(params=FUNCTIONS)
def function(request):
    return request.param
