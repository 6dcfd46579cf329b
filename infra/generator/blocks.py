"""Fills in text blocks, so that what comes out reads and differs like text that was written by hand."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "blocks"


def block(file, /, **values):
    """The block of a file in `blocks/`, as lines."""
    return fill((FOLDER / file).read_text(), **values)


def fill(text, /, **values):
    """A text as lines, with values in the place of each `@{name}`. Where it stands alone on a line, the value is a list of
    lines, which take its indentation; an empty one leaves no line."""
    lines = []
    for line in text.splitlines():
        alone = re.fullmatch(r"( *)@\{(\w+)\}", line)
        if alone:
            lines += [alone[1] + inner if inner else "" for inner in values[alone[2]]]
        else:
            lines.append(re.sub(r"@\{(\w+)\}", lambda found: values[found[1]], line))
    return lines


def flow(values):
    """A YAML list on one line; one value stands for itself."""
    values = list(values)
    return values[0] if len(values) == 1 else f"[{', '.join(values)}]"


def quoted(values):
    return [f'"{value}"' for value in values]
