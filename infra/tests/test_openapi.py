"""openapi.json describes the deployed routes, and its examples fit their schemas."""

import copy

import pytest
from openapi_spec_validator import validate

from description import API, operations, resolved, validator
from shop import PUBLIC, ROUTES


def check_routes(document):
    found = [(operation["x-function"], method, path) for path, method, operation in operations(document) if "x-function" in operation]
    assert sorted(found) == sorted(ROUTES)
    for path, _, operation in operations(document):
        # Only the local shop serves a route without a function. The local shop is the first server.
        assert operation.get("servers") == (None if "x-function" in operation else document["servers"][:1]), path


def check_operations(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, method, operation in operations(document):
        answers = set(operation["responses"])
        public = operation["x-function"] in PUBLIC if "x-function" in operation else operation["x-who"] == "anyone"
        assert operation["security"] == ([] if public else [{"token": []}]), path
        assert {"429", "500", "503"} <= answers, path
        assert public or {"401", "403"} <= answers, path
        assert [f"{{{p['name']}}}" for p in operation.get("parameters", []) if p["in"] == "path"] == [
            part for part in path.split("/") if part.startswith("{")
        ], path
        assert ("requestBody" in operation) == (method == "post"), path
        assert method != "post" or {"400", "413"} <= answers, path
        good = [code for code in answers if code.startswith("2")]
        assert good == (["201"] if operation.get("x-function") in ("catalog-add", "user-register") else ["200"]), path


def check_examples(document):
    """Every example fits its schema, and every body has an example."""

    def content(where, media):
        faults = list(validator(media["schema"], document).iter_errors(media["example"]))
        assert not faults, (where, faults[0].message)

    for path, method, operation in operations(document):
        if "requestBody" in operation:
            content((method, path), operation["requestBody"]["content"]["application/json"])
        for code, answer in operation["responses"].items():
            for media in resolved(document, answer).get("content", {}).values():
                content((method, path, code), media)


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
        (check_routes, spoiled("paths", "/pay", "post", "servers")),
        (check_operations, spoiled("paths", "/users", "get", "security", value=[])),
        (check_operations, spoiled("paths", "/users/{id}", "get", "responses", "403")),
        (check_operations, spoiled("paths", "/pay", "post", "security", value=[])),
        (check_operations, spoiled("paths", "/order/{userid}", "get", "parameters")),
        (check_examples, spoiled("components", "responses", "BadRequest", "content", "application/json", "example", "status", value="404")),
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
