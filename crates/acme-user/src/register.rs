//! The registration: what somebody must send to become a user.

use acme_common::id::UserId;
use acme_common::idempotency::Keyed;
use acme_common::json::{Field, FieldError, FromJson};

use crate::error::UserError;
use crate::password::{HashError, Password};
use crate::store::{RegisterError, Users};
use crate::user::{Credentials, Email, MAX_NAME, User, Username};

/// A registration as a client sends it.
#[derive(Debug, Clone)]
pub struct RegisterRequest {
    username: Username,
    password: Password,
    firstname: String,
    lastname: String,
    email: Email,
}

impl RegisterRequest {
    /// Makes a user of it: a customer, under a new id. `keyed` makes the answer that is kept beside the user.
    ///
    /// # Errors
    /// [`UserError::Taken`], or when hashing or the store fails.
    pub async fn register(
        self,
        users: &dyn Users,
        keyed: impl FnOnce(&User) -> Option<Keyed>,
    ) -> Result<(), UserError> {
        let credentials = self.hashed().await?;
        let keyed = keyed(&credentials.user);
        match users.register(credentials, keyed.as_ref()).await {
            Ok(()) => Ok(()),
            Err(RegisterError::Taken) => Err(UserError::Taken),
            Err(RegisterError::Store(error)) => Err(error.into()),
        }
    }

    async fn hashed(self) -> Result<Credentials, HashError> {
        Ok(Credentials {
            user: User {
                id: UserId::random(),
                username: self.username,
                firstname: self.firstname,
                lastname: self.lastname,
                email: self.email,
                staff: false,
            },
            password: self.password.hash().await?,
        })
    }
}

impl FromJson for RegisterRequest {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        Ok(Self {
            username: field.get("username").read()?,
            password: Password::read_new(&field.get("password"))?,
            firstname: field.get("firstname").text_or_empty(MAX_NAME)?,
            lastname: field.get("lastname").text_or_empty(MAX_NAME)?,
            email: field.get("email").read()?,
        })
    }
}
