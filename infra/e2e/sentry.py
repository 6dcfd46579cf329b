"""A Sentry that keeps what it is sent."""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Sentry:
    def __init__(self):
        self.envelopes = []
        kept = self.envelopes

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                kept.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.dsn = f"http://public@127.0.0.1:{self.server.server_port}/1"

    def close(self):
        self.server.shutdown()

    def items(self, kind):
        """The payloads of a kind: event, transaction, check_in."""
        return [payload for envelope in list(self.envelopes) for type_, payload in parts(envelope) if type_ == kind]

    def about(self, kind, order):
        """Those that carry the order's tag."""
        return [item for item in self.items(kind) if item.get("tags", {}).get("order.id") == order]


def parts(envelope):
    _, rest = envelope.split(b"\n", 1)
    while rest.strip():
        head, rest = rest.lstrip(b"\n").split(b"\n", 1)
        head = json.loads(head)
        payload, rest = rest[: head["length"]], rest[head["length"] :]
        yield head["type"], json.loads(payload)
