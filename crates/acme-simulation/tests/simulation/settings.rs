//! The environment decides what is run. The error for a bad setting names the setting.

use acme_simulation::{Config, Store};

fn config(name: &str, value: &str) -> Result<Config, String> {
    let var = |asked: &str| (asked == name).then(|| value.to_owned());
    Config::from_env(var).map_err(|error| error.to_string())
}

#[test]
fn settings_are_read() {
    assert_eq!(config("", ""), Ok(Config::default()));
    assert_eq!(config("SEED", "7").unwrap().seeds().collect::<Vec<_>>(), [7]);
    assert_eq!(config("SEEDS", "3").unwrap().seeds().collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(config("ORDERS", "10").unwrap().orders, 10);
    assert_eq!(config("STORE", "both").unwrap().stores, [Store::Memory, Store::DynamoDb]);
    assert_eq!(config("CRASHES", "0.5").unwrap().rates.crashes, 0.5);
}

#[test]
fn bad_settings_are_named() {
    for (name, value, expected) in [
        ("SEED", "one", "SEED: expected a whole number"),
        ("ORDERS", "-1", "ORDERS: expected a whole number"),
        ("STORE", "disk", "STORE: expected memory, dynamodb or both"),
        ("CRASHES", "10%", "CRASHES: expected a number from 0 to 1"),
        ("LOST", "1.1", "LOST: expected a number from 0 to 1"),
        ("POISON", "NaN", "POISON: expected a number from 0 to 1"),
    ] {
        assert_eq!(config(name, value), Err(expected.to_owned()));
    }
}

#[test]
fn a_command_repeats_a_seed() {
    let config = config("CRASHES", "0.5").unwrap();
    let command = config.command(7, Store::DynamoDb);
    assert_eq!(command, "CRASHES=0.5 SEED=7 ORDERS=1000 STORE=dynamodb make simulate");
}
