//! What may depend on what: a domain compiles and is tested without AWS, Lambda, or another domain.

use std::fs;
use std::path::Path;
use std::process::Command;

const DOMAINS: [&str; 6] =
    ["acme-cart", "acme-catalog", "acme-order", "acme-payment", "acme-shipment", "acme-user"];

#[test]
fn a_domain_is_built_and_tested_without_aws_and_without_the_others() {
    for domain in DOMAINS {
        let crates = dependencies(domain);
        assert!(crates.iter().any(|name| name == "acme-common"), "{domain}: {crates:?}");
        for name in crates {
            let foreign = name.starts_with("aws-") || name.starts_with("lambda") || name == "acme-aws";
            assert!(!foreign, "{domain} depends on {name}");
            // The price list of the catalog's store is in acme-common; its test of an order's end needs the payment.
            let other = DOMAINS.contains(&name.as_str()) && name != domain;
            assert!(
                !other || (domain == "acme-order" && name == "acme-payment"),
                "{domain} depends on {name}"
            );
        }
    }
    assert!(dependencies("acme-aws").iter().any(|name| name == "aws-sdk-dynamodb"), "the check can fail");
}

#[test]
fn only_the_adapters_are_built_with_the_aws_sdk() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let entries = ["crates", "functions"].iter().flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let packages = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let names_it = packages.filter(|path| {
        let manifest = fs::read_to_string(path.join("Cargo.toml")).unwrap();
        let mut built = manifest.lines().take_while(|line| *line != "[dev-dependencies]");
        built.any(|line| line.starts_with("aws-sdk-") || line.starts_with("aws-config"))
    });
    let names_it: Vec<_> = names_it.map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names_it, ["acme-aws"]);
}

#[test]
fn an_artifact_carries_no_description_of_routes() {
    let functions = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions")).unwrap();
    let functions = functions.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let describes = |name: &String| name.starts_with("utoipa") || name == "jsonschema";
    for function in functions {
        let function = function.file_name().unwrap().to_str().unwrap();
        assert!(!compiled("normal", function).iter().any(describes), "{function} carries the description");
    }
    assert!(compiled("normal", "acme-openapi").iter().any(describes), "the check can fail");
}

/// The names of all crates that are compiled for a package and its tests.
fn dependencies(package: &str) -> Vec<String> {
    compiled("normal,build,dev", package)
}

/// The names of all crates that a package needs for something, such as `normal` for what runs.
fn compiled(edges: &str, package: &str) -> Vec<String> {
    let tree = ["tree", "--offline", "--locked", "-e", edges, "--prefix", "none", "-p", package];
    let output =
        Command::new(env!("CARGO")).args(tree).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}
