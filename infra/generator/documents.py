"""The tables of functions and events for people to read."""

HEAD = """\
<!-- Made by `make generate` from functions/functions.toml: change that. -->
# Functions and events

Each function is a folder under `functions/` and a Lambda function `acme-<stage>-<name>`. What each may do is all that its
role allows.
"""


def documents(shop):
    lines = HEAD.splitlines()
    head = ["function", "route", "who may call", "table", "publishes", "reads"]
    lines += table("Routes", head, [routed(f) for f in shop.routed()])
    head = ["function", "runs on", "table", "publishes", "reads"]
    lines += table("Consumers and schedules", head, [caused(f) for f in shop.functions.values() if not f.routes])
    head = ["event", "names that are accepted", "source", "published by", "consumed by"]
    lines += table("Events", head, [event(shop, e) for e in shop.events.values()])
    return lines


def routed(function):
    callers = {"public": "anybody", "user": "the user in the path, and staff", "staff": "staff"}
    return [f"`{function.name}`", code(function.routes), callers[function.callers], *calls(function)]


def caused(function):
    every = f"every {function.every_minutes} min" if function.every_minutes else code(function.consumes)
    return [f"`{function.name}`", every, *calls(function)]


def calls(function):
    accesses = [f"{', '.join(a.do)} of {code(a.keys)}{f' by `{a.index}`' if a.index else ''}" for a in function.table]
    return ["; ".join(accesses), code(function.publishes), code(function.reads)]


def event(shop, event):
    publishers = [f.name for f in shop.functions.values() if event.key in f.publishes]
    names, source = (code(event.names or [event.type]), f"`{event.source}`" if event.source else "by queue only, delayed")
    return [f"`{event.key}`", names, source, code(publishers), code(f.name for f in shop.consumers(event.key))]


def code(values):
    return ", ".join(f"`{value}`" for value in values)


def table(title, head, rows):
    lines = ["", f"## {title}", ""]
    return lines + [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]
