"""The check of answers finds everything that is not described, and nothing else."""

import json

import pytest
from requests import Response

from description import fault

TOTAL = {"carttotal": 59.98, "userid": "dan"}


def error(status):
    return {"message": "m", "status": status, "requestId": "r"}


def answer(status, body, headers):
    made = Response()
    made.status_code, made._content = status, b"" if body is None else json.dumps(body).encode()
    made.headers.update({} if body is None else {"content-type": "application/json"})
    made.headers.update({name: "1" for name in headers})
    return made


@pytest.mark.parametrize(
    "method, path, status, body, headers",
    [
        ("get", "/cart/total/dan", 200, TOTAL, []),
        ("GET", "/cart/total/dan/?x=1", 200, TOTAL, []),
        ("get", "/cart/total/dan", 403, error(403), []),
        ("get", "/cart/total/dan", 503, error(503), ["retry-after"]),
        ("delete", "/cart/clear/dan", 200, None, []),
        ("get", "/order/all?limit=1", 200, [], ["link"]),
        ("post", "/register", 409, error(409), ["idempotent-replayed"]),
        ("get", "/cart/total", 404, error(404), []),
        ("put", "/cart/total/dan", 405, error(405), []),
    ],
)
def test_what_is_described_passes(method, path, status, body, headers):
    assert fault(method, path, answer(status, body, headers)) is None


@pytest.mark.parametrize(
    "method, path, status, body, headers, told",
    [
        ("get", "/cart/total/dan", 418, error(418), [], "the status 418"),
        ("get", "/cart/total/dan", 404, error(404), [], "the status 404"),
        ("get", "/cart/total/dan", 200, TOTAL | {"more": 1}, [], "'more' was unexpected"),
        ("get", "/cart/total/dan", 200, {"userid": "dan"}, [], "'carttotal' is a required property"),
        ("get", "/cart/total/dan", 200, TOTAL | {"carttotal": "59.98"}, [], "is not of type 'number' at $.carttotal"),
        ("get", "/cart/total/dan", 200, None, [], "the content type ''"),
        ("get", "/cart/total/dan", 200, TOTAL, ["link"], "the header link of a 200"),
        ("get", "/cart/total/dan", 403, TOTAL, [], "required property"),
        ("delete", "/cart/clear/dan", 200, {}, [], "the answer has a body"),
        ("get", "/cart/all", 200, [{"userid": "dan", "cart": [{}]}], [], "at $[0].cart[0]"),
        ("get", "/cart/total", 200, TOTAL, [], "the route is not described"),
        ("put", "/cart/total/dan", 200, TOTAL, [], "the route is not described"),
        ("get", "/nothing", 404, TOTAL, [], "required property"),
    ],
)
def test_what_is_not_described_is_found(method, path, status, body, headers, told):
    assert told in fault(method, path, answer(status, body, headers))
