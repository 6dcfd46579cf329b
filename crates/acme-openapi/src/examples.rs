//! Gives every body an example, which consists of the examples of its parts.

use serde_json::{Map, Value, json};

/// A part of a body has no example.
#[derive(Debug, thiserror::Error)]
#[error("{body}: there is no example of {part}")]
pub struct NoExample {
    /// The request or the answer with the body.
    body: String,
    /// The part, such as `.cart[].name`.
    part: String,
}

/// Adds an example to each body of a request or an answer that has none.
pub(crate) fn add(document: &mut Value) -> Result<(), NoExample> {
    let schemas = document["components"]["schemas"].clone();
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            let body = |what: &str| format!("{what} of {method} {path}");
            if let Some(content) = operation.pointer_mut("/requestBody/content") {
                add_to(content, &body("the request"), &schemas)?;
            }
            for (status, answer) in operation["responses"].as_object_mut().into_iter().flatten() {
                if let Some(content) = answer.get_mut("content") {
                    add_to(content, &body(status), &schemas)?;
                }
            }
        }
    }
    Ok(())
}

fn add_to(content: &mut Value, body: &str, schemas: &Value) -> Result<(), NoExample> {
    for (_, media) in content.as_object_mut().into_iter().flatten() {
        if media["example"].is_null() {
            let example = example(&media["schema"], schemas, String::new());
            media["example"] = example.map_err(|part| NoExample { body: body.to_owned(), part })?;
        }
    }
    Ok(())
}

/// The example of a schema, or the name of a part without an example.
fn example(schema: &Value, schemas: &Value, part: String) -> Result<Value, String> {
    let name = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/"));
    if let Some(name) = name {
        return example(&schemas[name], schemas, part);
    }
    let own = [&schema["example"], &schema["examples"][0], &schema["enum"][0], &schema["default"]];
    if let Some(own) = own.into_iter().find(|value| !value.is_null()) {
        return Ok(own.clone());
    }
    if let Some(members) = schema["properties"].as_object() {
        let members = members
            .iter()
            .map(|(name, member)| Ok((name.clone(), example(member, schemas, format!("{part}.{name}"))?)));
        return members.collect::<Result<Map<_, _>, _>>().map(Value::Object);
    }
    match schema["type"].as_str() {
        Some("array") => Ok(json!([example(&schema["items"], schemas, part + "[]")?])),
        Some("boolean") => Ok(json!(true)),
        _ if schema["oneOf"].is_array() => example(&schema["oneOf"][0], schemas, part),
        _ => Err(part),
    }
}
