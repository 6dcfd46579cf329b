"""The dead letters of a running shop, from its routes for staff."""

import json
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from datetime import datetime

from . import Letter, Refused

# The password of the demo users. A local shop has these users from the start.
PASSWORD = "vmware1!"


class Shop:
    stage = "local"

    def __init__(self, given):
        self.url = given.get("URL", "http://127.0.0.1:8080").rstrip("/")
        self.token, self.password = given.get("TOKEN"), given.get("STAFF_PASSWORD", PASSWORD)
        self.may_log_in = "TOKEN" not in given

    @contextmanager
    def letters(self, queue, order, only_look):
        """The letters, or only those of a queue or an order. Listing them changes nothing."""
        asked = {name: value for name, value in {"queue": queue, "order": order}.items() if value}
        path, found = "/dead-letters?" + urllib.parse.urlencode(asked), []
        while path:
            body, path = self.call("GET", path)
            found += [letter(shown) for shown in body["data"]]
        yield found

    def send_back(self, letter):
        self.call("POST", "/dead-letters/redrive", {"id": letter.id})

    def call(self, method, path, body=None):
        """Returns the answer's JSON, and the path of the next page if there is one."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer), next_page(path, answer.headers.get("link"))
        except urllib.error.HTTPError as error:
            # A token lasts five minutes, and in compatibility mode none is needed. So log in only after a 401.
            if error.code == 401 and self.may_log_in and path != "/login":
                self.log_in()
                return self.call(method, path, body)
            raise Refused(f"{self.url} answered {error.code}: {message(error)}") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "reason", error)
            raise Refused(f"no shop answers at {self.url} ({why}): start it with `make run`, or set URL or STAGE") from None

    def log_in(self):
        answer, _ = self.call("POST", "/login", {"username": "staff", "password": self.password})
        self.token = answer["access_token"]


def letter(shown):
    at = datetime.fromisoformat(shown["failed_at"].replace("Z", "+00:00")).timestamp()
    return Letter(shown["id"], shown["queue"], at, str(shown["receive_count"]), shown["order_id"], shown["reason"])


def next_page(path, link):
    """The path to which a `Link: <?...>; rel="next"` leads."""
    return urllib.parse.urljoin(path, link[1 : link.index(">")]) if link else None


def message(error):
    """The text of an error of the shop."""
    try:
        return json.load(error)["message"]
    except (ValueError, KeyError, TypeError):
        return error.reason
