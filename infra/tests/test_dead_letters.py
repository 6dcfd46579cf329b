"""infra/dead-letters, against the queues of a stand-in for AWS and against the routes of a shop."""

import itertools
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest

from template import INFRA

sys.path.insert(0, str(INFRA))
from letters.queues import Queues  # noqa: E402

NUMBERS = itertools.count()
FUNCTIONS = ["order-ship", "payment-validate"]
TRACE = {"sentry-trace": "0123456789abcdef0123456789abcdef-0123456789abcdef-1", "baggage": "sentry-trace_id=0123456789abcdef"}


def run(*arguments, **variables):
    return subprocess.run([str(INFRA / "dead-letters"), *arguments], env={"PATH": os.environ["PATH"]} | variables, capture_output=True, text=True, timeout=120)


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
    place = {"HOME": folder, "TMPDIR": folder, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0"}
    server = subprocess.Popen(["ministack"], env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | place, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
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
    """A stage's queues, new for each test."""

    def __init__(self, endpoint, name):
        self.given = {"STAGE": name, "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        self.name = name
        self.sqs = boto3.client("sqs", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
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
        """As a function sends it."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - seconds))
        facts = {"function": function, "reason": reason, "receive_count": "5", "failed_at": at, "order_id": order, "trace_id": "0123456789abcdef"}
        self.put(f"{function}-dead", body(order), **facts, **TRACE)

    def waiting(self, function):
        """Takes what waits for a function."""
        found = []
        while got := self.sqs.receive_message(QueueUrl=self.url(function), MaxNumberOfMessages=10, VisibilityTimeout=60, MessageAttributeNames=["All"]).get("Messages"):
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
    # SQS moves a message by itself that was received too often: after a crash or a timeout.
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
    assert {json.loads(message["Body"])["data"]["_id"] for message in stage.waiting("order-ship")} == {f"o-{n}" for n in range(25)}
    assert not stage.waiting("payment-validate")
    stage.said("redrive")
    assert len(stage.waiting("payment-validate")) == 1
    assert stage.said("redrive") == "there are no dead letters\n"


@pytest.mark.parametrize("call, waiting", [("SendMessage", 0), ("DeleteMessage", 1)])
def test_a_crash_between_the_two_loses_no_letter(stage, monkeypatch, call, waiting):
    stage.letter("order-ship", "o-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
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


class Shop:
    """The routes of a running shop, with two letters on two pages."""

    def __init__(self, mode="1"):
        self.posted, shop = [], self
        letters = [
            {"id": f"m-{n}", "queue": "order-ship", "reason": "away", "receive_count": 5, "failed_at": f"2026-01-0{n}T00:00:00.000Z", "order_id": None}
            for n in (2, 1)
        ]

        class Routes(BaseHTTPRequestHandler):
            def do_GET(self):
                if mode == "1" and self.headers.get("authorization") != "Bearer good":
                    return self.answer(401, {"message": "Invalid Key. User Not Authorized"})
                page = 1 if "cursor=1" in self.path else 0
                shop.path = self.path
                link = [] if page else [("link", '<?limit=1&cursor=1&order=o+1>; rel="next"')]
                self.answer(200, {"data": letters[page : page + 1]}, link)

            def do_POST(self):
                sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if self.path == "/login":
                    good = sent == {"username": "staff", "password": "vmware1!"}
                    return self.answer(200 if good else 401, {"access_token": "good", "message": "wrong pair"})
                shop.posted.append((self.path, sent))
                self.answer(200, {"data": []})

            def answer(self, status, content, headers=()):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(content).encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Routes)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(params=["0", "1"])
def shop(request):
    shop = Shop(request.param)
    yield shop
    shop.server.shutdown()


def test_lists_and_sends_back_what_a_running_shop_keeps(shop):
    found = rows(said("list", URL=shop.url, ORDER="o 1"))
    assert [row[:2] + row[3:] for row in found] == [["local", "order-ship", "5", "-", "away"]] * 2
    assert int(found[0][2][:-1]) > int(found[1][2][:-1]), "the oldest first"
    assert "order=o+1" in shop.path, "also on the second page"
    assert said("redrive", URL=shop.url, DRY_RUN="1").endswith("2 dead letters would be sent back\n") and not shop.posted
    assert said("redrive", URL=shop.url).endswith("sent back 2 dead letters\n")
    assert shop.posted == [("/dead-letters/redrive", {"id": id}) for id in ("m-1", "m-2")]


def test_says_that_no_shop_runs_and_that_staff_is_not_let_in():
    done = run("list", URL="http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (1, "") and "no shop answers at http://127.0.0.1:9" in done.stderr
    shop = Shop()
    try:
        for secret, complaint in [("STAFF_PASSWORD", "401: wrong pair"), ("TOKEN", "401: Invalid Key")]:
            done = run("list", URL=shop.url, **{secret: "bad"})
            assert (done.returncode, done.stdout) == (1, "") and complaint in done.stderr and done.stderr.count("\n") == 1
    finally:
        shop.server.shutdown()


def test_explains_itself():
    assert "Usage:" in said("--help")
    for arguments, wrong in [([], "say either"), (["lsit"], "unknown argument `lsit`"), (["list", "redrive"], "say either")]:
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith(f"dead-letters: {wrong}") and "Usage:" in done.stderr
