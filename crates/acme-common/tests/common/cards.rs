//! Cards: read in every spelling, never shown, and sealed for one order and one key.

use acme_common::card::{Brand, Card, CardOpener, CardSealer, CardSummary, NotAKey, SealedCard};
use acme_common::id::OrderId;
use acme_common::json::{Field, from_slice};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::read;

fn card(json: Value) -> Card {
    read(&json).unwrap()
}

fn visa() -> Card {
    card(json!({"type": "Visa", "number": "4111111111111111", "expMonth": 1, "expYear": 2030, "cvv": "737"}))
}

fn order() -> OrderId {
    OrderId::parse("3f-1").unwrap()
}

#[test]
fn a_card_is_read_in_every_spelling() {
    for json in [
        json!({"number": "4111111111111111", "expMonth": 1, "expYear": 2030, "cvv": "737", "type": "visa"}),
        json!({"Number": "4111 1111 1111 1111", "ExpiryMonth": "01", "ExpiryYear": "30", "CVV": 737, "Type": "VISA"}),
        json!({"NUMBER": 4_111_111_111_111_111_u64, "expmonth": "1", "expyear": 30, "ccv": "737", "type": " Visa "}),
    ] {
        let card = card(json);
        assert_eq!((card.number(), card.cvv()), ("4111111111111111", "737"));
        assert_eq!((card.exp_month, card.exp_year, card.claimed), (1, 2030, Some(Brand::Visa)));
    }
}

#[test]
fn a_type_that_is_no_brand_is_ignored_or_refused() {
    for (kind, claimed, refused) in [
        (json!(null), None, false),
        (json!("amex"), Some(Brand::AmericanExpress), false),
        (json!("American-Express"), Some(Brand::AmericanExpress), false),
        (json!("dinersclubenroute"), Some(Brand::DinersClubEnroute), false),
        (json!("amex/visa/mastercard/bahubali"), None, true),
        (json!(""), None, true),
        (json!(7), None, true),
    ] {
        let json = json!({"number": "1", "expMonth": 1, "expYear": 30, "cvv": "1", "type": kind});
        assert_eq!(card(json.clone()).claimed, claimed, "{kind}");
        let required = Card::require_brand(&Field::root(&json));
        assert_eq!(required.map_err(|error| error.field).err(), refused.then(|| "type".to_owned()), "{kind}");
    }
}

#[test]
fn a_summary_shows_four_digits_of_many_and_none_of_few() {
    for (number, last4, brand) in [
        ("4111111111111234", "1234", "Visa"),
        ("378282246310005", "0005", "American Express"),
        ("111111111", "1111", ""),
        ("41111111", "", "Visa"),
        ("x", "", ""),
        ("éééééééééé", "", ""),
    ] {
        let card = card(json!({"number": number, "expMonth": 1, "expYear": 30, "cvv": "1"}));
        let summary = CardSummary { brand: brand.into(), last4: last4.into(), exp_month: 1, exp_year: 2030 };
        assert_eq!(card.summary(), summary);
        let json = json!({"type": brand, "last4": last4, "expMonth": 1, "expYear": 2030});
        assert_eq!(json!(summary), json);
        assert_eq!(read::<CardSummary>(&json).unwrap(), summary);
    }
}

#[test]
fn a_seal_opens_for_its_order_and_its_key_alone() {
    let opener = CardOpener::generate();
    let sealed = opener.sealer().seal(&order(), &visa());
    let opened = opener.open(&order(), &sealed).unwrap();
    assert_eq!((opened.number(), opened.cvv()), ("4111111111111111", "737"));
    assert_eq!((opened.exp_month, opened.exp_year, opened.claimed), (1, 2030, Some(Brand::Visa)));
    assert_ne!(sealed, opener.sealer().seal(&order(), &visa()), "no two seals are alike");

    let other = OrderId::parse("3f-2").unwrap();
    assert!(opener.open(&other, &sealed).is_err());
    assert!(CardOpener::generate().open(&order(), &sealed).is_err());
    let bytes = BASE64.decode(&sealed.sealed).unwrap();
    for place in (0..bytes.len()).step_by(5) {
        let mut bytes = bytes.clone();
        bytes[place] ^= 1;
        check_closed(&opener, &sealed, &BASE64.encode(bytes));
    }
    for length in (0..bytes.len()).step_by(9) {
        check_closed(&opener, &sealed, &BASE64.encode(&bytes[..length]));
    }
    for text in ["", "no base64", "====", "é"] {
        check_closed(&opener, &sealed, text);
    }
}

#[track_caller]
fn check_closed(opener: &CardOpener, card: &SealedCard, sealed: &str) {
    let card = SealedCard { sealed: sealed.to_owned(), ..card.clone() };
    assert!(opener.open(&order(), &card).is_err(), "{sealed}");
}

#[test]
fn keys_are_kept_as_text_and_never_shown() {
    let opener = CardOpener::generate();
    let text = opener.to_base64();
    let again = CardOpener::from_base64(&format!(" {}\n", text.as_str())).unwrap();
    let sealer = CardSealer::from_base64(&opener.sealer().to_base64()).unwrap();
    assert!(again.open(&order(), &sealer.seal(&order(), &visa())).is_ok());
    assert!(!format!("{opener:?}").contains(text.as_str()));
    for text in ["", "AA==", "no base64", &"A".repeat(43)] {
        assert!(CardOpener::from_base64(text).is_err() && CardSealer::from_base64(text).is_err(), "{text}");
    }
}

/// The points of <https://cr.yp.to/ecdh.html#validate>. With them, all secrets are the same.
#[test]
fn a_public_key_of_low_order_is_no_key() {
    let bytes = |first: u8, middle: u8, last: u8| {
        let mut bytes = [middle; 32];
        (bytes[0], bytes[31]) = (first, last);
        BASE64.encode(bytes)
    };
    for text in [
        &bytes(0, 0, 0),
        &bytes(1, 0, 0),
        &bytes(0xec, 0xff, 0x7f),
        &bytes(0xed, 0xff, 0x7f),
        &bytes(0xee, 0xff, 0x7f),
        "4Ot6fDtBuK4WVuP68Z/EatoJjeucMrH9hmIFFl9JuAA=",
        "X5yVvKNQjCSx0LFVnIPvWwREXMRYHI6G2CJO3dCfEVc=",
    ] {
        assert_eq!(CardSealer::from_base64(text).map(|sealer| sealer.to_base64()), Err(NotAKey), "{text}");
    }
}

proptest! {
    // Few cases, because the curve is slow without optimisation.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_card_that_is_read_comes_back_from_its_seal(
        number in ".{1,40}", cvv in ".{1,8}", month in 0..=9999, year in 0..=9999, order in "[^\\p{Cc}]{1,128}",
    ) {
        let json = json!({"number": number, "cvv": cvv, "expMonth": month, "expYear": year});
        let Ok(card) = read::<Card>(&json) else {
            return Ok(());
        };
        let order = OrderId::parse(&order).unwrap();
        let opener = CardOpener::generate();
        let sealed = opener.sealer().seal(&order, &card);
        let opened = opener.open(&order, &sealed).unwrap();
        prop_assert_eq!((opened.number(), opened.cvv()), (card.number(), card.cvv()));
        prop_assert_eq!((opened.exp_month, opened.exp_year), (card.exp_month, card.exp_year));
        let arrived = from_slice::<SealedCard>(json!(sealed).to_string().as_bytes());
        prop_assert_eq!(arrived.unwrap(), sealed);
    }

    #[test]
    fn no_number_is_ever_shown(number in "[0-9]{13,19}", cvv in "[a-z]{8}") {
        let card = card(json!({"number": number, "cvv": cvv, "expMonth": 1, "expYear": 30}));
        let shown = format!("{card:?}{}", json!(card.summary()));
        prop_assert!(!shown.contains(&number[..8]) && !shown.contains(&number[8..]) && !shown.contains(&cvv));
    }
}
