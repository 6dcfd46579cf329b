"""The faults of a function's call to AWS. Each fault is a function that gets the call, and answers it or not."""

import hashlib
import json
import os
import socket
import struct
import time
import uuid

from chaos import processes

# The error codes with which each service throttles a call, and reports its own failure.
THROTTLED = {
    "DynamoDB_20120810": ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"],
    "AmazonSQS": ["RequestThrottled"],
    "AWSEvents": ["ThrottlingException"],
}
FAILED = {"DynamoDB_20120810": "InternalServerError", "AmazonSQS": "InternalFailure", "AWSEvents": "InternalException"}
# The calls that publish events.
PUBLISHES = {"AmazonSQS.SendMessage", "AmazonSQS.SendMessageBatch", "AWSEvents.PutEvents"}
# How long a call hangs, in seconds. This is longer than the functions' clients wait for an answer (1.5 s), and
# shorter than a function may run (10 s).
HANGS = 1.6, 4


class Call:
    """A call on its way through the proxy."""

    def __init__(self, function, pid, target, body, request, forward):
        self.at = time.monotonic()
        self.function, self.pid, self.target, self.body = function, pid, target, body
        # The name of the fault, and the status of the answer to the function.
        self.fault = self.status = None
        self.request, self.on = request, forward
        self.random = None

    @property
    def service(self):
        return self.target.split(".")[0]

    @property
    def is_work(self):
        """Whether the call belongs to an invocation. A function reads its keys while it starts, which does not count."""
        return self.service in THROTTLED

    def forward(self):
        """Makes the call, and returns the answer."""
        return self.on()

    def answer(self, status, content, headers=()):
        self.status = status
        self.request.answer(status, content, headers)

    def answer_json(self, status, content):
        self.answer(status, json.dumps(content).encode(), [("content-type", "application/x-amz-json-1.0")])

    def drop(self):
        """Resets the connection."""
        connection = self.request.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())
        self.request.close_connection = True

    def hang(self):
        time.sleep(self.random.uniform(*HANGS))

    def end(self):
        """Keeps the request and its outcome, and drops everything else."""
        self.request = self.on = self.random = None


def throttled(call):
    code = call.random.choice(THROTTLED[call.service])
    entries = json.loads(call.body).get("Entries", [])
    # These two services also throttle single entries of a request. The answer is a 200 then.
    if not entries or call.random.random() < 0.5:
        call.answer_json(400, {"__type": code, "message": "slow down"})
    elif call.target == "AWSEvents.PutEvents":
        failed = {"ErrorCode": code, "ErrorMessage": "slow down"}
        call.answer_json(200, {"FailedEntryCount": len(entries), "Entries": [failed for _ in entries]})
    else:
        failed = [{"Id": entry["Id"], "Code": code, "SenderFault": False} for entry in entries]
        call.answer_json(200, {"Successful": [], "Failed": failed})


def failed(call):
    call.answer_json(500, {"__type": FAILED[call.service], "message": "something went wrong"})


def failed_when_done(call):
    call.forward()
    failed(call)


def reset(call):
    call.drop()


def answer_lost(call):
    call.forward()
    call.drop()


def comes_late(call):
    call.hang()
    call.answer(*call.forward())


def answered_late(call):
    answer = call.forward()
    call.hang()
    call.answer(*answer)


def killed_before(call):
    processes.kill(call.pid)
    call.drop()


def killed_after(call):
    call.forward()
    killed_before(call)


def lost(call):
    """The published event reaches nobody, although the service said that it accepted it."""
    body = json.loads(call.body)
    if call.target == "AWSEvents.PutEvents":
        taken = [{"EventId": str(uuid.uuid4())} for _ in body["Entries"]]
        call.answer_json(200, {"FailedEntryCount": 0, "Entries": taken})
    elif call.target == "AmazonSQS.SendMessageBatch":
        taken = [{"Id": entry["Id"]} | receipt(entry) for entry in body["Entries"]]
        call.answer_json(200, {"Successful": taken, "Failed": []})
    else:
        call.answer_json(200, receipt(body))


def receipt(message):
    return {"MessageId": str(uuid.uuid4()), "MD5OfMessageBody": hashlib.md5(message["MessageBody"].encode()).hexdigest()}


def applies(fault, call):
    return fault is not lost or call.target in PUBLISHES
