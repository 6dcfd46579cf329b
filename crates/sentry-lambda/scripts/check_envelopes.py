"""Feeds recorded envelopes to Sentry's own ingestion (sentry-relay) and names every fault it finds.

Usage: check_envelopes.py DIRECTORY; see check-envelopes.sh. Exits with 1 on a fault or without any envelope.
"""

import collections
import json
import pathlib
import sys

from sentry_relay.processing import StoreNormalizer

KNOWN = {"event", "transaction", "client_report", "check_in", "log", "trace_metric", "attachment"}


def items(data: bytes):
    header, rest = data.split(b"\n", 1)
    json.loads(header)
    while rest.strip():
        line, rest = rest.lstrip(b"\n").split(b"\n", 1)
        header = json.loads(line)
        payload, rest = rest[: header["length"]], rest[header["length"]:]
        assert len(payload) == header["length"], "item is cut short"
        yield header, payload


def faults(meta, path=""):
    """Every error in the normalizer's `_meta` tree."""
    if not isinstance(meta, dict):
        return
    for error in meta.get("", {}).get("err", []):
        yield f"{path or '.'}: {error}"
    for key, value in meta.items():
        if key:
            yield from faults(value, f"{path}.{key}")


def main(directory: str) -> int:
    found, seen = 0, collections.Counter()
    for path in sorted(pathlib.Path(directory).glob("*.envelope")):
        for header, payload in items(path.read_bytes()):
            kind = header["type"]
            seen[kind] += 1
            assert kind in KNOWN, kind
            if kind not in ("event", "transaction"):
                json.loads(payload)
                continue
            event = json.loads(payload)
            event.setdefault("type", "transaction" if kind == "transaction" else "error")
            normalizer = StoreNormalizer(project_id=1, client="sentry.rust.lambda", protocol_version="7")
            normal = normalizer.normalize_event(event)
            for fault in faults(normal.get("_meta", {})):
                found += 1
                print(f"{path.name} {kind}{fault}")
            for error in normal.get("errors") or []:
                found += 1
                print(f"{path.name} {kind} {error}")
    print(f"{sum(seen.values())} items ({dict(seen)}), {found} faults")
    return 1 if found or not seen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
