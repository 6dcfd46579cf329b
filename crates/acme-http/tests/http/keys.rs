//! The keys of the tokens: several while one replaces another, and nothing that is no key.

use acme_http::testing::Tokens;
use acme_http::token::{Claims, Issuer, TokenUse, Verifier};
use jiff::Timestamp;

#[test]
fn keys_take_turns_and_nothing_else_is_one() {
    let (old, new) = (Tokens::generate().issuer, Tokens::generate().issuer);
    let (first, second) = (old.public_pem().unwrap(), new.public_pem().unwrap());
    let token = |issuer: &Issuer| issuer.issue(&Claims::refresh("id-1", Timestamp::now())).unwrap();
    for (pem, takes_old, takes_new) in [
        (first.clone(), true, false),
        (second.clone(), false, true),
        (format!("{first}{second}"), true, true),
        (format!("\n{second}\n\n{first}\n{first}"), true, true),
    ] {
        let verifier = Verifier::from_pem(&pem).unwrap();
        assert_eq!(verifier.verify(&token(&old), TokenUse::Refresh).is_ok(), takes_old);
        assert_eq!(verifier.verify(&token(&new), TokenUse::Refresh).is_ok(), takes_new);
    }

    let private = Issuer::generate().unwrap().1;
    assert_eq!(
        Issuer::from_pem(&format!("\n{}\n", *private)).unwrap().kid(),
        Issuer::from_pem(&private).unwrap().kid()
    );
    let cut = &first[..first.len() - 40];
    for pem in
        ["", "\n", "nonsense", "key", &private, cut, &format!("{first}{cut}"), &format!("{first}nonsense")]
    {
        let error = Verifier::from_pem(pem).unwrap_err().to_string();
        assert_eq!(error, "token keys: expected Ed25519 public keys in PEM");
        assert!(Issuer::from_pem(pem).is_err() || pem == private.as_str());
    }
}
