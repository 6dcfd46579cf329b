"""Reads functions/functions.toml. An error names the wrong field."""

import re
import tomllib

from .rows import Access, Event, Function, Shop

CALLERS = ("public", "user", "staff")
ACTIONS = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "BatchGetItem")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# A REST API waits for 29 seconds. A queue's visibility timeout is six times this, and twelve hours at most.
LONGEST = {"routes": 29, "consumes": 900, "every_minutes": 900}


class BadRow(Exception):
    """Says what is wrong in the list, and where."""


def read(text):
    """Reads the rows of a list from its text."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRow(str(error)) from None
    require(set(given) <= {"event", "function"}, "the list", f"expected [event.NAME] and [function.name] only, not {sorted(given)}")
    events = {key: made(Event, f"event.{key}", row, key=key) for key, row in given.get("event", {}).items()}
    functions = {name: made(Function, f"function.{name}", row, name=name) for name, row in given.get("function", {}).items()}
    for event in events.values():
        check_event(event)
    for function in functions.values():
        where = f"function.{function.name}"
        function.table = [made(Access, f"{where}.table", row) for row in function.table]
        check_function(where, function, events)
    once("a name of an event", [name for event in events.values() for name in event.names])
    once("a route", [route for function in functions.values() for route in function.routes])
    return Shop(events, functions)


def made(kind, where, row, **known):
    """Makes an object of a row. Each field must have the type that the object's class names."""
    fields = kind.__dataclass_fields__
    require(isinstance(row, dict), where, "expected a table")
    for name, value in row.items():
        require(name in fields and name not in known, f"{where}.{name}", "unknown field")
        require(type(value) is fields[name].type, f"{where}.{name}", f"expected {fields[name].type.__name__}")
        if fields[name].type is list and name != "table":
            require(value and all(isinstance(part, str) for part in value), f"{where}.{name}", "expected texts")
    missing = {n for n, f in fields.items() if f.default is f.default_factory} - set(row) - set(known)
    require(not missing, where, f"expected {', '.join(sorted(missing))} as well")
    return kind(**known, **row)


def check_event(event):
    where = f"event.{event.key}"
    require(event.delayed != bool(event.names), f"{where}.names", "expected either names or delayed = true")
    require(event.delayed != bool(event.source), f"{where}.source", "expected a source, unless it is delayed")
    for name in event.names:
        require(re.fullmatch("[A-Za-z]+", name), f"{where}.names", f"{name!r}: expected letters")
    require(re.fullmatch("[a-z.]*", event.source), f"{where}.source", f"{event.source!r}: expected such as acme.order")


def check_function(where, function, events):
    require(re.fullmatch("[a-z][a-z0-9]*(-[a-z0-9]+)*", function.name), where, "expected lower-case words with hyphens")
    kinds = [kind for kind in LONGEST if getattr(function, kind)]
    require(len(kinds) == 1, where, "expected one of routes, consumes and every_minutes")
    longest = LONGEST[kinds[0]]
    require(0 <= function.timeout <= longest, f"{where}.timeout", f"expected at most {longest} seconds")
    require(function.memory == 0 or 128 <= function.memory <= 10240, f"{where}.memory", "expected 128 to 10240 MB")
    require(bool(function.routes) == bool(function.callers), f"{where}.callers", "expected with routes, and only there")
    require(function.callers in ("", *CALLERS), f"{where}.callers", f"expected one of {', '.join(CALLERS)}")
    require(function.routes or not function.rate, f"{where}.rate", "expected with routes only")
    for route in function.routes:
        good = re.fullmatch(rf"({'|'.join(METHODS)}) (/[a-z-]+|/{{[a-z]+}})+", route)
        require(good, f"{where}.routes", f"{route!r}: expected a method and a path without a trailing slash")
    for name in ("consumes", "publishes"):
        for event in getattr(function, name):
            require(event in events, f"{where}.{name}", f"there is no event {event}")
    # The limit of a poller must be at least two.
    least = 2 if function.consumes else 0
    require(function.concurrency == 0 or function.concurrency >= least, f"{where}.concurrency", f"expected at least {least}")
    require(0 <= function.every_minutes <= 60, f"{where}.every_minutes", "expected 1 to 60")
    require(bool(function.every_minutes) == bool(function.missing), f"{where}.missing", "expected with every_minutes, and only there")
    if function.every_minutes:
        require(function.timeout < 60 * function.every_minutes, f"{where}.timeout", "expected less than the time to the next run")
    for access in function.table:
        for action in access.do:
            require(action in ACTIONS, f"{where}.table.do", f"{action}: expected one of {', '.join(ACTIONS)}")
        for key in access.keys:
            require(re.fullmatch("[A-Z]+#", key), f"{where}.table.keys", f"{key!r}: expected a prefix such as CART#")
        require(re.fullmatch("[a-z-]*", access.index), f"{where}.table.index", f"{access.index!r}: expected an index of the table")
    for parameter in function.parameters:
        require(re.fullmatch("[a-z-]+(/[a-z-]+)*", parameter), f"{where}.parameters", f"{parameter!r}: expected such as card/public-key")
    for name, parameter in function.variables.items():
        require(re.fullmatch("[A-Z][A-Z_]*", name), f"{where}.variables", f"{name!r}: expected capital letters")
        require_parameter(f"{where}.variables.{name}", parameter)
    if function.rate:
        require_parameter(f"{where}.rate", function.rate)


def require_parameter(where, name):
    good = isinstance(name, str) and re.fullmatch("[A-Za-z]+", name)
    require(good, where, "expected the name of a parameter of the template")


def once(what, values):
    for value in values:
        require(values.count(value) == 1, value, f"{what} stands in the list twice")


def require(holds, where, fault):
    if not holds:
        raise BadRow(f"{where}: {fault}")
