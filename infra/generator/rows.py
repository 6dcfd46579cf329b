"""The list of functions as objects."""

import re
from dataclasses import dataclass, field


@dataclass
class Event:
    """An event that functions publish and consume."""

    key: str
    names: list = field(default_factory=list)
    source: str = ""
    delayed: bool = False

    @property
    def type(self):
        """The type that the shop writes."""
        return self.names[0] if self.names else self.key


@dataclass
class Access:
    """The actions of a function on the items under some leading keys, in the table or in one of its indexes."""

    do: list
    keys: list
    index: str = ""


@dataclass
class Rule:
    """A rule of the bus. It sends the events of one source to one consumer."""

    id: str
    name: str
    source: str
    types: list


@dataclass
class Function:
    """A function. An empty field does not apply to it."""

    name: str
    routes: list = field(default_factory=list)
    callers: str = ""
    consumes: list = field(default_factory=list)
    every_minutes: int = 0
    missing: str = ""
    table: list = field(default_factory=list)
    publishes: list = field(default_factory=list)
    parameters: list = field(default_factory=list)
    variables: dict = field(default_factory=dict)
    memory: int = 0
    timeout: int = 0
    concurrency: int = 0
    rate: str = ""

    @property
    def id(self):
        """The start of the logical ids of the function's resources."""
        return pascal(self.name)

    @property
    def seconds(self):
        """The function's timeout, in seconds."""
        return self.timeout or (30 if self.consumes else 10)

    @property
    def reads(self):
        """The parameters that the function reads, including the keys for tokens."""
        tokens = ["jwt/public-keys"] if self.callers in ("user", "staff") else []
        return tokens + [parameter for parameter in self.parameters if parameter not in tokens]


@dataclass
class Shop:
    """All rows: events by key, functions by name, in the order of the list."""

    events: dict
    functions: dict

    def routed(self):
        return [function for function in self.functions.values() if function.routes]

    def consumers(self, event=None):
        """The functions that consume this event, or any event if none is given."""
        return [f for f in self.functions.values() if (event in f.consumes if event else f.consumes)]

    def scheduled(self):
        return [function for function in self.functions.values() if function.every_minutes]

    def rules(self, function):
        """A consumer's rules on the bus: one for each source of its events."""
        by_source = {}
        for event in (self.events[key] for key in function.consumes):
            if not event.delayed:
                by_source.setdefault(event.source, []).extend(event.names)
        rules = []
        for source, names in by_source.items():
            more = source.rpartition(".")[2] if rules else ""
            rules.append(Rule(f"{function.id}{pascal(more)}Rule", f"{function.name}-{more}".rstrip("-"), source, names))
        return rules

    def queues(self, function, delayed):
        """The consumers of a function's events: of the delayed events, or of the other events."""
        events = [key for key in function.publishes if self.events[key].delayed == delayed]
        return list({consumer.name: consumer for key in events for consumer in self.consumers(key)}.values())

    def on_bus(self, function):
        """The events that a function publishes to the bus."""
        return [self.events[key] for key in function.publishes if not self.events[key].delayed]


def pascal(name):
    """A name in the form of logical ids."""
    return "".join(part.capitalize() for part in re.split("[-.]", name))
