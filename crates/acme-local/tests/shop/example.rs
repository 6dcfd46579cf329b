//! Runs the script under `examples/`, which has the commands of the README.

use std::path::Path;
use std::process::Command;

use crate::process::{Shop, directory};

#[test]
fn the_example_places_an_order_and_follows_it_to_its_delivery() {
    let shop = Shop::owning(directory(), &[("DELIVERY_SECONDS", "1-1")]);
    let script = root().join("examples/order.sh");
    let output = Command::new("bash").arg(script).arg(shop.url()).output().unwrap();
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{error}");
    assert!(out.contains("delivered"), "{out}");
}

#[test]
fn the_example_runs_exactly_what_the_readme_says() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let script = std::fs::read_to_string(root().join("examples/order.sh")).unwrap();
    let commands = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.contains("curl -s")).map(str::to_owned).collect()
    };
    let section = readme.split("## Place an order").nth(1).unwrap().split("\n## ").next().unwrap();
    assert!(commands(section).len() >= 8);
    assert_eq!(commands(section), commands(&script));
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
