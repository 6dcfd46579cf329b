//! The demo users: six customers and one member of staff.

use acme_common::id::UserId;

use crate::error::UserError;
use crate::password::Password;
use crate::store::{RegisterError, Users};
use crate::user::{Credentials, Email, User, Username};

/// The password of all demo users.
pub const PASSWORD: &str = "vmware1!";
/// The username of the member of staff.
pub const STAFF: &str = "staff";

/// The demo users. Their ids are always the same.
pub fn users() -> Vec<User> {
    let user = |&(id, username, firstname, lastname): &(&str, &str, &str, &str)| {
        Some(User {
            id: UserId::parse(id)?,
            username: Username::parse(username)?,
            firstname: firstname.to_owned(),
            lastname: lastname.to_owned(),
            email: Email::parse(&format!("{username}@acmefitness.example"))?,
            staff: username == STAFF,
        })
    };
    PEOPLE.iter().filter_map(user).collect()
}

/// Registers the demo users that are missing. A username that is already taken stays with its user.
///
/// # Errors
/// When hashing or the store fails.
pub async fn seed(store: &dyn Users) -> Result<(), UserError> {
    register_missing(store, users(), Password::of_demo(PASSWORD)).await
}

/// Registers only the member of staff, with a password of your own. Use it if others can reach the shop, because
/// everybody knows the password of the demo users.
///
/// # Errors
/// When hashing or the store fails.
pub async fn seed_staff(store: &dyn Users, password: Password) -> Result<(), UserError> {
    register_missing(store, users().into_iter().filter(|user| user.staff), password).await
}

async fn register_missing(
    store: &dyn Users,
    users: impl IntoIterator<Item = User>,
    password: Password,
) -> Result<(), UserError> {
    let mut missing = Vec::new();
    for user in users {
        if store.by_id(&user.id).await?.is_none() {
            missing.push(user);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    // One hash for all, so that the first start does not wait for seven hashes.
    let password = password.hash().await?;
    for user in missing {
        let password = password.clone();
        match store.register(Credentials { user, password }, None).await {
            Ok(()) | Err(RegisterError::Taken) => {}
            Err(RegisterError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Id, username, first name, last name.
const PEOPLE: [(&str, &str, &str, &str); 7] = [
    ("1838deba-b534-4598-9725-016435ba3b72", "eric", "Eric", "Lindqvist"),
    ("733e4d6d-2557-4a82-9144-5e68a105e72f", "phoebe", "Phoebe", "Marsh"),
    ("327dd913-b883-4052-a7e9-eff34744188a", "dwight", "Dwight", "Okafor"),
    ("bcbb8c10-3a90-42be-b0fb-de6d9996d99a", "han", "Han", "Nguyen"),
    ("c942a34f-81b5-4dc5-9692-8c241064ecde", "elaine", "Elaine", "Duarte"),
    ("834b4cad-4112-4791-88be-1d1809cf9448", "walter", "Walter", "Krause"),
    ("b66fee59-b1c5-4666-8e9f-76d85b077f3a", STAFF, "Sam", "Rivers"),
];
