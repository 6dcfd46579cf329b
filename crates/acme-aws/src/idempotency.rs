//! Idempotency-Keys on DynamoDB. `IDEMPOTENCY#<hash of caller and key>` holds a claim, and later the answer.

use acme_common::idempotency::{Answer, Claim, Claimed, IdempotencyKeys, Keyed, Released};
use acme_common::store::StoreError;
use async_trait::async_trait;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use serde::{Deserialize, Serialize};

use crate::error::write_error;
use crate::item::{Item, corrupt, from_item, n, s, to_item};
use crate::table::Table;

/// The sort key of an Idempotency-Key's item.
const SK: &str = "IDEMPOTENCY";
/// The condition that this request holds the claim and the claim has no answer.
const HELD: &str = "claimant = :claimant AND attribute_not_exists(answerStatus)";

/// The item of an Idempotency-Key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    fingerprint: String,
    claimant: String,
    /// The end of the claim, in seconds since 1970.
    claimed_until: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_status: Option<u16>,
    /// The body of the answer, as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_body: Option<String>,
    expires_at: i64,
}

fn pk(claim: &Claim) -> String {
    format!("IDEMPOTENCY#{}", claim.key)
}

impl Row {
    fn new(claim: &Claim, answer: Option<&Answer>) -> Self {
        Self {
            pk: pk(claim),
            sk: SK.to_owned(),
            fingerprint: claim.fingerprint.clone(),
            claimant: claim.claimant.clone(),
            claimed_until: claim.until().as_second(),
            answer_status: answer.map(|answer| answer.status),
            answer_body: answer.map(|answer| answer.body.to_string()),
            expires_at: claim.kept_until().as_second(),
        }
    }

    fn answer(&self) -> Result<Option<Answer>, StoreError> {
        let (Some(status), Some(body)) = (self.answer_status, &self.answer_body) else { return Ok(None) };
        let body = serde_json::from_str(body).map_err(|_| corrupt("answerBody"))?;
        Ok(Some(Answer { status, body }))
    }

    /// The result of a claim when this row already has the key.
    fn against(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        Ok(match self.answer()? {
            _ if self.fingerprint != claim.fingerprint => Claimed::OtherRequest,
            Some(answer) => Claimed::Answered(answer),
            None => Claimed::InProgress,
        })
    }
}

#[async_trait]
impl IdempotencyKeys for Table {
    async fn claim(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        // DynamoDB may take days to delete expired items. A claim that ends later than a new claim would was made by a
        // clock that was ahead.
        let free = "attribute_not_exists(PK) OR expiresAt < :now OR (attribute_not_exists(answerStatus) \
                    AND fingerprint = :fingerprint AND NOT claimedUntil BETWEEN :now AND :until)";
        let put = self.client.put_item().table_name(&self.name);
        let put = put
            .set_item(Some(to_item(&Row::new(claim, None))?))
            .condition_expression(free)
            .expression_attribute_values(":now", n(claim.at.as_second()))
            .expression_attribute_values(":until", n(claim.until().as_second()))
            .expression_attribute_values(":fingerprint", s(&claim.fingerprint))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = put.send().await else { return Ok(Claimed::New) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => match failed.item.clone() {
                // The SDK sent the claim twice, because the first answer was lost.
                Some(item) if is_held(&item, claim) => Ok(Claimed::New),
                Some(item) => from_item::<Row>(item)?.against(claim),
                None => Ok(Claimed::InProgress),
            },
            _ => Err(write_error(error)),
        }
    }

    async fn keep(&self, keyed: &Keyed) -> Result<(), StoreError> {
        self.transact_keyed(Vec::new(), Some(keyed)).await.map(|_| ())
    }

    async fn release(&self, claim: &Claim) -> Result<Released, StoreError> {
        let delete = self.client.delete_item().table_name(&self.name);
        let delete = delete
            .key("PK", s(pk(claim)))
            .key("SK", s(SK))
            .condition_expression(HELD)
            .expression_attribute_values(":claimant", s(&claim.claimant))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = delete.send().await else { return Ok(Released::Free) };
        let failed = match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(failed)) => failed.item.clone(),
            _ => return Err(write_error(error)),
        };
        let row = failed.map(from_item::<Row>).transpose()?;
        let row = row.filter(|row| row.fingerprint == claim.fingerprint);
        let answer = row.map(|row| row.answer()).transpose()?.flatten();
        Ok(answer.map_or(Released::Free, Released::Answered))
    }
}

impl Table {
    /// Writes all of `writes` and keeps the answer under its key, or does nothing. Returns the index of the first write
    /// whose condition did not hold, or `None` when all were written.
    pub(crate) async fn transact_keyed(
        &self,
        mut writes: Vec<TransactWriteItem>,
        keyed: Option<&Keyed>,
    ) -> Result<Option<usize>, StoreError> {
        let key = writes.len();
        if let Some(Keyed { claim, answer }) = keyed {
            let put = Put::builder().table_name(&self.name);
            let put = put.set_item(Some(to_item(&Row::new(claim, Some(answer)))?)).condition_expression(HELD);
            let put = put.expression_attribute_values(":claimant", s(&claim.claimant));
            let put = put.build().map_err(StoreError::rejected)?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        match self.transact(writes).await? {
            Some(failed) if failed == key && keyed.is_some() => Err(StoreError::KeyTaken),
            outcome => Ok(outcome),
        }
    }
}

fn is_held(item: &Item, claim: &Claim) -> bool {
    item.get("claimant") == Some(&s(&claim.claimant)) && !item.contains_key("answerStatus")
}
