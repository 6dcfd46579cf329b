//! The README's table names a test in each row. Each of these tests exists.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn each_test_that_the_table_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let table = readme.split("## What it does").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows: Vec<&str> =
        table.lines().filter(|line| line.starts_with("| ") && line.contains("| ")).collect();
    let (mut named, mut without) = (0, Vec::new());
    for row in rows.iter().filter(|row| !row.starts_with("| | ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 5, "{row}");
        let tests: Vec<&str> = cells[4].split('`').skip(1).step_by(2).collect();
        if tests.is_empty() {
            without.push(cells[1]);
        }
        for test in tests {
            named += 1;
            assert!(is_there(root, test), "{test} of {row}");
        }
    }
    assert!(named > 40, "{named}");
    assert!(without.iter().all(|does| *does == "-"), "what it does has a test: {without:?}");
    assert!(!is_there(root, "frozen::nothing_at_all"), "the check can fail");
}

/// Whether there is a test of that name: in a module of these tests, or as a module of tests beside the code.
fn is_there(root: &Path, test: &str) -> bool {
    let (module, name) = test.rsplit_once("::").unwrap();
    let holds =
        |file: PathBuf, text: &str| fs::read_to_string(file).is_ok_and(|source| source.contains(text));
    let path = module.replace("::", "/");
    holds(root.join(format!("tests/it/{path}.rs")), &format!("fn {name}("))
        || holds(root.join(format!("src/{path}.rs")), &format!("mod {name} {{"))
        || holds(root.join(format!("src/{path}/{name}.rs")), "#[test]")
        || holds(root.join(format!("src/{path}.rs")), &format!("fn {name}("))
}
