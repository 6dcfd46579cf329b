//! The folders under `functions/`: the contract's 26, each short.

use std::fs;
use std::path::Path;

#[rustfmt::skip]
const FUNCTIONS: [&str; 26] = [
    "cart-all", "cart-clear", "cart-item-add", "cart-item-modify", "cart-item-total", "cart-items", "cart-modify",
    "cart-total", "catalog-add", "catalog-all", "catalog-get", "order-add", "order-all", "order-ship", "order-sweep",
    "order-update", "order-user", "payment-validate", "shipment-deliver", "shipment-send", "user-all", "user-get",
    "user-login", "user-refresh-token", "user-register", "user-verify-token",
];

#[test]
fn each_row_of_the_contract_is_a_folder_and_a_short_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions");
    let mut folders: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    folders.sort();
    assert_eq!(folders, FUNCTIONS);
    for function in FUNCTIONS {
        let lines = |file: &str| fs::read_to_string(root.join(function).join(file)).unwrap().lines().count();
        assert!(lines("src/main.rs") < 30, "{function}'s main has {} lines", lines("src/main.rs"));
        assert!(lines("Cargo.toml") < 20, "{function}'s manifest has {} lines", lines("Cargo.toml"));
    }
}
