"""A client of the shop, deployed or in one process."""

import time
import uuid

import requests
from description import fault

GOOD = {"type": "Visa", "number": "4111111111111111", "expMonth": 12, "expYear": 2099, "ccv": "123"}
PRODUCT = "e5cdb0d7-46df-4cce-b529-977a16a2a0cc"
PASSWORD = "correct horse"
# The stand-in answers so, in words of its own, for a function that was killed or did not end in time.
STAND_INS = (502, 504)


def wait(what, seconds=60):
    """Asks again and again until there is a result."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)
    return found


def order(card, **changes):
    """The body of an order."""
    address = {"street": "20 Riding Lane", "city": "San Francisco", "zip": "10201", "state": "CA", "country": "USA"}
    person = {"firstname": "Dan", "lastname": "Moss", "email": "dan@example.com", "delivery": "UPS/FEDEX"}
    return person | {"address": address, "card": card, "cart": [{"id": PRODUCT, "quantity": 2}]} | changes


class Client:
    def __init__(self, url):
        self.url = url
        self.http = requests.Session()

    def call(self, method, path, body=None, token=None, headers=None):
        """Sends a request. A `body` that is a text is sent as it is, anything else as JSON. The answer must be as
        openapi.json describes it."""
        headers = dict(headers or {})
        if token:
            headers["authorization"] = f"Bearer {token}"
        how = {"data": body.encode()} if isinstance(body, str) else {"json": body} if body is not None else {}
        answer = self.http.request(method, self.url + path, headers=headers, timeout=60, **how)
        undescribed = None if answer.status_code in STAND_INS else fault(method, path, answer)
        assert not undescribed, f"{method} {path}: {undescribed}: {answer.text[:1000]}"
        return answer

    def log_in(self, username, password=PASSWORD):
        return self.call("post", "/login", {"username": username, "password": password}).json()["access_token"]

    def register(self, username):
        person = {"firstname": "E", "lastname": "E", "email": "e@example.com"}
        return self.call("post", "/register", person | {"username": username, "password": PASSWORD})


class Customer:
    """A new user who is logged in."""

    def __init__(self, url):
        self.client = Client(url)
        self.name = f"c-{uuid.uuid4()}"
        assert self.client.register(self.name).status_code == 201
        self.token = self.client.log_in(self.name)

    def try_to_place(self, card=GOOD, **headers):
        return self.client.call("post", f"/order/add/{self.name}", order(card), self.token, headers)

    def place(self, card=GOOD):
        """Places an order and returns its id."""
        answer = self.try_to_place(card)
        assert answer.status_code == 200, answer.text
        return answer.json()["order_id"]

    def orders(self):
        return self.client.call("get", f"/order/{self.name}", token=self.token).json()

    def order(self, id):
        return next(order for order in self.orders() if order["_id"] == id)

    def wait(self, id, status):
        """The order, as soon as it has this status."""
        return wait(lambda: next((o for o in self.orders() if o["_id"] == id and o["status"] == status), None))
