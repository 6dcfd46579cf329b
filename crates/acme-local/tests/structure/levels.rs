//! The levels of the crates: a crate depends on lower levels only.

/// The lowest level comes first. Crates of one level do not know each other.
const LEVELS: [&[&str]; 8] = [
    &["embedded-dynamodb", "sentry-lambda"],
    &["acme-common", "sentry-lambda-function"],
    &["acme-http"],
    &["acme-cart", "acme-catalog", "acme-order", "acme-payment", "acme-shipment", "acme-user"],
    &["acme-aws"],
    &["acme-lambda"],
    &["acme-local", "acme-simulation"],
    &["acme-openapi"],
];
/// The level of everything under `functions/`.
const FUNCTIONS: usize = LEVELS.len() - 1;

/// The level of the domains.
const DOMAINS: usize = 3;

/// What only tests may depend on although it is not below them: the package, and what it tests with.
const FOR_TESTS: [(&str, &str); 1] = [
    // The test of an order's whole life has a payment in it.
    ("acme-order", "acme-payment"),
];
/// The database inside a process is for one machine: what is deployed does not have it.
const ON_ONE_MACHINE: [&str; 2] = ["acme-local", "acme-simulation"];

/// A package of the workspace that names another one in its manifest.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    pub(crate) package: String,
    pub(crate) function: bool,
    pub(crate) on: String,
    pub(crate) for_tests: bool,
}

/// What is wrong with a dependency, if something is.
pub(crate) fn fault(dependency: &Dependency) -> Option<String> {
    let Dependency { package, on, for_tests, .. } = dependency;
    let level = |name: &str| LEVELS.iter().position(|level| level.contains(&name));
    let from = if dependency.function { Some(FUNCTIONS) } else { level(package) };
    let Some(from) = from else { return Some(format!("{package} has no level: add it to LEVELS")) };
    // A package may test itself with features that it has for tests.
    if *for_tests && (package == on || FOR_TESTS.contains(&(package, on))) {
        return None;
    }
    // acme-lambda is for every function, so it knows no domain, although these are below it.
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
