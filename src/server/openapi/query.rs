//! The query language as the API describes it, made from the one registry of rules.

use super::{closed, list_of, parameter};
use crate::query::rules::{Form, KEYS, RuleSpec};
use crate::query::{MAX_RULES, MAX_TEXT_BYTES, MAX_TEXT_CHARS, MAX_VALUES, RULES};
use serde_json::{Map, Value, json};

/// The language in a paragraph and a list.
fn help() -> String {
    let mut text =
        "A YAML mapping with the optional keys `want` and `exclude` (lists of rules) and `include_obsolete` \
                    (boolean). A rule is a mapping with exactly one key:\n\n"
            .to_owned();
    for rule in &RULES {
        text.push_str(&format!("- `{}`: the picture {}\n", rule.example, rule.meaning));
    }
    text.push_str(&format!(
        "\nAt most {} KiB, {MAX_RULES} rules, and {MAX_VALUES} values in a list. Nothing at all finds every picture that \
         nothing has replaced.\n",
        MAX_TEXT_BYTES / 1024
    ));
    text
}

/// The same parameters, and the query's text.
pub(super) fn by_address(mut parameters: Vec<Value>) -> Vec<Value> {
    parameters.push(parameter("query", "query", "The query's text.", json!({"type": "string"})));
    parameters
}

/// The same parameters, and the one with which whoever follows a link sends a body.
pub(super) fn by_body(mut parameters: Vec<Value>) -> Vec<Value> {
    let text = "Passed over: the body is the query.";
    parameters.push(parameter("query", "query", text, json!({"type": "string"})));
    parameters
}

/// A query as the body of a request.
pub(super) fn body() -> Value {
    let text = json!({"schema": {"type": "string"}});
    json!({"required": false, "description": help(), "content": {
        "application/yaml": text, "text/yaml": text, "text/plain": text,
        "application/json": {"schema": super::schema("Query")},
    }})
}

/// A query as JSON.
pub(super) fn schema() -> Value {
    let mut rules = list_of(super::schema("QueryRule"));
    rules["minItems"] = 1.into();
    let mut keys = Map::new();
    for key in &KEYS {
        let is_list = key.name != "include_obsolete";
        let mut value = if is_list { rules.clone() } else { json!({"type": "boolean", "default": false}) };
        value["description"] = key.meaning.into();
        keys.insert(key.name.to_owned(), value);
    }
    closed(&[], Value::Object(keys))
}

/// One rule as JSON.
pub(super) fn rule_schema() -> Value {
    let rule = |spec: &RuleSpec| {
        let mut rule = closed(&[spec.name], json!({spec.name: argument(spec.form)}));
        rule["title"] = spec.label.into();
        rule["description"] = format!("The picture {}.", spec.meaning).into();
        rule
    };
    json!({"oneOf": RULES.iter().map(rule).collect::<Vec<_>>()})
}

fn argument(form: Form) -> Value {
    let text = json!({"type": "string", "minLength": 1, "maxLength": MAX_TEXT_CHARS});
    let mut value = match form {
        Form::Names(_) | Form::Text(_) | Form::Origin => text,
        Form::Ids(_) | Form::Number(..) => json!({"type": "integer", "format": "int64"}),
        Form::Rating(_) => json!({"type": "number"}),
        Form::Time(_) => json!({"oneOf": [
            {"type": "integer", "format": "int64", "description": "Unix seconds."},
            {"type": "string", "description": "ISO 8601, in UTC unless it says otherwise: `2024-12-31T18:00:00Z`; of a day \
                (`2024-12-31`) or a month (`2024-12`) the beginning."},
        ]}),
    };
    if let Some((least, most, _)) = form.range() {
        value["minimum"] = json!(least);
        if let Some(most) = most {
            value["maximum"] = json!(most);
        }
    }
    if form.takes_list() {
        let list = json!({"type": "array", "minItems": 1, "maxItems": MAX_VALUES, "items": value});
        value = json!({"oneOf": [value, list]});
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_described_as_the_parser_reads_it() {
        let described = rule_schema();
        let described = described["oneOf"].as_array().unwrap();
        assert_eq!(described.len(), RULES.len());
        for (schema, spec) in described.iter().zip(&RULES) {
            let argument = &schema["properties"][spec.name];
            let list = argument["oneOf"].as_array().into_iter().flatten().find(|kind| kind["type"] == "array");
            let takes = |value: &Value| crate::query::parse(&json!({"want": [{spec.name: value}]}).to_string()).is_ok();
            let value = match (list.unwrap_or(argument), spec.form) {
                (_, Form::Time(_)) => json!("2024-12-31"),
                (schema, _) => {
                    let one = if schema["type"] == "array" { &schema["items"] } else { schema };
                    one.get("minimum").cloned().unwrap_or_else(|| json!("x".repeat(MAX_TEXT_CHARS)))
                }
            };
            assert!(takes(&value), "{}: {value}", spec.name);
            assert_eq!(takes(&json!([value, value])), list.is_some(), "{}", spec.name);
            let beyond =
                value.as_f64().map_or_else(|| json!("x".repeat(MAX_TEXT_CHARS + 1)), |least| json!(least - 1.0));
            assert!(!takes(&beyond), "{}: {beyond}", spec.name);
        }
    }
}
