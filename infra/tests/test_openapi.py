"""openapi.json describes the routes that are deployed, and its examples are what it says."""

import copy
import json

import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from shop import PUBLIC, ROUTES
from template import INFRA

API = json.loads((INFRA / "openapi.json").read_text())
METHODS = {"get", "post", "delete", "put", "patch", "head", "options"}


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield path, method, operation


def check_routes(document):
    found = [(operation["x-function"], method, path) for path, method, operation in operations(document)]
    assert sorted(found) == sorted(ROUTES)


def check_operations(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, method, operation in operations(document):
        answers = set(operation["responses"])
        public = operation["x-function"] in PUBLIC
        assert operation["security"] == ([] if public else [{"token": []}]), path
        assert {"429", "500", "503"} <= answers, path
        assert public or {"401", "403"} <= answers, path
        named = [document["components"]["parameters"][p["$ref"].rsplit("/", 1)[1]] for p in operation.get("parameters", [])]
        assert [f"{{{p['name']}}}" for p in named if p["in"] == "path"] == [
            part for part in path.split("/") if part.startswith("{")
        ], path
        assert ("requestBody" in operation) == (method == "post"), path
        assert method != "post" or {"400", "413"} <= answers, path
        good = [code for code in answers if code.startswith("2")]
        assert good == (["201"] if operation["x-function"] in ("catalog-add", "user-register") else ["200"]), path


def check_examples(document):
    """Every example that is there is of its schema; every body has one."""
    registry = Registry().with_resource("urn:api", Resource(contents=document, specification=DRAFT202012))

    def content(where, media):
        schema = json.loads(json.dumps(media["schema"]).replace('"#/', '"urn:api#/'))
        faults = list(OAS30Validator(schema, registry=registry).iter_errors(media["example"]))
        assert not faults, (where, faults[0].message)

    for path, method, operation in operations(document):
        if "requestBody" in operation:
            content((method, path), operation["requestBody"]["content"]["application/json"])
        for code, answer in operation["responses"].items():
            for media in answer.get("content", {}).values():
                content((method, path, code), media)
    for name, answer in document["components"]["responses"].items():
        content(name, answer["content"]["application/json"])


def test_is_valid():
    validate(API)


@pytest.mark.parametrize("check", [check_routes, check_operations, check_examples])
def test_holds(check):
    check(API)


def spoiled(*path, value=None):
    document = copy.deepcopy(API)
    place = document
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    "check, document",
    [
        (check_routes, spoiled("paths", "/product")),
        (check_routes, spoiled("paths", "/users", "get", "x-function", value="user-get")),
        (check_routes, spoiled("paths", "/users", "put", value=API["paths"]["/users"]["get"])),
        (check_operations, spoiled("paths", "/users", "get", "security", value=[])),
        (check_operations, spoiled("paths", "/users/{id}", "get", "responses", "403")),
        (check_operations, spoiled("paths", "/order/{userid}", "get", "parameters")),
        (check_examples, spoiled("components", "responses", "NotFound", "content", "application/json", "example", "status", value="404")),
        (check_examples, spoiled("paths", "/users", "get", "responses", "200", "content", "application/json", "example", "data", 0, "email")),
        (check_examples, spoiled("components", "schemas", "Product", "properties", "price", "type", value="string")),
    ],
)
def test_finds(check, document):
    with pytest.raises((AssertionError, KeyError)):
        check(document)


def test_is_refused_when_spoiled():
    with pytest.raises(Exception):
        validate(spoiled("info"))
