"""Fills in text blocks. So the result reads like text that was written by hand, and a change of it gives a short diff."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "blocks"


def block(file, /, **values):
    """Fills in a file of `blocks/`, and returns its lines."""
    return fill((FOLDER / file).read_text(), **values)


def fill(text, /, **values):
    """Replaces each `@{name}` in a text by its value, and returns the lines. For a mark that is alone on its line, the value is
    a list of lines. They get the indentation of the mark. An empty list leaves no line."""
    lines = []
    for line in text.splitlines():
        alone = re.fullmatch(r"( *)@\{(\w+)\}", line)
        if alone:
            lines += [alone[1] + inner if inner else "" for inner in values[alone[2]]]
        else:
            lines.append(re.sub(r"@\{(\w+)\}", lambda found: values[found[1]], line))
    return lines


def flow(values):
    """A YAML list on one line. A single value is written without a list."""
    values = list(values)
    return values[0] if len(values) == 1 else f"[{', '.join(values)}]"


def quoted(values):
    return [f'"{value}"' for value in values]
