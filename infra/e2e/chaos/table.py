"""The figures of all runs, side by side."""


def table(runs):
    """A column for each run, by its messaging and scenario, and a row for each figure. An indented figure belongs to the one
    before it. Not every run has all of them."""
    sections = {}
    for figures in runs.values():
        for name in figures:
            if not name.startswith(" "):
                parts = sections.setdefault(name, set())
            else:
                parts.add(name)
    names = [name for section, parts in sections.items() for name in [section, *sorted(parts)]]
    rows = [["messaging", *(mode for mode, _ in runs)], ["scenario", *(scenario for _, scenario in runs)]]
    rows += [[name, *(str(figures.get(name, "-")) for figures in runs.values())] for name in names]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)
