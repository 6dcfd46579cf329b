"""The dead letters of a deployment, in its queues.

SQS can move messages out of a dead-letter queue by itself (StartMessageMoveTask). This script does not use it, for three
reasons. When a function sent the dead letter, SQS does not know the original queue. SQS cannot select one order. And SQS
would keep the old reason. No stand-in has this operation either.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from . import Letter, Refused

VENV = Path(__file__).resolve().parents[2] / ".venv"
try:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    if Path(sys.prefix) == VENV or subprocess.run([VENV.parent / "infra/venv"], stdout=sys.stderr).returncode != 0:
        raise Refused("boto3 is missing, and infra/venv could not install it") from None
    os.execv(VENV / "bin/python", [VENV / "bin/python", *sys.argv])

# How long letters are hidden from others, in seconds: while they are listed, and while they are sent back.
LOOK, SEND = 30, 900
# The headers of a message's trace, which are sent back with it.
TRACE = ("sentry-trace", "baggage")
# The names of the order's id in an event, in small letters.
ORDER_ID = ("orderid", "_id", "ordernumber", "order_id", "id")


class Queues:
    def __init__(self, given):
        self.stage = given["STAGE"]
        region = given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION")
        with plain_errors():
            self.sqs = boto3.client("sqs", region_name=region, endpoint_url=given.get("AWS_ENDPOINT_URL"))

    @contextmanager
    def letters(self, queue, order, only_look):
        """Hides letters from others, and shows them again if they were not sent. SQS has no other way to read them."""
        with plain_errors():
            names, self.taken = self.names(queue), []
            try:
                with ThreadPoolExecutor() as pool:
                    list(pool.map(lambda name: self.take(name, LOOK if only_look else SEND), names))
                yield [letter for letter in self.taken if order is None or letter.order == order]
            finally:
                self.put_back()

    def send_back(self, letter):
        """Sends the message, then deletes the letter. A crash between the two sends it twice, which consumers can handle."""
        attributes = {name: text(value) for name, value in attributes_of(letter.message).items() if name in TRACE}
        url = self.url(letter.queue)
        self.sqs.send_message(QueueUrl=url, MessageBody=letter.message["Body"], MessageAttributes=attributes)
        self.sqs.delete_message(QueueUrl=self.url(f"{letter.queue}-dead"), ReceiptHandle=letter.message["ReceiptHandle"])
        self.taken.remove(letter)

    def names(self, queue):
        """The names of the functions whose queues have dead-letter queues."""
        prefix, dead = f"acme-{self.stage}-", "-dead"
        pages = self.sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix)
        names = [url.rsplit("/", 1)[1].removeprefix(prefix) for page in pages for url in page.get("QueueUrls", [])]
        names = sorted(name.removesuffix(dead) for name in names if name.endswith(dead))
        if not names:
            where = self.sqs.meta.endpoint_url
            raise Refused(f"STAGE={self.stage}: there are no queues of this stage at {where}; check AWS_REGION and AWS_PROFILE")
        if queue and queue not in names:
            raise Refused(f"QUEUE={queue}: must be one of {', '.join(names)}")
        return [queue] if queue else names

    def url(self, name):
        return self.sqs.get_queue_url(QueueName=f"acme-{self.stage}-{name}")["QueueUrl"]

    def take(self, name, seconds):
        """Receives until nothing new comes. A batch has at most ten messages."""
        url, limit, seen = self.url(f"{name}-dead"), self.receives(name), set()
        ask = {"MaxNumberOfMessages": 10, "VisibilityTimeout": seconds, "WaitTimeSeconds": 1}
        ask |= {"MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["SentTimestamp"]}
        while messages := self.sqs.receive_message(QueueUrl=url, **ask).get("Messages", []):
            new = [message for message in messages if message["MessageId"] not in seen]
            seen |= {message["MessageId"] for message in new}
            self.taken.extend(letter(name, message, limit) for message in new)
            if not new:
                break

    def receives(self, name):
        """How often a message is received before SQS moves it."""
        asked = self.sqs.get_queue_attributes(QueueUrl=self.url(name), AttributeNames=["RedrivePolicy"])
        return int(json.loads(asked["Attributes"]["RedrivePolicy"])["maxReceiveCount"])

    def put_back(self):
        for name in {letter.queue for letter in self.taken}:
            handles = [letter.message["ReceiptHandle"] for letter in self.taken if letter.queue == name]
            url = self.url(f"{name}-dead")
            for start in range(0, len(handles), 10):
                entries = [
                    {"Id": str(i), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for i, handle in enumerate(handles[start : start + 10])
                ]
                self.sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)


@contextmanager
def plain_errors():
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Refused(str(error)) from None


def letter(queue, message, limit):
    """The letter in a message of a dead-letter queue. A function or EventBridge sent the message there, or SQS moved it."""
    attributes = attributes_of(message)
    at, received, reason = attributes.get("failed_at"), attributes.get("receive_count"), attributes.get("reason")
    if reason is None and "ERROR_CODE" in attributes:
        reason = f"the bus could not deliver it: {attributes['ERROR_CODE']}: {attributes.get('ERROR_MESSAGE', '')}"
    elif reason is None:
        received, reason = str(limit), f"no reason: moved by SQS after {limit} receives"
    try:
        at = datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()
    except (AttributeError, ValueError):
        at = int(message["Attributes"]["SentTimestamp"]) / 1000
    order = attributes.get("order_id") or order_of(message["Body"])
    return Letter(message["MessageId"], queue, at, received or "-", order, reason, message)


def attributes_of(message):
    return {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}


def text(value):
    return {"DataType": "String", "StringValue": value}


def order_of(body):
    """The order that an event names. The event may be inside EventBridge's envelope."""
    try:
        event = json.loads(body)
        event = event.get("detail", event) if "detail-type" in event else event
        data = {name.lower(): value for name, value in event["data"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return next((str(data[name]) for name in ORDER_ID if isinstance(data.get(name), (str, int)) and data[name] != ""), None)
