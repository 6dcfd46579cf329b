"""The documents match the repository: links, paths, routes, events, sections and variables."""

import re

import pytest

from description import API, operations
from shop import ROUTES, ROWS, queue_urls
from template import INFRA

ROOT = INFRA.parent
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), INFRA / "README.md"]
}
CONTRACT, README = DOCUMENTS["docs/contract.md"], DOCUMENTS["README.md"]
SOURCES = {str(path.relative_to(ROOT)): path.read_text() for path in ROOT.glob("crates/*/src/**/*.rs")}

# A library reads these, not the shop's own code.
READ_BY_LIBRARIES = {"AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH"}
# This file runs in build scripts, and reads variables that cargo sets.
BUILD_SCRIPT = "crates/sentry-lambda/src/embed.rs"
# The simulation is not part of the shop. Its settings are on their own page.
SIMULATION = "crates/acme-simulation/"
# A page may name files that its example creates. A path with one of these words need not exist.
MADE = {
    "docs/add-a-route.md": "cart-line",
    "docs/add-an-event.md": "watch|credit|delivery-late",
    "docs/add-a-domain.md": "wishlist",
}


def section(text, heading):
    """The text between a heading and the next heading of the same level."""
    level = heading.split(" ")[0]
    assert f"\n{heading}\n" in text, heading
    return re.split(rf"\n{level} ", text.split(f"\n{heading}\n")[1])[0]


def rows(text):
    """The cells of each row of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    heads = {line for line, below in zip(lines, lines[1:]) if below.startswith("|---")}
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line not in heads and not line.startswith("|---")]


def quoted(text):
    return re.findall(r"`([^`]+)`", without_code(text))


def without_code(text):
    """The text without its blocks of code, because a path in code need not exist, and a fence quotes nothing."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(text):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_links(name, text):
    """Each link into the repository leads to a file, and to one of its headings if the link names a heading."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        assert file.exists(), f"{name}: {target}"
        assert not anchor or anchor in anchors(file.read_text() if path else text), f"{name}: {target}"


def check_paths(name, text):
    """Each path that a document names exists. A path in a crate may begin with the crate's name."""
    made = re.compile(MADE.get(name, "(?!)"))
    for path in quoted(text):
        if not made.search(path) and re.fullmatch(r"(crates|functions|infra|docs|examples|acme-[a-z]+|sentry-lambda|embedded-dynamodb)/[\w./-]+", path):
            assert (ROOT / path).exists() or (ROOT / "crates" / path).exists(), f"{name}: {path}"


def check_routes(contract):
    """The contract's table has the deployed routes, each with its function."""
    found = []
    for function, routes, *_ in rows(section(contract, "## 3. Routes").split("\n### ")[0]):
        methods = routes.split(" `")[0].lower().split(", ")
        found += [(function, method, path) for method in methods for path in quoted(routes)]
    assert sorted(found) == sorted(ROUTES)


def check_local_routes(contract):
    """The contract's second table has the same routes of the local shop as the description."""
    table = section(contract, "### Only in the local shop").split("\n## ")[0]
    found = {(routes.split(" `")[0].lower(), path) for routes, *_ in rows(table) for path in quoted(routes)}
    assert found == {(method, path) for path, method, operation in operations(API) if "x-function" not in operation}


def check_events(contract):
    """The contract's table has every spelling of every event of the list."""
    table = section(contract, "## 4. Events").split("| function |")[0]
    assert [quoted(written) + quoted(also) for written, also, *_ in rows(table)] == [event.get("names", [key]) for key, event in ROWS["event"].items()]


def check_sections(contract):
    """The sections that comments cite exist."""
    cited = {n for text in SOURCES.values() for n in re.findall(r"(?:contract's section|contract's words \(its section) (\d)", text)}
    assert cited, "no comment cites a section"
    for number in cited:
        assert re.search(rf"^## {number}\. ", contract, re.MULTILINE), number


def variables(sources):
    """The names of all variables that the binaries read: all literals with the form of a name, in files that read the environment."""
    found = set()
    for name, text in sources.items():
        lines = [line for line in text.split("#[cfg(test)]")[0].splitlines() if not line.lstrip().startswith("//")]
        code = "\n".join(lines)
        if name != BUILD_SCRIPT and not name.startswith(SIMULATION) and ("env::var" in code or "Fn(&str) -> Option<String>" in code):
            found |= set(re.findall(r'"([A-Z][A-Z0-9_]*[A-Z0-9])"', code))
    return found


def check_variables(readme, sources=SOURCES):
    """The README's tables have the variables that the binaries read, and no others."""
    listed = [name for cells in rows(section(readme, "## Settings")) for name in quoted(cells[0])]
    queues = {queue_urls(event)[0] for event in ROWS["event"]}
    assert sorted(listed) == sorted(variables(sources) | READ_BY_LIBRARIES | queues)


def check_simulation(page):
    """The simulation's page has the variables that it reads."""
    listed = [name for cells in rows(section(page, "## Settings")) for name in quoted(cells[0])]
    read = SOURCES[f"{SIMULATION}src/config.rs"]
    assert sorted(listed) == sorted(set(re.findall(r'(?:\(|&var, |var\()"([A-Z_]+)"', read)))


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("check", [check_links, check_paths], ids=lambda check: check.__name__)
def test_leads_somewhere(check, name):
    check(name, DOCUMENTS[name])


@pytest.mark.parametrize(
    "check, text",
    [(check_routes, CONTRACT), (check_local_routes, CONTRACT), (check_events, CONTRACT), (check_sections, CONTRACT), (check_variables, README), (check_simulation, DOCUMENTS["docs/simulation.md"])],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_holds(check, text):
    check(text)


def spoiled(text, old, new):
    assert old in text, old
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    "check, arguments",
    [
        (check_links, ("README.md", "[x](docs/nowhere.md)")),
        (check_links, ("README.md", "[x](docs/contract.md#nowhere)")),
        (check_links, ("docs/contract.md", "[x](contract.md)[y](#nowhere)")),
        (check_paths, ("README.md", "`infra/nowhere`")),
        (check_paths, ("README.md", "```bash\nmake\n```\n`infra/nowhere`")),
        (check_paths, ("README.md", "`functions/cart-line`")),
        (check_paths, ("docs/add-a-route.md", "`functions/cart-nowhere`")),
        (check_paths, ("README.md", "`acme-order/src/nowhere.rs`")),
        (check_routes, (spoiled(CONTRACT, "GET, DELETE `/cart/clear", "GET `/cart/clear"),)),
        (check_routes, (spoiled(CONTRACT, "| order-all |", "| order-user |"),)),
        (check_local_routes, (spoiled(CONTRACT, "| POST `/ship` |", "| GET `/ship` |"),)),
        (check_events, (spoiled(CONTRACT, "`SentShipment`", ""),)),
        (check_sections, (spoiled(CONTRACT, "## 5. Cards", "## Cards"),)),
        (check_variables, (spoiled(README, "`LOG_LEVEL`", "LOG_LEVEL"),)),
        (check_variables, (spoiled(README, "`PORT`", "`PORT`, `PORTS`"),)),
        (check_variables, (README, SOURCES | {"crates/x/src/new.rs": 'let x = std::env::var("NEW_NAME");'})),
    ],
)
def test_finds(check, arguments):
    with pytest.raises(AssertionError):
        check(*arguments)
