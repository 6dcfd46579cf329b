//! The keys of the tokens: several keys while one replaces another, and texts that are not keys.

use acme_http::testing::Tokens;
use acme_http::token::{Claims, Issuer, TokenUse, Verifier};
use jiff::Timestamp;

#[test]
fn keys_take_turns_and_nothing_else_is_one() {
    let (old, new) = (Tokens::generate().issuer, Tokens::generate().issuer);
    let (first, second) = (old.public_pem().to_owned(), new.public_pem().to_owned());
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

#[test]
fn a_key_is_read_in_either_version_of_its_format() {
    // The key of RFC 8037, appendix A. OpenSSL writes the short form. Older versions of this shop wrote the long form,
    // which contains the public key.
    const SHORT: &str = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
    const LONG: &str = "MFECAQEwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
        gSEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    const PUBLIC: &str = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    for base64 in [SHORT, LONG] {
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
        let issuer = Issuer::from_pem(&pem).unwrap();
        assert_eq!(issuer.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "{base64}");
        let public = format!("-----BEGIN PUBLIC KEY-----\n{PUBLIC}\n-----END PUBLIC KEY-----\n");
        assert_eq!(issuer.public_pem(), public);
        // The long form with the public key of another private key.
        assert!(Issuer::from_pem(&pem.replace("11qY", "11qZ")).is_err() || base64 == SHORT);
    }
}
