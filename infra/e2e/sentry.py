"""A Sentry server that keeps what it receives."""

import gzip
import json

from servers import Handler, serve


class Sentry:
    def __init__(self):
        self.envelopes = []
        kept = self.envelopes

        class Keeper(Handler):
            def do_POST(self):
                body = self.body()
                kept.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
                self.answer(200, b"{}")

        self.server = serve(Keeper)
        self.dsn = f"http://public@127.0.0.1:{self.server.server_port}/1"

    def close(self):
        self.server.shutdown()

    def items(self, kind, since=0):
        """The payloads of one kind (event, transaction, check_in), from the envelope with the number `since` on."""
        return [payload for envelope in self.envelopes[since:] for type_, payload in parts(envelope) if type_ == kind]

    def about(self, kind, order):
        """The payloads with the order's tag."""
        return [item for item in self.items(kind) if item.get("tags", {}).get("order.id") == order]


def parts(envelope):
    _, rest = envelope.split(b"\n", 1)
    while rest.strip():
        head, rest = rest.lstrip(b"\n").split(b"\n", 1)
        head = json.loads(head)
        payload, rest = rest[: head["length"]], rest[head["length"] :]
        yield head["type"], json.loads(payload)
