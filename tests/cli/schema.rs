//! As much of JSON Schema as `assets/snapshot.schema.json` uses.

use serde_json::Value;

/// Everything in `value` that `schema` does not allow, with its path.
pub fn violations(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(wanted) = schema.get("const")
        && wanted != value
    {
        found.push(format!("{path}: {value} is not {wanted}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        found.push(format!("{path}: {value} is none of {words:?}"));
    }
    if !is_of_type(&schema["type"], value) {
        found.push(format!("{path}: {value} is no {}", schema["type"]));
    }
    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(violations(&schema["items"], item, &format!("{path}[{i}]")));
    }
    if let Some(members) = value.as_object() {
        found.extend(object(schema, members, path));
    }
    found
}

fn object(schema: &Value, members: &serde_json::Map<String, Value>, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for key in schema["required"].as_array().into_iter().flatten() {
        if !members.contains_key(key.as_str().unwrap()) {
            found.push(format!("{path}: {key} is missing"));
        }
    }
    for (key, value) in members {
        let path = format!("{path}.{key}");
        match (
            schema["properties"].get(key),
            &schema["additionalProperties"],
        ) {
            (Some(known), _) => found.extend(violations(known, value, &path)),
            (None, Value::Bool(false)) => found.push(format!("{path}: is not documented")),
            (None, others) => found.extend(violations(others, value, &path)),
        }
    }
    found
}

fn is_of_type(types: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match types {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().any(|name| is(name.as_str().unwrap())),
        _ => true,
    }
}

#[test]
fn it_finds_what_is_wrong() {
    let schema = serde_json::json!({
        "type": "object",
        "properties": { "a": { "type": ["integer", "null"] }, "b": { "enum": ["x"] } },
        "required": ["a", "b"],
        "additionalProperties": false,
    });
    let check = |value| violations(&schema, &value, "$");
    assert!(check(serde_json::json!({ "a": null, "b": "x" })).is_empty());
    assert_eq!(
        check(serde_json::json!({ "a": 1.5, "b": "y", "c": 1 })).len(),
        3
    );
    assert_eq!(check(serde_json::json!({})).len(), 2);
}
