//! The folders under `functions/`: one folder for each row of the list of functions, with little code.

use std::fs;
use std::path::Path;

#[test]
fn each_row_of_the_list_is_a_folder_and_a_short_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions");
    let list = fs::read_to_string(root.join("functions.toml")).unwrap();
    let row = |line: &str| line.strip_prefix("[function.")?.strip_suffix(']').map(str::to_owned);
    let mut rows: Vec<_> = list.lines().filter_map(row).collect();
    rows.sort();
    assert!(!rows.is_empty());
    let entries = fs::read_dir(&root).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir());
    let mut folders: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    folders.sort();
    assert_eq!(folders, rows);
    for function in rows {
        let lines = |file: &str| fs::read_to_string(root.join(&function).join(file)).unwrap().lines().count();
        assert!(lines("src/main.rs") < 30, "{function}'s main has {} lines", lines("src/main.rs"));
        assert!(lines("Cargo.toml") < 20, "{function}'s manifest has {} lines", lines("Cargo.toml"));
    }
}
