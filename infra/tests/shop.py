"""What the list of functions asks for. The code here does not use the generator. The tests compare the template and the
calls of the deployed functions with it."""

import re
import tomllib
from pathlib import Path

LIST = Path(__file__).resolve().parents[2] / "functions/functions.toml"
ROWS = tomllib.loads(LIST.read_text())

# The rows of all functions by name, and the names of each kind.
FUNCTIONS = ROWS["function"]
HTTP = [name for name, row in FUNCTIONS.items() if "routes" in row]
CONSUMERS = [name for name, row in FUNCTIONS.items() if "consumes" in row]
SCHEDULED = [name for name, row in FUNCTIONS.items() if "every_minutes" in row]


def lower(route):
    """The method of a route, in small letters as in an API's description, and its path."""
    method, path = route.split()
    return method.lower(), path


# The routes, as function, method and path. The functions whose callers need no token.
ROUTES = [(name, *lower(route)) for name in HTTP for route in FUNCTIONS[name]["routes"]]
PUBLIC = {name for name in HTTP if FUNCTIONS[name]["callers"] == "public"}

# The events that go to the bus, and the events that do not. The functions that publish.
EVENTS = {key: event for key, event in ROWS["event"].items() if not event.get("delayed")}
DELAYED = set(ROWS["event"]) - set(EVENTS)
PUBLISHERS = [name for name, row in FUNCTIONS.items() if "publishes" in row]


def pascal(name):
    """A function's name in the form of its resources."""
    return "".join(part.capitalize() for part in name.split("-"))


def variable(name):
    """A name in the form of variables."""
    return name.upper().replace("-", "_").replace("/", "_")


def queue_urls(event):
    """The variable with the queues of an event's consumers, and its value."""
    words = re.findall("[A-Z][a-z]+", ROWS["event"][event].get("names", [event])[0])
    return "_".join(words).upper() + "_QUEUE_URLS", ",".join(f"{pascal(to)}Queue" for to in consumers(event))


def consumers(*events):
    """The functions that get one of these events."""
    return [name for name in CONSUMERS if set(events) & set(FUNCTIONS[name]["consumes"])]


def published(function):
    """The events that a function publishes: those that go to the bus if it is used, and those that go to queues in both modes."""
    keys = FUNCTIONS[function].get("publishes", [])
    return [key for key in keys if key in EVENTS], [key for key in keys if key in DELAYED]


def parameters(function):
    """The parameters that a function reads from Parameter Store. A function that checks tokens also reads the keys for them."""
    row = FUNCTIONS[function]
    return set(row.get("parameters", [])) | ({"jwt/public-keys"} if row.get("callers") in ("user", "staff") else set())


def timeout(function):
    """How long a function may take, in seconds."""
    return FUNCTIONS[function].get("timeout", 30 if function in CONSUMERS else 10)


def environment(function, messaging):
    """The variables that a function's binary reads. The id of a resource stands for the value of a reference to it."""
    row = FUNCTIONS[function]
    variables = {"STAGE": "dev", "VERSION": "0123abc", "SENTRY_DSN": "/Sentry/Dsn"}
    if function in HTTP:
        variables |= {"AUTH_MODE": "1", "AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH": "true"}
    if "table" in row:
        variables["TABLE_NAME"] = "Table"
    variables |= {f"{variable(name)}_PARAMETER": f"/acme/dev/{name}" for name in parameters(function)}
    if "publishes" in row:
        by_bus, by_queue = published(function)
        variables["MESSAGING"] = messaging
        if messaging == "eventbridge":
            variables |= {"EVENT_BUS_NAME": "Bus"} if by_bus else {}
        else:
            by_queue = by_queue + by_bus
        variables |= dict(map(queue_urls, by_queue))
    if function in CONSUMERS:
        variables["DEAD_LETTER_QUEUE_URL"] = f"{pascal(function)}DeadLetters"
    return variables | {name: DEFAULTS[parameter] for name, parameter in row.get("variables", {}).items()}


# The defaults of the template's parameters.
DEFAULTS = {"DeliverySeconds": "5-119", "SentryCaptureSuccess": "1", "SweepAfterSeconds": "300"}


def permissions(function, messaging):
    """What a function's role allows, as (action, resource, condition)."""
    row = FUNCTIONS[function]
    allowed = {
        ("xray:PutTraceSegments", "*", ""),
        ("xray:PutTelemetryRecords", "*", ""),
        ("logs:CreateLogStream", f"{pascal(function)}Logs.Arn", ""),
        ("logs:PutLogEvents", f"{pascal(function)}Logs.Arn", ""),
    }
    for access in row.get("table", []):
        resource = f"Table.Arn/index/{access['index']}" if "index" in access else "Table.Arn"
        keys = "ForAllValues:StringLike dynamodb:LeadingKeys " + " ".join(sorted(f"{key}*" for key in access["keys"]))
        allowed |= {(f"dynamodb:{action}", resource, keys) for action in access["do"]}
    for name in parameters(function):
        allowed.add(("ssm:GetParameter", f"arn:aws:ssm:us-east-1:123456789012:parameter/acme/dev/{name}", ""))
    if function in CONSUMERS:
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            allowed.add((f"sqs:{action}", f"{pascal(function)}Queue.Arn", ""))
        allowed.add(("sqs:SendMessage", f"{pascal(function)}DeadLetters.Arn", ""))
    by_bus, by_queue = published(function)
    if by_bus and messaging == "eventbridge":
        types = "StringEquals events:detail-type " + " ".join(sorted(EVENTS[key]["names"][0] for key in by_bus))
        sources = "StringEquals events:source " + " ".join(sorted({EVENTS[key]["source"] for key in by_bus}))
        allowed.add(("events:PutEvents", "Bus.Arn", f"{types}; {sources}"))
    else:
        by_queue = by_queue + by_bus
    return allowed | {("sqs:SendMessage", f"{pascal(to)}Queue.Arn", "") for to in consumers(*by_queue)}
