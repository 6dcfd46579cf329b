"""Tests infra/dead-letters with the queues of a stand-in for AWS."""

import itertools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import boto3
import pytest

from template import INFRA

sys.path.insert(0, str(INFRA))
from letters.queues import Queues  # noqa: E402

NUMBERS = itertools.count()
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
FUNCTIONS = ["order-ship", "payment-validate"]
TRACE = {"sentry-trace": "0123456789abcdef0123456789abcdef-0123456789abcdef-1", "baggage": "sentry-trace_id=0123456789abcdef"}


def run(*arguments, **variables):
    variables["PATH"] = os.environ["PATH"]
    return subprocess.run([INFRA / "dead-letters", *arguments], env=variables, capture_output=True, text=True, timeout=120)


def said(*arguments, **variables):
    done = run(*arguments, **variables)
    assert done.returncode == 0 and done.stderr == "", done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = str(tmp_path_factory.mktemp("stand-in"))
    variables = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder}
    variables |= {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0"}
    server = subprocess.Popen(["ministack"], env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    end = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=2)
            break
        except OSError:
            assert time.monotonic() < end and server.poll() is None, "the stand-in does not start"
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait()


class Stage:
    """The queues of a stage. Each test has new queues."""

    def __init__(self, endpoint, name):
        self.name = name
        self.given = {"STAGE": name, "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1"} | KEYS
        keys = {key.lower(): value for key, value in KEYS.items()}
        self.sqs = boto3.client("sqs", endpoint_url=endpoint, region_name="us-east-1", **keys)
        for function in FUNCTIONS:
            dead = self.sqs.create_queue(QueueName=f"acme-{name}-{function}-dead")["QueueUrl"]
            arn = self.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
            self.sqs.create_queue(QueueName=f"acme-{name}-{function}", Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "0"})

    def url(self, queue):
        return self.sqs.get_queue_url(QueueName=f"acme-{self.name}-{queue}")["QueueUrl"]

    def put(self, queue, body, **attributes):
        values = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self.sqs.send_message(QueueUrl=self.url(queue), MessageBody=body, MessageAttributes=values)

    def letter(self, function, order, reason="the store is away", seconds=120):
        """Sends a dead letter as a function does."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - seconds))
        facts = {"function": function, "reason": reason, "receive_count": "5", "failed_at": at, "order_id": order}
        self.put(f"{function}-dead", body(order), **facts, **TRACE)

    def waiting(self, function):
        """Receives all messages that wait for a function."""
        ask = {"MaxNumberOfMessages": 10, "VisibilityTimeout": 60, "MessageAttributeNames": ["All"]}
        found = []
        while got := self.sqs.receive_message(QueueUrl=self.url(function), **ask).get("Messages"):
            found += got
        return found

    def said(self, *arguments, **variables):
        return said(*arguments, **self.given, **variables)


def body(order):
    return json.dumps({"metadata": {"type": "ShipmentRequested"}, "data": {"_id": order, "delivery": "to Dan Moss"}})


@pytest.fixture
def stage(endpoint):
    return Stage(endpoint, f"s{next(NUMBERS)}")


def rows(text):
    """The lines of a list, without their heads and the count below."""
    head, *lines, count = text.splitlines()
    assert head.split() == ["STAGE", "QUEUE", "AGE", "RECEIVED", "ORDER", "REASON"]
    assert count.split()[0] == str(len(lines))
    return [line.split(maxsplit=5) for line in lines]


def test_lists_every_kind_of_letter_the_oldest_first_and_leaves_them_there(stage):
    stage.letter("payment-validate", "o-1", "away: \x1b[31mred")
    stage.letter("order-ship", "o-2", seconds=3 * 3600)
    # SQS itself moves a message that was received too often, after crashes or timeouts.
    stage.put("order-ship", json.dumps({"detail-type": "x", "detail": json.loads(body("o-3"))}), **TRACE)
    while stage.sqs.receive_message(QueueUrl=stage.url("order-ship")).get("Messages"):
        pass
    stage.put("order-ship-dead", body("o-4"), ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="no access", RULE_ARN="r")
    for _ in range(2):
        text = stage.said("list")
        found = rows(text)
        assert found[0] == [stage.name, "order-ship", "3h", "5", "o-2", "the store is away"]
        assert found[1] == [stage.name, "payment-validate", "2m", "5", "o-1", "away:  [31mred"]
        others = {row[4]: row[1:2] + row[3:4] + row[5:] for row in found[2:]}
        assert others == {
            "o-3": ["order-ship", "5", "no reason: moved by SQS after 5 receives"],
            "o-4": ["order-ship", "-", "the bus could not deliver it: NO_PERMISSIONS: no access"],
        }
        assert "Dan" not in text, "a body is never shown"
    assert [row[4] for row in rows(stage.said("list", QUEUE="payment-validate"))] == ["o-1"]
    assert [row[4] for row in rows(stage.said("list", ORDER="o-3"))] == ["o-3"]
    assert stage.said("list", ORDER="o-9") == "there are no dead letters\n"


def test_sends_back_one_order_as_it_was(stage):
    for order in ("o-1", "o-2"):
        stage.letter("order-ship", order)
    dry = stage.said("redrive", ORDER="o-1", DRY_RUN="1")
    assert dry.splitlines() == ["1 of 1 would go back to order-ship, order o-1: the store is away", "1 dead letter would be sent back"]
    assert not stage.waiting("order-ship")
    done = stage.said("redrive", ORDER="o-1")
    assert done.splitlines() == ["1 of 1 went back to order-ship, order o-1: the store is away", "sent back 1 dead letter"]
    (message,) = stage.waiting("order-ship")
    assert message["Body"] == body("o-1")
    assert {name: value["StringValue"] for name, value in message["MessageAttributes"].items()} == TRACE
    assert [row[4] for row in rows(stage.said("list"))] == ["o-2"]


def test_sends_back_more_than_a_batch_of_one_queue_and_then_all(stage):
    for number in range(25):
        stage.letter("order-ship", f"o-{number}", seconds=1000 - number)
    stage.letter("payment-validate", "o-0")
    lines = stage.said("redrive", QUEUE="order-ship").splitlines()
    assert [line.split(" of 25 ")[0] for line in lines[:-1]] == [str(number) for number in range(1, 26)]
    assert lines[-1] == "sent back 25 dead letters" and "order o-0" in lines[0]
    sent = {json.loads(message["Body"])["data"]["_id"] for message in stage.waiting("order-ship")}
    assert sent == {f"o-{number}" for number in range(25)}
    assert not stage.waiting("payment-validate")
    stage.said("redrive")
    assert len(stage.waiting("payment-validate")) == 1
    assert stage.said("redrive") == "there are no dead letters\n"


@pytest.mark.parametrize("call, waiting", [("SendMessage", 0), ("DeleteMessage", 1)])
def test_a_crash_between_the_two_loses_no_letter(stage, monkeypatch, call, waiting):
    stage.letter("order-ship", "o-1")
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    queues = Queues(stage.given)

    def crash(**_):
        raise ConnectionResetError

    queues.sqs.meta.events.register(f"before-call.sqs.{call}", crash)
    with pytest.raises(ConnectionResetError), queues.letters(None, None, False) as (letter,):
        queues.send_back(letter)
    assert len(stage.waiting("order-ship")) == waiting
    assert [row[4] for row in rows(stage.said("list"))] == ["o-1"]


@pytest.mark.parametrize(
    "variables, complaint",
    [
        ({"QUEUE": "nowhere"}, "QUEUE=nowhere: must be one of order-ship, payment-validate"),
        ({"STAGE": "nowhere"}, "STAGE=nowhere: there are no queues of this stage"),
        ({"DRY_RUN": "yes"}, "DRY_RUN=yes: must be 0 or 1"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "Could not connect"),
    ],
    ids=str,
)
def test_says_in_a_sentence_what_is_wrong(stage, variables, complaint):
    done = run("redrive", **stage.given | variables)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("dead-letters: ") and complaint in done.stderr and done.stderr.count("\n") == 1


def test_explains_itself():
    assert "Usage:" in said("--help")
    for arguments, wrong in [([], "say either"), (["lsit"], "unknown argument `lsit`"), (["list", "redrive"], "say either")]:
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith(f"dead-letters: {wrong}") and "Usage:" in done.stderr
