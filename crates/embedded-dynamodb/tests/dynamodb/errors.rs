//! Failures arrive as the error types of the SDK.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem,
};
use embedded_dynamodb::EmbeddedDynamoDb;

use crate::{at, client, create, line, lines, n, put, s};

#[tokio::test]
async fn a_condition_that_fails_returns_the_item() {
    let client = lines().await;
    put(&client, line("dan", "1", 7)).await;
    let put = client.put_item().table_name("lines").set_item(Some(line("dan", "1", 1)));
    let put = put.condition_expression("attribute_not_exists(id)");
    let error = put.clone().send().await.unwrap_err().into_service_error();
    assert!(error.is_conditional_check_failed_exception(), "{error:?}");
    assert_eq!(error.message(), Some("The conditional request failed"));

    let put = put.return_values_on_condition_check_failure(OnFailure::AllOld).send();
    let delete = client.delete_item().table_name("lines").set_key(Some(at("dan", "1")));
    let delete = delete.condition_expression("quantity = :q").expression_attribute_values(":q", n(8));
    let delete = delete.return_values_on_condition_check_failure(OnFailure::AllOld).send();
    let update = client.update_item().table_name("lines").set_key(Some(at("dan", "1")));
    let update = update.update_expression("SET quantity = :q").expression_attribute_values(":q", n(8));
    let update = update.condition_expression("quantity > :q");
    let update = update.return_values_on_condition_check_failure(OnFailure::AllOld).send();

    use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
    use aws_sdk_dynamodb::operation::put_item::PutItemError;
    use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
    let put = match put.await.unwrap_err().into_service_error() {
        PutItemError::ConditionalCheckFailedException(failed) => failed,
        other => panic!("{other:?}"),
    };
    let delete = match delete.await.unwrap_err().into_service_error() {
        DeleteItemError::ConditionalCheckFailedException(failed) => failed,
        other => panic!("{other:?}"),
    };
    let update = match update.await.unwrap_err().into_service_error() {
        UpdateItemError::ConditionalCheckFailedException(failed) => failed,
        other => panic!("{other:?}"),
    };
    for failed in [put, delete, update] {
        assert_eq!(failed.item, Some(line("dan", "1", 7)));
    }
}

#[tokio::test]
async fn a_cancelled_transaction_tells_each_reason_in_its_place_and_writes_nothing() {
    let client = lines().await;
    put(&client, line("dan", "2", 7)).await;
    put(&client, line("dan", "4", 9)).await;
    let new = |id: &str, back| {
        let put = Put::builder().table_name("lines").set_item(Some(line("dan", id, 1)));
        let put = put.condition_expression("attribute_not_exists(id)");
        let put = put.return_values_on_condition_check_failure(back).build().unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let items = vec![
        new("1", OnFailure::AllOld),
        new("2", OnFailure::AllOld),
        new("3", OnFailure::AllOld),
        new("4", OnFailure::None),
    ];
    let error = client.transact_write_items().set_transact_items(Some(items)).send().await.unwrap_err();
    let TransactWriteItemsError::TransactionCanceledException(canceled) = error.into_service_error() else {
        panic!("another error");
    };
    let reasons: Vec<_> = canceled
        .cancellation_reasons()
        .iter()
        .map(|reason| (reason.code().unwrap(), reason.item().cloned()))
        .collect();
    let failed = "ConditionalCheckFailed";
    assert_eq!(
        reasons,
        [("None", None), (failed, Some(line("dan", "2", 7))), ("None", None), (failed, None)]
    );
    assert_eq!(client.scan().table_name("lines").send().await.unwrap().count, 2);
}

#[tokio::test]
async fn a_token_is_for_one_transaction() {
    let client = lines().await;
    let put = |quantity| {
        let put = Put::builder().table_name("lines").set_item(Some(line("dan", "1", quantity)));
        let item = TransactWriteItem::builder().put(put.build().unwrap()).build();
        client.transact_write_items().transact_items(item).client_request_token("token").send()
    };
    put(1).await.unwrap();
    let error = put(2).await.unwrap_err().into_service_error();
    assert!(error.is_idempotent_parameter_mismatch_exception(), "{error:?}");
}

#[tokio::test]
async fn an_item_that_dynamodb_does_not_take_is_a_validation_error() {
    let client = lines().await;
    for (name, value, says) in [
        ("user", s(""), "empty string"),
        ("user", n(1), "Type mismatch for key"),
        ("quantity", AttributeValue::N("many".into()), "cannot be converted to a numeric value: many"),
        ("names", AttributeValue::Ss(Vec::new()), "may not be empty"),
        ("names", AttributeValue::Ss(vec!["a".into(), "a".into()]), "contains duplicates"),
        ("id", s(&"x".repeat(1_025)), "exceeded"),
        ("text", s(&"x".repeat(410_000)), "Item size has exceeded the maximum allowed size"),
        ("deep", (0..40).fold(s("x"), |inner, _| AttributeValue::L(vec![inner])), "Nesting Levels"),
        ("deeper", (0..200).fold(s("x"), |inner, _| AttributeValue::L(vec![inner])), "recursion limit"),
    ] {
        let mut item = line("dan", "1", 1);
        item.insert(name.into(), value);
        let put = client.put_item().table_name("lines").set_item(Some(item)).send().await;
        let error = put.expect_err(name);
        let code = if name == "deeper" { "SerializationException" } else { "ValidationException" };
        assert_eq!(error.code(), Some(code), "{name}: {error:?}");
        assert!(error.message().is_some_and(|text| text.contains(says)), "{name}: {:?}", error.message());
    }
    assert_eq!(client.scan().table_name("lines").send().await.unwrap().count, 0);
}

#[tokio::test]
async fn a_table_that_is_missing_or_there() {
    let client = client(&EmbeddedDynamoDb::memory().unwrap());
    let get = client.get_item().table_name("lines").set_key(Some(at("dan", "1"))).send().await;
    let get = get.unwrap_err().into_service_error();
    assert!(get.is_resource_not_found_exception(), "{get:?}");
    let query = client.query().table_name("lines").key_condition_expression("id = :i");
    let query = query.expression_attribute_values(":i", s("1")).send().await.unwrap_err();
    assert!(query.into_service_error().is_resource_not_found_exception());
    create(&client).await;
    let again = client.create_table().table_name("lines").set_key_schema(Some(vec![])).send().await;
    assert_eq!(again.unwrap_err().code(), Some("ValidationException"));
}

#[tokio::test]
async fn an_operation_that_is_not_there_is_unknown() {
    let client = lines().await;
    let error = client.create_backup().table_name("lines").backup_name("b").send().await.unwrap_err();
    assert_eq!(error.code(), Some("UnknownOperationException"));
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 400);
}

#[test]
fn a_request_that_no_sdk_sends_is_refused() {
    let dynamodb = EmbeddedDynamoDb::memory().unwrap();
    let (unknown, unreadable) = ("UnknownOperationException", "SerializationException");
    for (target, body, code) in [
        ("", "{}", unknown),
        ("GetItem", "{}", unknown),
        ("DynamoDB_20120810.", "{}", unknown),
        ("DynamoDB_20120810.getitem", "{}", unknown),
        ("DynamoDB_20120810.GetItem", "", unreadable),
        ("DynamoDB_20120810.GetItem", "{", unreadable),
        ("DynamoDB_20120810.GetItem", "1", unreadable),
        ("DynamoDB_20120810.GetItem", r#"{"TableName": 1}"#, unreadable),
        ("DynamoDB_20120810.GetItem", "\u{0}", unreadable),
        ("DynamoDB_20120810.GetItem", "{}", "ValidationException"),
        ("DynamoDB_20120810.PutItem", r#"{"TableName": "lines"}"#, "ValidationException"),
    ] {
        let answer = dynamodb.answer(target, body.as_bytes());
        assert_eq!(answer.status, 400, "{target} {body}: {}", answer.body);
        let kind = format!("#{code}\"");
        assert!(answer.body.contains(&kind), "{target} {body}: {}", answer.body);
    }
    assert!(dynamodb.answer("DynamoDB_20120810.GetItem", b"\xff\xfe").body.contains(unreadable));
}
