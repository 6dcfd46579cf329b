//! The levels of the crates: a crate depends on lower levels only.

/// The levels, the lowest first. Crates of one level do not depend on each other.
pub(crate) const LEVELS: [&[&str]; 8] = [
    &["embedded-dynamodb", "sentry-lambda"],
    &["acme-common", "sentry-lambda-function"],
    &["acme-http"],
    &["acme-cart", "acme-catalog", "acme-order", "acme-payment", "acme-shipment", "acme-user"],
    &["acme-aws"],
    &["acme-lambda"],
    &["acme-local", "acme-simulation"],
    &["acme-openapi"],
];
/// The level of all packages under `functions/`.
const FUNCTIONS: usize = LEVELS.len() - 1;

/// The level of the domains.
pub(crate) const DOMAINS: usize = 3;

/// Exceptions for tests: a package, and a package that only its tests may use although it is not on a lower level.
const FOR_TESTS: [(&str, &str); 1] = [
    // The test of an order's whole life contains a payment.
    ("acme-order", "acme-payment"),
];
/// The packages that may use the database inside a process. A deployed function must not contain that database.
const ON_ONE_MACHINE: [&str; 2] = ["acme-local", "acme-simulation"];

/// A dependency that a package of the workspace names in its manifest.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    pub(crate) package: String,
    pub(crate) function: bool,
    pub(crate) on: String,
    pub(crate) for_tests: bool,
}

/// What is wrong with a dependency, or `None`.
pub(crate) fn fault(dependency: &Dependency) -> Option<String> {
    let Dependency { package, on, for_tests, .. } = dependency;
    let level = |name: &str| LEVELS.iter().position(|level| level.contains(&name));
    let from = if dependency.function { Some(FUNCTIONS) } else { level(package) };
    let Some(from) = from else { return Some(format!("{package} has no level: add it to LEVELS")) };
    // The tests of a package may use the package's own features for tests.
    if *for_tests && (package == on || FOR_TESTS.contains(&(package, on))) {
        return None;
    }
    // acme-lambda serves every function, so it must know no domain, although the domains are on a lower level.
    if !for_tests && package == "acme-lambda" && level(on) == Some(DOMAINS) {
        return Some(format!("{package} must not depend on {on}"));
    }
    let deployed = !for_tests && on == "embedded-dynamodb" && !ON_ONE_MACHINE.contains(&package.as_str());
    let below = level(on).is_some_and(|on| on < from);
    (deployed || !below).then(|| format!("{package} must not depend on {on}"))
}

#[test]
fn a_dependency_that_points_up_or_sideways_is_found() {
    let fault = |package: &str, on: &str, for_tests| {
        let function = package.starts_with("order-");
        fault(&Dependency { package: package.into(), function, on: on.into(), for_tests })
    };
    for (package, on) in [
        ("order-add", "acme-lambda"),
        ("order-add", "acme-order"),
        ("acme-local", "acme-aws"),
        ("acme-lambda", "acme-aws"),
        ("acme-aws", "acme-order"),
        ("acme-order", "acme-http"),
        ("acme-http", "sentry-lambda"),
        ("acme-local", "embedded-dynamodb"),
        ("sentry-lambda-function", "sentry-lambda"),
    ] {
        assert_eq!(fault(package, on, false), None, "{package} on {on}");
    }
    for (package, on, in_tests_too) in [
        ("acme-common", "acme-http", true),
        ("acme-http", "acme-cart", true),
        ("acme-cart", "acme-catalog", true),
        ("acme-order", "acme-aws", true),
        ("acme-aws", "acme-lambda", true),
        ("acme-lambda", "acme-local", true),
        ("acme-simulation", "acme-local", true),
        ("acme-cart", "order-add", true),
        ("order-add", "order-all", true),
        ("sentry-lambda", "acme-common", true),
        ("embedded-dynamodb", "acme-common", true),
        ("embedded-dynamodb", "sentry-lambda", true),
        ("acme-new", "acme-common", true),
        ("acme-payment", "acme-order", true),
        ("acme-order", "acme-payment", false),
        ("acme-order", "acme-order", false),
        ("acme-aws", "embedded-dynamodb", false),
        ("order-add", "embedded-dynamodb", false),
        ("acme-lambda", "acme-order", false),
    ] {
        assert!(fault(package, on, false).is_some(), "{package} on {on}");
        assert_eq!(fault(package, on, true).is_some(), in_tests_too, "{package} on {on}, for its tests");
    }
}
