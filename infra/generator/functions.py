"""The functions of the template, each with its role and its log group."""

import re

from .blocks import block
from .roles import statements


def functions(shop):
    return [line for function in shop.functions.values() for line in one(shop, function)]


def one(shop, function):
    return block(
        "function.yaml",
        id=function.id,
        name=function.name,
        title=title(function),
        waits=waits(shop, function),
        limits=limits(function),
        variables=variables(shop, function),
        events=events(function),
        statements=statements(shop, function),
    )


def title(function):
    """What starts the function, and what it publishes."""
    if function.routes:
        return ", ".join(function.routes)
    cause = f"every {rate(function)}" if function.every_minutes else ", ".join(function.consumes)
    return f"{cause} -> {', '.join(function.publishes)}" if function.publishes else cause


def rate(function):
    """How often the function runs, in EventBridge's form."""
    return "1 minute" if function.every_minutes == 1 else f"{function.every_minutes} minutes"


def waits(shop, function):
    """A publisher depends on all rules and queue policies, because the bus does not retry an event that it may not deliver."""
    consumers = [consumer for consumer in shop.consumers() if shop.rules(consumer)] if function.publishes else []
    rules = [rule.id for consumer in consumers for rule in shop.rules(consumer)]
    policies = [f"{consumer.id}QueuePolicy" for consumer in consumers]
    return [f"DependsOn: [{', '.join(rules + policies)}]"] if consumers else []


def limits(function):
    lines = []
    if function.memory:
        lines.append(f"MemorySize: {function.memory}")
    if function.seconds != 10:  # the template's default
        lines.append(f"Timeout: {function.seconds}")
    if function.concurrency:
        lines.append(f"ReservedConcurrentExecutions: !If [Reserve, {function.concurrency}, !Ref AWS::NoValue]")
    return lines


def variables(shop, function):
    """The environment variables of the function, without those that all functions have."""
    lines = []
    if function.routes:
        lines += ["AUTH_MODE: !Ref AuthMode", 'AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH: "true"']
    if function.table:
        lines.append("TABLE_NAME: !Ref Table")
    for parameter in function.reads:
        name = parameter.replace("/", "_").replace("-", "_").upper()
        lines.append(f"{name}_PARAMETER: !Sub /acme/${{Stage}}/{parameter}")
    if function.publishes:
        lines.append("MESSAGING: !Ref Messaging")
        lines += [line for key in function.publishes for line in queue_urls(shop, shop.events[key])]
    if shop.on_bus(function):
        lines.append("EVENT_BUS_NAME: !If [EventBridge, !Ref Bus, !Ref AWS::NoValue]")
    if function.consumes:
        lines.append(f"DEAD_LETTER_QUEUE_URL: !Ref {function.id}DeadLetters")
    lines += [f"{name}: !Ref {parameter}" for name, parameter in function.variables.items()]
    return ["Environment:", "  Variables:"] + ["    " + line for line in lines] if lines else []


def queue_urls(shop, event):
    """The variable with the queues of all consumers of an event. With a bus, only a delayed event needs this variable."""
    ids = [consumer.id for consumer in shop.consumers(event.key)]
    if not ids:
        return []
    urls = f"!Ref {ids[0]}Queue" if len(ids) == 1 else f'!Sub "{",".join(f"${{{id}Queue}}" for id in ids)}"'
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", event.type).upper() + "_QUEUE_URLS"
    return [f"{name}: {urls}" if event.delayed else f"{name}: !If [Sqs, {urls}, !Ref AWS::NoValue]"]


def events(function):
    """What starts the function."""
    if function.consumes:
        return block("queue-event.yaml", id=function.id, scaling=scaling(function))
    if function.every_minutes:
        name = "".join(word.capitalize() for word in f"every {rate(function)}".replace(" 1 ", " ").split())
        return block("schedule-event.yaml", event=name, rate=rate(function))
    return ["Events:"] + [f"  {name}: {api_event(route)}" for name, route in named(function.routes)]


def scaling(function):
    if not function.concurrency:
        return []
    why = "# The poller needs the same limit. A message that the function's limit refuses counts as received, and ends as a dead letter."
    return [why, f"ScalingConfig: {{MaximumConcurrency: {function.concurrency}}}"]


def named(routes):
    """Pairs of an event's name and a route. The name is the method. If two routes have the same method, it is method and path."""
    methods = [route.split()[0] for route in routes]
    for route, method in zip(routes, methods):
        words = route.replace("{", "").replace("}", "").replace("/", " ").replace("-", " ").split()
        yield "".join(word.capitalize() for word in (words if methods.count(method) > 1 else [method])), route


def api_event(route):
    method, path = route.split()
    return f'{{Type: Api, Properties: {{RestApiId: !Ref Api, Method: {method.lower()}, Path: "{path}"}}}}'
