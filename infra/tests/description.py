"""Checks answers against openapi.json, as the tests' client of acme-http does."""

import json
from functools import cache

from openapi_schema_validator import OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from template import INFRA

API = json.loads((INFRA / "openapi.json").read_text())
METHODS = {"get", "post", "delete", "put", "patch", "head", "options"}
# The headers that the shop itself sets.
HEADERS = ("link", "retry-after", "idempotent-replayed")
ERROR = {"$ref": "#/components/schemas/Error"}


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield path, method, operation


def resolved(document, response):
    """A response, or the shared one that it refers to."""
    name = response.get("$ref", "").rpartition("/")[2]
    return document["components"]["responses"][name] if name else response


def validator(schema, document):
    """Makes the validator of a schema. The schema may refer to the document's schemas by name."""
    registry = Registry().with_resource("urn:api", Resource(contents=document, specification=DRAFT202012))
    return OAS31Validator(json.loads(json.dumps(schema).replace('"#/', '"urn:api#/')), registry=registry)


@cache
def known(schema):
    return validator(json.loads(schema), API)


def fits(template, path):
    parts = list(zip(template.split("/"), path.split("/")))
    return template.count("/") == path.count("/") and all(part if shape.startswith("{") else shape == part for shape, part in parts)


def fault(method, path, answer):
    """The part of an answer of `requests` that is not described, or nothing. A route without a description must be refused."""
    path, method = path.split("?")[0].rstrip("/") or "/", method.lower()
    templates = sorted((template for template in API["paths"] if fits(template, path)), key=lambda template: template.count("{"))
    operation = API["paths"][templates[0]].get(method) if templates else None
    if operation is None:
        return body_fault(ERROR, answer) if answer.status_code in (404, 405) else "the route is not described"
    response = operation["responses"].get(str(answer.status_code))
    if response is None:
        return f"the status {answer.status_code} is not described"
    response = resolved(API, response)
    headers = {name.lower() for name in response.get("headers", {})}
    for name in HEADERS:
        if name in answer.headers and name not in headers:
            return f"the header {name} of a {answer.status_code} is not described"
    if "content" not in response:
        return "the answer has a body, and none is described" if answer.content else None
    kind = answer.headers.get("content-type", "").split(";")[0]
    if kind not in response["content"]:
        return f"the content type {kind!r} of a {answer.status_code} is not described"
    return body_fault(response["content"][kind]["schema"], answer) if kind == "application/json" else None


def body_fault(schema, answer):
    try:
        body = answer.json()
    except ValueError as error:
        return f"the body is no JSON: {error}"
    faults = known(json.dumps(schema)).iter_errors(body)
    return "; ".join(f"{fault.message} at {fault.json_path}" for fault in faults) or None
