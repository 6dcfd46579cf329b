"""The names of functions, queues and rules for the alarms and the dashboard."""

import json
import textwrap

from .blocks import block


def monitoring(shop):
    """The values of the marks in infra/base/monitoring.yaml."""
    consumers = [consumer.name for consumer in shop.consumers()]
    return {
        "functions": names(shop.functions),
        "routed": names(function.name for function in shop.routed()),
        "unrouted": names(name for name, function in shop.functions.items() if not function.routes),
        "consumers": names(consumers),
        "rules": names(rule.name for consumer in shop.consumers() for rule in shop.rules(consumer)),
        "missing": [line for function in shop.scheduled() for line in missing(function)],
        "waiting": metrics("ApproximateNumberOfMessagesVisible", consumers),
        "oldest": metrics("ApproximateAgeOfOldestMessage", consumers),
        "dead": metrics("ApproximateNumberOfMessagesVisible", [f"{name}-dead" for name in consumers]),
    }


def names(values):
    """A YAML list. A long list gets its own lines."""
    text = ", ".join(values)
    if len(text) < 80:
        return f"[{text}]"
    indent = " " * 8
    lines = textwrap.wrap(text, 110, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(["[", *lines, "      ]"])


def missing(function):
    """The alarm of a function that does not run on schedule. Its id has always left out the domain."""
    last = function.id.removeprefix(function.name.partition("-")[0].capitalize())
    period = str(300 * function.every_minutes)  # five runs, so one late run does not raise the alarm
    return block("missing.yaml", id=last, name=function.name, description=json.dumps(function.missing), period=period)


def metrics(metric, queues):
    return ",".join(f'["AWS/SQS","{metric}","QueueName","acme-${{Stage}}-{queue}",{{"stat":"Maximum"}}]' for queue in queues)
