"""Makes the template, the alarms, and the tables of the documents from the list of functions."""

from pathlib import Path

from .blocks import fill
from .documents import documents
from .functions import functions
from .monitoring import monitoring
from .queues import queues, rules
from .reading import BadRow, read

__all__ = ["LIST", "ROOT", "BadRow", "generated", "read"]

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "infra/base"
LIST = ROOT / "functions/functions.toml"


def generated(text):
    """Returns the generated files for the text of a list: their texts, by their paths from the repository's root."""
    shop = read(text)
    parts = {"rates": rates(shop), "queues": queues(shop), "rules": rules(shop), "functions": functions(shop)}
    files = {
        "infra/template.yaml": filled("template.yaml", parts),
        "infra/monitoring.yaml": filled("monitoring.yaml", monitoring(shop)),
        "docs/functions.md": documents(shop),
    }
    return {path: "\n".join(lines) + "\n" for path, lines in files.items()}


def filled(base, parts):
    made = f"# Made by `make generate` from functions/functions.toml and infra/base/{base}: change those."
    return fill((BASE / base).read_text(), made=[made], **parts)


def rates(shop):
    """The limits for the API's stage, of the routes that have their own limit."""
    lines = []
    for function in shop.routed():
        for method, path in (route.split() for route in function.routes if function.rate):
            lines += [f"- ResourcePath: /{path.replace('/', '~1')}", f"  HttpMethod: {method}"]
            lines += [f"  ThrottlingRateLimit: !Ref {function.rate}", f"  ThrottlingBurstLimit: !Ref {function.rate}"]
    return lines
