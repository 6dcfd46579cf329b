"""Every route gives the same answers from deployed functions and from one process, to good and to bad requests."""

import re
import uuid

from client import GOOD, PASSWORD, PRODUCT, Client, order, wait
from shop import ROUTES

OTHER = "8145dccf-808b-408e-91ad-f71e9b9f8384"
NEW = {"name": "Mat", "shortDescription": "soft", "description": "a mat", "imageUrl1": "/1", "imageUrl2": "/2", "imageUrl3": "/3", "price": 12.5, "tags": ["yoga"]}
PERSON = {"username": "{new}", "password": PASSWORD, "firstname": "N", "lastname": "N", "email": "n@example.com"}
BAD_TOKEN = "eyJhbGciOiJub25lIn0.e30."
LINE = {"itemid": PRODUCT, "name": "n", "description": "d", "quantity": "2", "price": "\"29.99\""}

# The routes that take an Idempotency-Key: the user, the path, a good body, and a field in which another body differs.
KEYED = [
    ("user", "/order/add/{user}", order(GOOD), {"firstname": "Eve"}),
    ("user", "/cart/item/add/{user}", LINE, {"quantity": 3}),
    ("staff", "/products", NEW, {"name": "Rug"}),
    (None, "/register", PERSON | {"username": "{keyed}"}, {"firstname": "Eve"}),
]


def keyed_rows(n, who, path, body, change):
    """A failed request frees its key. Then one request counts, its repeat gets the same answer, and another request is refused."""
    key = {"idempotency-key": f"{{key}}-{n}"}
    return [(who, "post", path, body, key) for body in ("[]", body, body, body | change)]


# The user, the method, the path, the body, the headers. Names in braces are filled in, and the result of a row is
# there for the next rows. There is a row for each way to ask a route: a good request, with and without a slash at the
# end, without a user, as another user, with an unreadable body, with a fault in each field.
ROWS = [
    # The catalog.
    (None, "get", "/products"),
    (None, "get", "/products/"),
    (None, "get", f"/products/{PRODUCT}"),
    (None, "get", f"/products/{PRODUCT}/"),
    (None, "get", "/products/unheard-of"),
    (None, "post", "/products", NEW),
    ("user", "post", "/products", NEW),
    ("staff", "post", "/products", NEW),
    ("staff", "post", "/product/", NEW),
    ("user", "post", "/product", NEW),
    ("staff", "post", "/product", NEW | {"price": "\"12.50\"", "id": "ignored"}),
    *[("staff", "post", "/products", {k: v for k, v in NEW.items() if k != name}) for name in NEW],
    *[("staff", "post", "/products", NEW | {name: bad}) for name, bad in [("name", ""), ("price", -1), ("price", "cheap"), ("price", 1.005), ("tags", "yoga"), ("tags", [{}]), ("imageUrl1", [])]],
    # A new user.
    (None, "post", "/register", PERSON),
    (None, "post", "/register/", PERSON),
    *[(None, "post", "/register", {k: v for k, v in PERSON.items() if k != name} | ({} if name == "username" else {"username": "{free}"})) for name in ("username", "password")],
    *[(None, "post", "/register", PERSON | {"username": "{free}", name: bad}) for name, bad in [("username", ""), ("username", "a/b"), ("password", "short"), ("password", []), ("email", "x" * 300)]],
    (None, "post", "/register", "this is no JSON"),
    (None, "post", "/register", ""),
    (None, "post", "/register", "[1, 2]"),
    (None, "post", "/login", {"username": "{new}", "password": PASSWORD}),
    (None, "post", "/login/", {"USERNAME": "{new}", "Password": PASSWORD}),
    (None, "post", "/login", {"username": "{new}", "password": "wrong"}),
    (None, "post", "/login", {"username": "{nobody}", "password": "wrong"}),
    (None, "post", "/login", {"username": "{new}"}),
    (None, "post", "/login", {"password": 7}),
    (None, "post", "/login", "{"),
    (None, "post", "/refresh-token", {"refresh_token": "{refresh}"}),
    (None, "post", "/refresh-token", {"refresh_token": "{token}"}),
    (None, "post", "/refresh-token", {"refresh_token": BAD_TOKEN}),
    (None, "post", "/refresh-token", {}),
    (None, "post", "/verify-token", {"access_token": "{token}"}),
    (None, "post", "/verify-token/", {"access_token": "{refresh}"}),
    (None, "post", "/verify-token", {"access_token": BAD_TOKEN}),
    (None, "post", "/verify-token", {"access_token": None}),
    # The users.
    ("user", "get", "/users/{user}"),
    ("user", "get", "/users/{id}/"),
    ("other", "get", "/users/{user}"),
    ("staff", "get", "/users/{id}"),
    ("staff", "get", "/users/unheard-of"),
    (None, "get", "/users/{id}"),
    ("user", "get", "/users"),
    ("staff", "get", "/users?limit=2"),
    ("staff", "get", "/users?limit=0"),
    ("staff", "get", "/users?limit=many"),
    ("staff", "get", "/users?cursor=nonsense"),
    # A cart, empty, filled, changed, cleared.
    ("user", "get", "/cart/items/{user}"),
    ("user", "get", "/cart/total/{user}"),
    ("user", "get", "/cart/items/total/{user}/"),
    ("user", "post", "/cart/item/add/{user}", LINE),
    ("user", "post", "/cart/item/add/{user}/", {"ITEMID": OTHER, "Quantity": 1}),
    ("user", "post", "/cart/item/add/{user}", LINE),
    ("user", "post", "/cart/item/add/{user}", LINE | {"itemid": "unheard-of"}),
    *[("user", "post", "/cart/item/add/{user}", LINE | {"quantity": bad}) for bad in (0, -1, "two", 1.5, 10**9, None)],
    ("user", "post", "/cart/item/add/{user}", "{"),
    ("other", "post", "/cart/item/add/{user}", LINE),
    (None, "post", "/cart/item/add/{user}", LINE),
    ("user", "get", "/cart/items/{user}"),
    ("user", "get", "/cart/items/{id}/"),
    ("staff", "get", "/cart/items/{id}"),
    ("other", "get", "/cart/items/{user}"),
    ("bad", "get", "/cart/items/{user}"),
    ("user", "get", "/cart/total/{user}/"),
    ("user", "get", "/cart/items/total/{user}"),
    ("other", "get", "/cart/total/{user}"),
    ("other", "get", "/cart/items/total/{user}"),
    ("staff", "get", "/cart/all?limit=1"),
    ("user", "get", "/cart/all"),
    (None, "get", "/cart/all/"),
    ("user", "post", "/cart/item/modify/{user}", {"itemid": OTHER, "quantity": "5"}),
    ("user", "post", "/cart/item/modify/{user}/", {"itemid": PRODUCT, "quantity": 0}),
    ("user", "post", "/cart/item/modify/{user}", {"itemid": "unheard-of", "quantity": 1}),
    ("user", "post", "/cart/item/modify/{user}", {"itemid": OTHER}),
    ("user", "post", "/cart/item/modify/{user}", {"quantity": 1}),
    ("other", "post", "/cart/item/modify/{user}", {"itemid": OTHER, "quantity": 1}),
    ("user", "get", "/cart/items/{user}"),
    ("user", "post", "/cart/modify/{user}", {"userid": "somebody", "cart": [LINE, LINE | {"itemid": OTHER}]}),
    ("user", "post", "/cart/modify/{user}", {"cart": [LINE]}),
    ("user", "post", "/cart/modify/{user}", {"cart": [LINE | {"quantity": "x"}]}),
    ("user", "post", "/cart/modify/{user}", {"cart": {}}),
    ("user", "post", "/cart/modify/{user}/", {}),
    ("other", "post", "/cart/modify/{user}", {"cart": []}),
    ("user", "get", "/cart/items/{user}"),
    ("other", "delete", "/cart/clear/{user}"),
    ("user", "delete", "/cart/clear/{user}/"),
    ("user", "get", "/cart/clear/{user}"),
    (None, "get", "/cart/clear/{user}"),
    ("user", "get", "/cart/items/{user}"),
    # The same request again, under an Idempotency-Key.
    *[row for n, route in enumerate(KEYED) for row in keyed_rows(n, *route)],
    # Orders.
    ("other", "get", "/order/{other}"),
    ("user", "until delivered", "/order/{user}"),
    ("user", "post", "/order/add/{user}", order(GOOD), {"idempotency-key": "{key}"}),
    ("user", "post", "/order/add/{user}/", order(GOOD), {"idempotency-key": "{key}"}),
    ("user", "post", "/order/add/{user}", order(GOOD, firstname="Eve"), {"idempotency-key": "{key}"}),
    ("user", "post", "/order/add/{user}", order(GOOD), {"idempotency-key": "k" * 300}),
    ("other", "post", "/order/add/{user}", order(GOOD)),
    (None, "post", "/order/add/{user}", order(GOOD)),
    *[("user", "post", "/order/add/{user}", order({k: v for k, v in GOOD.items() if k != name})) for name in GOOD if name != "type"],
    *[("user", "post", "/order/add/{user}", order(GOOD | {name: bad})) for name, bad in [("type", "Credit"), ("number", {}), ("expMonth", "May"), ("expYear", -1), ("ccv", "0" * 9)]],
    *[("user", "post", "/order/add/{user}", order(GOOD, cart=cart)) for cart in ([], {}, [{}], [{"id": "unheard-of", "quantity": 1}], [{"id": PRODUCT, "quantity": 0}])],
    ("user", "post", "/order/add/{user}", order(GOOD, address="here")),
    ("user", "post", "/order/add/{user}", "no JSON"),
    ("user", "post", "/order/add/{user}", order(GOOD, lastname="x" * 300_000)),
    ("user", "until delivered", "/order/{user}"),
    ("user", "get", "/order/{user}/"),
    ("user", "get", "/order/{user}?limit=1&cursor=%"),
    ("other", "get", "/order/{user}"),
    ("staff", "get", "/order/{id}"),
    (None, "get", "/order/{user}"),
    ("staff", "get", "/order/all?limit=1"),
    ("staff", "get", "/order/all/?limit=1001"),
    ("user", "get", "/order/all"),
    # The wrong password again and again, then the right one.
    *[(None, "post", "/login", {"username": "{other}", "password": "wrong"})] * 12,
    (None, "post", "/login", {"username": "{other}", "password": PASSWORD}),
]


class Side:
    """One of the two shops, and the values that fill in its rows."""

    def __init__(self, url):
        self.client = Client(url)
        self.names = {name: f"{name}-{uuid.uuid4()}" for name in ("user", "other", "new", "free", "nobody", "keyed", "key")}
        for name in ("user", "other"):
            answer = self.client.register(self.names[name])
            if name == "user":
                self.names["id"] = answer.json()["resourceId"]
        tokens = self.client.call("post", "/login", {"username": self.names["user"], "password": PASSWORD}).json()
        self.names |= {"token": tokens["access_token"], "refresh": tokens["refresh_token"]}
        self.tokens = {"user": tokens["access_token"], "other": self.client.log_in(self.names["other"]), "bad": BAD_TOKEN}
        self.tokens["staff"] = self.client.log_in("staff", "vmware1!")

    def fill(self, value):
        if isinstance(value, str):
            return re.sub(r"\{(\w+)\}", lambda match: self.names.get(match[1], match[0]), value)
        if isinstance(value, dict):
            return {name: self.fill(part) for name, part in value.items()}
        return [self.fill(part) for part in value] if isinstance(value, list) else value

    def answer(self, who, method, path, body=None, headers=None):
        path, body, headers = self.fill(path), self.fill(body), self.fill(headers)
        if method == "until delivered":
            ask = lambda: self.client.call("get", path, token=self.tokens[who])  # noqa: E731
            found = wait(lambda: next((a for a in [ask()] if all(o["status"] == "delivered" for o in a.json())), None))
        else:
            found = self.client.call(method, path, body, self.tokens.get(who), headers)
        names = ("content-type", "access-control-allow-origin", "access-control-expose-headers")
        told = {name: found.headers.get(name) for name in names}
        told |= {name: name in found.headers for name in ("link", "retry-after")}
        if not found.content:
            del told["content-type"]  # API Gateway adds this header to an answer without one
        try:
            shape = bool(re.match(r"/(users|cart/all|order/all)/?(\?|$)", path))
            if shape and "limit=1" in path:
                del told["link"]  # whether there is a next page depends on other tests
            content = self.same(found.json(), shape)
        except ValueError:
            content = found.text
        return found.status_code, told, content

    def same(self, value, shape=False, name=""):
        """A value without what differs between two shops: ids, times, tokens. Of a list of everybody's things, only the kinds of
        things remain."""
        if isinstance(value, dict):
            return {key: self.same(part, shape, key) for key, part in sorted(value.items())}
        if isinstance(value, list):
            # Products that this test made before, in the other mode.
            value = [part for part in value if not (name == "data" and isinstance(part, dict) and part.get("name") == NEW["name"])]
            parts = [self.same(part, shape, name) for part in value]
            return sorted({str(sorted(part)) for part in parts}) if shape and name in ("", "data") else parts
        if not isinstance(value, str):
            return value
        if name == "requestId":
            assert value
            return "<request>"
        for known in sorted(self.names.values(), key=len, reverse=True):
            value = value.replace(known, f"<{next(n for n, v in self.names.items() if v == known)}>")
        value = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", lambda m: m[0] if m[0] in (PRODUCT, OTHER) else "<id>", value)
        value = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<time>", value)
        return re.sub(r"^ey[\w-]+\.[\w-]+\.[\w-]+$", "<token>", value)


def plain_rows():
    """Rows for each route of the list that ROWS does not name: everybody asks for it, without a body."""
    asked = {route(*row) for row in ROWS}
    new = [(method, path.replace("{userid}", "{user}")) for _, method, path in ROUTES if (method, path) not in asked]
    return [(who, method, path) for method, path in new for who in ("user", "other", "staff", None)]


def test_each_route_answers_the_same_well_and_badly_asked(cloud, local):
    deployed, single = Side(cloud.url), Side(local)
    differ, statuses = [], {(method, path): set() for _, method, path in ROUTES}
    for row in [*ROWS, *plain_rows()]:
        answers = deployed.answer(*row), single.answer(*row)
        if answers[0] != answers[1]:
            differ.append((row, *answers))
        statuses.setdefault(route(*row), set()).add(answers[0][0])
    shown = "\n\n".join(f"{str(row)[:300]}\n  deployed: {str(a)[:600]}\n  single:   {str(b)[:600]}" for row, a, b in differ)
    assert not differ, shown
    assert set().union(*statuses.values()) == {200, 201, 400, 401, 403, 404, 409, 413, 422, 429}
    del statuses["get", "/products"]  # a request to this route cannot be wrong
    for asked, found in statuses.items():
        assert min(found, default=500) < 300 and max(found) >= 400, (asked, found)


def route(_, method, path, *__):
    """The route that a row is for."""
    path = path.split("?")[0].rstrip("/")
    method = "get" if method.startswith("until") else method
    shapes = [(re.sub(r"\{\w+\}", "[^/]+", shape), shape) for _, m, shape in ROUTES if m == method]
    return method, next(shape for pattern, shape in sorted(shapes, key=lambda s: "[" in s[0]) if re.fullmatch(pattern, path))
