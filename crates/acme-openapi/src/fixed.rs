//! Closes the schemas of answers, because the shop writes exactly the members that are described.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// Closes every object of every answer, and every schema that an answer refers to.
pub(crate) fn close_answers(document: &mut Value) {
    let mut named = BTreeSet::new();
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            close(&mut operation["responses"], &mut named);
        }
    }
    close(&mut document["components"]["responses"], &mut named);
    let mut closed = BTreeSet::new();
    while let Some(name) = named.pop_first() {
        if closed.insert(name.clone()) {
            document["components"]["schemas"]
                .get_mut(&name)
                .into_iter()
                .for_each(|schema| close(schema, &mut named));
        }
    }
}

/// Closes the objects of a schema, and collects the names of the schemas that it refers to.
fn close(place: &mut Value, named: &mut BTreeSet<String>) {
    match place {
        Value::Array(parts) => parts.iter_mut().for_each(|part| close(part, named)),
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            named.extend(
                reference.and_then(|name| name.strip_prefix("#/components/schemas/")).map(str::to_owned),
            );
            if members.get("properties").is_some_and(Value::is_object) {
                members.entry("additionalProperties").or_insert(json!(false));
            }
            // An example is a value, not a schema.
            members
                .iter_mut()
                .filter(|(name, _)| !matches!(name.as_str(), "example" | "examples" | "default" | "enum"))
                .for_each(|(_, part)| close(part, named));
        }
        _ => {}
    }
}
