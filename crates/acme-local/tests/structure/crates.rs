//! The crates: which dependencies their manifests name, and which crates are built for them.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::levels::{DOMAINS, Dependency, LEVELS, fault};

#[test]
fn no_dependency_points_up() {
    let dependencies = dependencies();
    assert!(dependencies.len() > 100, "{dependencies:?}");
    let faults: Vec<_> = dependencies.iter().filter_map(fault).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_domain_is_built_and_tested_without_the_aws_sdk() {
    let foreign = |name: &str| {
        name.starts_with("aws-config")
            || name.starts_with("aws-sdk-")
            || name.starts_with("aws-smithy-")
            || name.starts_with("lambda_")
    };
    for &domain in LEVELS[DOMAINS] {
        let crates = tree(&["-e", "normal,build,dev", "-p", domain]);
        assert!(crates.iter().any(|line| line.starts_with("acme-common ")), "{domain}: {crates:?}");
        for name in crates {
            assert!(!foreign(&name), "{domain} depends on {name}");
        }
    }
    assert!(tree(&["-e", "normal", "-p", "acme-aws"]).iter().any(|name| foreign(name)), "the check can fail");
}

#[test]
fn no_function_has_what_is_for_tests_or_describes_routes() {
    let dependencies = dependencies();
    let functions = dependencies.iter().filter(|dependency| dependency.function);
    let deployed: BTreeSet<_> = functions.map(|dependency| dependency.package.as_str()).collect();
    assert!(deployed.len() > 20, "{deployed:?}");
    let deployed: Vec<_> = deployed.into_iter().chain(["acme-local"]).collect();
    for (edges, foreign, has_it) in [
        ("normal,features", vec![r#"feature "testing""#], "acme-simulation"),
        ("normal", vec!["utoipa ", "jsonschema "], "acme-openapi"),
    ] {
        let find = |packages: &[&str]| {
            let named = packages.iter().flat_map(|package| ["-p", package]);
            let lines = tree(&["-e", edges].into_iter().chain(named).collect::<Vec<_>>());
            lines.into_iter().find(|line| foreign.iter().any(|name| line.contains(name)))
        };
        assert_eq!(find(&deployed), None);
        assert!(find(&[has_it]).is_some(), "the check can fail: {has_it}");
    }
}

/// All dependencies between packages of the workspace.
fn dependencies() -> Vec<Dependency> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let function = text(&package["manifest_path"]).contains("/functions/");
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["path"].is_string() {
                found.push(Dependency {
                    package: text(&package["name"]),
                    function,
                    on: text(&dependency["name"]),
                    for_tests: dependency["kind"] == "dev",
                });
            }
        }
    }
    found
}

/// The crates that are built for a package. Each line has the name, a space, and the version.
fn tree(arguments: &[&str]) -> Vec<String> {
    let all = [&["tree", "--prefix", "none"], arguments].concat();
    cargo(&all).lines().map(str::to_owned).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    let cargo = cargo.args(arguments).args(["--offline", "--locked"]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
