"""Tests infra/dead-letters with the routes of a running shop."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from test_dead_letters import rows, run, said


class Shop:
    """The routes of a running shop, with two letters on two pages."""

    def __init__(self, mode="1"):
        self.posted, shop = [], self
        letters = [
            {"id": f"m-{n}", "queue": "order-ship", "reason": "away", "receive_count": 5, "order_id": None}
            | {"failed_at": f"2026-01-0{n}T00:00:00.000Z"}
            for n in (2, 1)
        ]

        class Routes(BaseHTTPRequestHandler):
            def do_GET(self):
                if mode == "1" and self.headers.get("authorization") != "Bearer good":
                    return self.answer(401, {"message": "Invalid Key. User Not Authorized"})
                page = 1 if "cursor=1" in self.path else 0
                shop.path = self.path
                link = [] if page else [("link", '<?limit=1&cursor=1&order=o+1>; rel="next"')]
                self.answer(200, {"data": letters[page : page + 1]}, link)

            def do_POST(self):
                sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if self.path == "/login":
                    good = sent == {"username": "staff", "password": "vmware1!"}
                    return self.answer(200 if good else 401, {"access_token": "good", "message": "wrong pair"})
                shop.posted.append((self.path, sent))
                self.answer(200, {"data": []})

            def answer(self, status, content, headers=()):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(content).encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Routes)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(params=["0", "1"])
def shop(request):
    shop = Shop(request.param)
    yield shop
    shop.server.shutdown()


def test_lists_and_sends_back_what_a_running_shop_keeps(shop):
    found = rows(said("list", URL=shop.url, ORDER="o 1"))
    assert [row[:2] + row[3:] for row in found] == [["local", "order-ship", "5", "-", "away"]] * 2
    assert int(found[0][2][:-1]) > int(found[1][2][:-1]), "the oldest first"
    assert "order=o+1" in shop.path, "also on the second page"
    assert said("redrive", URL=shop.url, DRY_RUN="1").endswith("2 dead letters would be sent back\n") and not shop.posted
    assert said("redrive", URL=shop.url).endswith("sent back 2 dead letters\n")
    assert shop.posted == [("/dead-letters/redrive", {"id": id}) for id in ("m-1", "m-2")]


def test_says_that_no_shop_runs_and_that_staff_is_not_let_in():
    done = run("list", URL="http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (1, "") and "no shop answers at http://127.0.0.1:9" in done.stderr
    shop = Shop()
    try:
        for secret, complaint in [("STAFF_PASSWORD", "401: wrong pair"), ("TOKEN", "401: Invalid Key")]:
            done = run("list", URL=shop.url, **{secret: "bad"})
            assert (done.returncode, done.stdout) == (1, "") and complaint in done.stderr and done.stderr.count("\n") == 1
    finally:
        shop.server.shutdown()
