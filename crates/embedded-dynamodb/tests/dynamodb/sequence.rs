//! The same requests in the same order get the same bytes.

use embedded_dynamodb::EmbeddedDynamoDb;

const CREATE: &str = r#"{"TableName": "lines", "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "user", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": "user", "AttributeType": "S"}, {"AttributeName": "id", "AttributeType": "S"}]}"#;

/// An operation and its input. `*` stands for an item with twelve attributes, which a hash map holds in any order.
const REQUESTS: [(&str, &str); 11] = [
    ("PutItem", r#"{"TableName": "lines", "Item": *1}"#),
    ("PutItem", r#"{"TableName": "lines", "Item": *1, "ReturnValues": "ALL_OLD"}"#),
    (
        "PutItem",
        r#"{"TableName": "lines", "Item": *1, "ConditionExpression": "attribute_not_exists(id)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}"#,
    ),
    (
        "BatchWriteItem",
        r#"{"RequestItems": {"lines": [{"PutRequest": {"Item": *2}}, {"PutRequest": {"Item": *3}}]}}"#,
    ),
    (
        "UpdateItem",
        r#"{"TableName": "lines", "Key": {"user": {"S": "dan"}, "id": {"S": "2"}}, "UpdateExpression": "SET m.x = :x",
            "ExpressionAttributeValues": {":x": {"S": "y"}}, "ReturnValues": "ALL_NEW"}"#,
    ),
    ("GetItem", r#"{"TableName": "lines", "Key": {"user": {"S": "dan"}, "id": {"S": "2"}}}"#),
    (
        "Query",
        r##"{"TableName": "lines", "KeyConditionExpression": "#u = :u", "ExpressionAttributeNames": {"#u": "user"},
            "ExpressionAttributeValues": {":u": {"S": "dan"}}, "Limit": 2, "ReturnConsumedCapacity": "INDEXES"}"##,
    ),
    ("Scan", r#"{"TableName": "lines", "Limit": 2}"#),
    (
        "BatchGetItem",
        r#"{"RequestItems": {"lines": {"Keys": [{"user": {"S": "dan"}, "id": {"S": "3"}}, {"user": {"S": "dan"}, "id": {"S": "1"}}]}}}"#,
    ),
    (
        "TransactWriteItems",
        r#"{"TransactItems": [{"Put": {"TableName": "lines", "Item": *4}}, {"Put": {"TableName": "lines", "Item": *1,
            "ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}]}"#,
    ),
    ("CreateBackup", "{}"),
];

/// All answers, one per line.
fn answers() -> Vec<String> {
    let dynamodb = EmbeddedDynamoDb::memory().unwrap();
    let create = dynamodb.answer("DynamoDB_20120810.CreateTable", CREATE.as_bytes());
    assert_eq!(create.status, 200, "{}", create.body);
    let answers = REQUESTS.map(|(operation, input)| {
        let input = (1..=4).fold(input.to_owned(), |input, id| input.replace(&format!("*{id}"), &item(id)));
        let answer = dynamodb.answer(&format!("DynamoDB_20120810.{operation}"), input.as_bytes());
        format!("{operation} {} {}", answer.status, answer.body)
    });
    answers.to_vec()
}

fn item(id: u32) -> String {
    let texts: String = ('a'..='l').map(|name| format!(r#", "{name}": {{"S": "{name}{id}"}}"#)).collect();
    format!(
        r#"{{"user": {{"S": "dan"}}, "id": {{"S": "{id}"}}, "m": {{"M": {{"p": {{"N": "1"}}, "q": {{"N": "2"}}}}}}{texts}}}"#
    )
}

#[test]
fn it_repeats() {
    let first = answers();
    let statuses: Vec<_> = first.iter().map(|answer| answer.split(' ').nth(1).unwrap()).collect();
    assert_eq!(
        statuses,
        ["200", "200", "400", "200", "200", "200", "200", "200", "200", "400", "400"],
        "{first:#?}"
    );
    for _ in 0..5 {
        assert_eq!(answers(), first);
    }
}
