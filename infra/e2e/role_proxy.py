"""A proxy between the functions and the stand-in for AWS.

It finds out which function calls. It forwards what the function's role allows, and refuses the rest. It keeps the requests.
If a test asks for it, it kills a function in the middle of a call."""

import json
import os
import re
import signal
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from servers import Handler, serve
from shop import permissions

# Actions that a service does in the name of a role, and not the function itself.
BY_THE_SERVICES = re.compile(r"^(xray|logs):|^sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)$")
SERVICES = {"DynamoDB": "dynamodb", "AmazonSQS": "sqs", "AWSEvents": "events", "AmazonSSM": "ssm"}
# Headers that each connection sets for itself.
OF_A_CONNECTION = {"content-length", "transfer-encoding", "connection", "date", "server"}


class RoleProxy:
    """A proxy on a free port. `upstream` is the port of the stand-in."""

    # Decides about the calls that roles allow, in place of the proxy: see `chaos.director`.
    chaos = None

    def __init__(self, upstream):
        self.upstream = upstream
        # Kept over all modes of messaging: a function that does not change with the mode is not restarted, so it
        # reads its keys only once.
        self.used = set()
        self.reset()
        proxy = self

        class Keeper(Handler):
            caller = None

            def do_POST(self):
                proxy.handle(self)

        self.server = serve(Keeper)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def reset(self):
        """Forgets the requests and the refusals."""
        self.sent, self.denied, self.crashes, self.crashed, self.faults = [], [], {}, [], {}
        self.refusals = set()

    def close(self):
        self.server.shutdown()

    def crash(self, function, action):
        """Kills the function's process once, when the call is done and before the answer comes back. `action` is an action of a
        role, or the operation of the service: a transaction consists of the actions of its parts."""
        self.crashes[function] = action

    def fail(self, function, action):
        """Refuses the function's call once."""
        self.faults[function] = action

    @contextmanager
    def refusing(self, function, *actions):
        """Refuses these calls of the function, within a `with`."""
        refusals = {(function, action) for action in actions}
        self.refusals |= refusals
        try:
            yield
        finally:
            self.refusals -= refusals

    def handle(self, request):
        body = request.body()
        if request.caller is None:
            request.caller = process(request.client_address[1], self.server.server_port)
        if request.caller is None:  # the process was killed after the call
            request.close_connection = True
            return None
        pid, environment = request.caller
        function = environment["AWS_LAMBDA_FUNCTION_NAME"].removeprefix(f"acme-{environment['STAGE']}-")
        target = request.headers["x-amz-target"]
        asked = list(calls(target, json.loads(body), environment))
        self.sent.append((function, target, body.decode()))
        refused = [call for call in asked if not self.allows(function, environment, *call)]
        self.denied += [(function, *call) for call in refused]
        if self.faults.get(function) in {action for action, _, _ in asked}:
            refused = [self.faults.pop(function)]
        refused += [action for action, _, _ in asked if (function, action) in self.refusals]
        if refused:
            answer = {"__type": "AccessDeniedException", "message": f"{function} may not {refused}"}
            return request.answer(400, json.dumps(answer).encode(), [("content-type", "application/x-amz-json-1.0")])
        if self.chaos:
            return self.chaos(request, function, pid, target, body, lambda: self.forward(request, body))
        answer = self.forward(request, body)
        if self.crashes.get(function) in {action for action, _, _ in asked} | {target.split(".")[1]}:
            del self.crashes[function]
            self.crashed.append(function)
            os.kill(pid, signal.SIGKILL)
            request.close_connection = True
            return None
        return request.answer(*answer)

    def forward(self, request, body):
        """Makes the call, and returns the status, the content and the headers of the answer."""
        upstream = HTTPConnection("127.0.0.1", self.upstream, timeout=30)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host", "connection")}
        # The stand-in does not notice a closed connection, and keeps its end open for a long time.
        upstream.request("POST", request.path, body, headers | {"connection": "close"})
        answer = upstream.getresponse()
        content = answer.read()
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in OF_A_CONNECTION]
        return answer.status, content, headers

    def allows(self, function, environment, action, resource, context):
        """Whether a statement of the role covers the call. Notes which part of the statement was used."""
        for allowed in permissions(function, environment.get("MESSAGING", "sqs")):
            if (allowed[0], place(allowed[1])) != (action, resource):
                continue
            parts = conditions(allowed[2])
            if all(any(matches(value, pattern) for pattern in parts[key]) for key in parts for value in context[key]):
                self.used |= {
                    (function, action, resource, key, pattern)
                    for key, patterns in (parts or {"": [""]}).items()
                    for pattern in patterns
                    if not key or any(matches(value, pattern) for value in context[key])
                }
                return True
        return False

    def unused(self, function, messaging):
        """What a role allows and the function has never done."""
        allowed = {
            (function, action, place(resource), key, pattern)
            for action, resource, condition in permissions(function, messaging)
            if not BY_THE_SERVICES.match(action)
            for key, patterns in (conditions(condition) or {"": [""]}).items()
            for pattern in patterns
        }
        return sorted(allowed - self.used)


def process(port, server_port):
    """The process at the other end of a connection, and its environment. `None` if the process has ended."""
    ends = f":{port:04X} 0100007F:{server_port:04X} "
    row = next((row for row in Path("/proc/net/tcp").read_text().splitlines() if ends in row), None)
    return row and next((found for found in functions() if holds(found[0], f"socket:[{row.split()[9]}]")), None)


def functions():
    """The ids and environments of all processes that are functions, of any cloud."""
    for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))):
        if found := environment_of(pid):
            yield pid, found


def environment_of(pid):
    """The environment of a process, if the process is a function."""
    try:
        if os.path.basename(os.readlink(f"/proc/{pid}/exe")) != "bootstrap":
            return None
        pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
    except OSError:
        return None  # the process has ended
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def holds(pid, link):
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{file}") == link for file in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


def calls(target, body, environment):
    """What a request asks for, as a role says it: action, resource, and the values that conditions check."""
    prefix, operation = target.split(".")
    service = SERVICES[prefix.split("_")[0]]
    if service == "dynamodb":
        yield from table_calls(operation, body, environment)
    elif service == "sqs":
        yield "sqs:SendMessage", body["QueueUrl"].rsplit("/", 1)[1].removeprefix(f"acme-{environment['STAGE']}-"), {}
    elif service == "events":
        for entry in body["Entries"]:
            context = {"events:detail-type": [entry["DetailType"]], "events:source": [entry["Source"]]}
            yield f"events:{operation}", "Bus", context
    else:
        yield f"ssm:{operation}", body["Name"].replace(f"/{environment['STAGE']}/", "/dev/"), {}


def table_calls(operation, body, environment):
    def call(action, table, *keys):
        assert table == environment["TABLE_NAME"], table
        where = f"Table/index/{body['IndexName']}" if "IndexName" in body else "Table"
        return f"dynamodb:{action}", where, {"dynamodb:LeadingKeys": keys}

    if operation == "TransactWriteItems":
        for item in body["TransactItems"]:
            ((kind, part),) = item.items()
            yield call(f"{kind}Item", part["TableName"], part.get("Item", part.get("Key"))["PK"]["S"])
    elif operation == "BatchGetItem":
        for table, request in body["RequestItems"].items():
            yield call(operation, table, *(key["PK"]["S"] for key in request["Keys"]))
    elif operation == "Query":
        value = re.match(r"\s*\(?\s*[#\w]+\s*=\s*(:\w+)", body["KeyConditionExpression"])[1]
        yield call(operation, body["TableName"], body["ExpressionAttributeValues"][value]["S"])
    else:
        yield call(operation, body["TableName"], body.get("Item", body.get("Key"))["PK"]["S"])


def place(resource):
    """The resource of a role in the form of `calls`."""
    if "Queue.Arn" in resource or "DeadLetters.Arn" in resource:
        name = re.sub(r"(?<!^)([A-Z])", r"-\1", resource.removesuffix(".Arn")).lower()
        return name.removesuffix("-queue").replace("-dead-letters", "-dead")
    return resource.replace(".Arn", "").replace("arn:aws:ssm:us-east-1:123456789012:parameter", "")


def conditions(text):
    """A condition in the form of the tables: the keys that it checks, and the patterns that they may match."""
    parts = (part.split(" ") for part in text.split("; ") if part)
    return {key: patterns for _, key, *patterns in parts}


def matches(value, pattern):
    return value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern
