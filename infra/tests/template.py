"""Reads a template as CloudFormation does: SAM translates it, its conditions are decided, and its references are filled in."""

import copy
import functools
import json
import os
import re
from pathlib import Path

from awscli.customizations.cloudformation.yamlhelper import yaml_parse

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
from samtranslator.translator.transform import transform  # noqa: E402  (the import needs the region)

INFRA = Path(__file__).resolve().parent.parent
SHOP = (INFRA / "template.yaml").read_text()
MONITORING = (INFRA / "monitoring.yaml").read_text()

PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "acme-dev",
}
NOTHING = object()


class NoPolicies:
    """SAM needs a source of the managed policies' names. The template uses none of them."""

    def load(self):
        return {}


def parse(text):
    """Parses the text of a template as packaging does: each use of an anchor becomes its own copy."""
    return json.loads(json.dumps(yaml_parse(text)))


@functools.lru_cache
def translate(text):
    """The plain CloudFormation template that SAM makes of a packaged template."""
    body = parse(text)
    for resource in body["Resources"].values():
        if "CodeUri" in resource["Properties"]:
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    return transform(body, {}, NoPolicies())


class Stack:
    """The resources of a template with given parameters. A reference to a resource becomes its logical id, an attribute
    becomes `Id.Attribute`."""

    def __init__(self, text, **parameters):
        body = copy.deepcopy(translate(text)) if "AWS::Serverless" in text else each(parse(text))
        self.names = set(body["Resources"])
        self.values = PSEUDO | {
            name: str(parameters.get(name, definition.get("Default", "")))
            for name, definition in body["Parameters"].items()
        }
        self.conditions = body.get("Conditions", {})
        self.resources = {
            name: self.resolve(resource)
            for name, resource in body["Resources"].items()
            if self.holds(resource.get("Condition"))
        }
        self.outputs = self.resolve(body.get("Outputs", {}))

    def of(self, kind):
        """The properties of all resources of a type, by logical id."""
        return {n: r.get("Properties", {}) for n, r in self.resources.items() if r["Type"] == kind}

    def holds(self, condition):
        return condition is None or self.resolve(self.conditions[condition])

    def reference(self, name):
        if name == "AWS::NoValue":
            return NOTHING
        assert name in self.values or name in self.names, f"{name} is neither a parameter nor a resource"
        return self.values.get(name, name)

    def resolve(self, value):
        if isinstance(value, list):
            return [v for v in map(self.resolve, value) if v is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), *_ = value.items()
            if function == "Ref":
                return self.reference(argument)
            if function == "Condition" and isinstance(argument, str):
                return self.holds(argument)
            if function == "Fn::If":
                return self.resolve(argument[1 if self.holds(argument[0]) else 2])
            if function == "Fn::Equals":
                left, right = self.resolve(argument)
                return str(left) == str(right)
            if function == "Fn::Not":
                return not self.resolve(argument)[0]
            if function == "Fn::GetAtt":
                parts = argument if isinstance(argument, list) else argument.split(".", 1)
                assert parts[0] in self.names, f"{parts[0]} is no resource"
                return ".".join(parts)
            if function == "Fn::Sub":
                text, extra = argument if isinstance(argument, list) else (argument, {})
                extra = self.resolve(extra)
                return re.sub(r"\$\{([^}!]+)\}", lambda m: self.fill(m[1], extra), text)
            assert not function.startswith("Fn::"), f"{function} is unknown here"
        resolved = {k: self.resolve(v) for k, v in value.items()}
        return {k: v for k, v in resolved.items() if v is not NOTHING}

    def fill(self, name, extra):
        if name in extra:
            return str(extra[name])
        return name if "." in name else str(self.reference(name))


def each(body):
    """Writes out a template's loops."""
    resources = {}
    for key, value in body["Resources"].items():
        if not key.startswith("Fn::ForEach::"):
            resources[key] = value
            continue
        variable, items, fragment = value
        for item in items:
            plain = re.sub(r"[^A-Za-z0-9]", "", item)
            for name, resource in fragment.items():
                name = name.replace(f"&{{{variable}}}", plain)
                assert name not in resources, f"{name} is there twice"
                resources[name] = json.loads(json.dumps(resource).replace(f"${{{variable}}}", item))
    return body | {"Resources": resources}


def stack(text=SHOP, messaging="sqs", **parameters):
    return Stack(text, Messaging=messaging, Version="0123abc", **parameters)


def spoil(text, old, new, count=1):
    """A copy of the text with a fault in it."""
    assert old in text, f"there is no {old!r} to spoil"
    return text.replace(old, new, count)
