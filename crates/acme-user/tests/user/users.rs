//! Who may read users, and which fields an answer shows.

use acme_http::Authorizer;
use acme_user::password::Password;
use acme_user::{MemoryUsers, Users, demo};
use axum::http::{StatusCode, header};
use serde_json::json;

use crate::support::Shop;

#[tokio::test]
async fn users_belong_to_themselves_and_to_staff() {
    let shop = Shop::new().await;
    let people = demo::users();
    let eric = people[0].id.as_str();
    let path = format!("/users/{eric}");
    let phoebe = shop.logged_in("phoebe", demo::PASSWORD).await;
    for path in [&path, "/users/eric", "/users"] {
        assert_eq!(shop.client.get(path).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(phoebe.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let staff = shop.logged_in(demo::STAFF, demo::PASSWORD).await;
    assert_eq!(staff.get(&path).await.body["data"]["username"], "eric");
    let unknown = staff.get("/users/nobody").await;
    assert_eq!((unknown.status, &unknown.body["status"]), (StatusCode::NOT_FOUND, &json!(404)));

    let page = staff.get("/users?limit=5").await;
    assert_eq!(page.body["data"].as_array().unwrap().len(), 5);
    let link = page.headers[header::LINK].to_str().unwrap();
    let next = link.strip_prefix('<').unwrap().split_once('>').unwrap().0;
    let rest = staff.get(&format!("/users{next}")).await;
    assert_eq!(rest.body["data"].as_array().unwrap().len(), 2);
    for user in [&page, &rest].iter().flat_map(|page| page.body["data"].as_array().unwrap()) {
        let mut names: Vec<_> = user.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["email", "firstname", "id", "lastname", "username"]);
    }
}

#[tokio::test]
async fn compatibility_mode_opens_the_users() {
    let shop = Shop::behind(|_| Authorizer::AllowAll).await;
    let eric = demo::users().swap_remove(0).id;
    assert_eq!(shop.client.get(&format!("/users/{eric}")).await.body["data"]["username"], "eric");
    assert_eq!(shop.client.get("/users").await.body["data"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn the_demo_people_are_seeded_once() {
    let users = MemoryUsers::default();
    for _ in 0..2 {
        demo::seed(&users).await.unwrap();
        let all = users.all(&Default::default()).await.unwrap().items;
        assert_eq!(all.len(), 7);
        assert!(all.iter().all(|user| demo::users().contains(user)));
        let staff: Vec<_> = all.iter().filter(|user| user.staff).map(|user| user.username.as_str()).collect();
        assert_eq!(staff, [demo::STAFF]);
    }
}

#[tokio::test]
async fn in_public_only_staff_is_seeded_under_a_password_of_its_own() {
    let users = MemoryUsers::default();
    for text in ["not the public one", "nor changed by this"] {
        demo::seed_staff(&users, Password::parse(text).unwrap()).await.unwrap();
        let all = users.all(&Default::default()).await.unwrap().items;
        assert!(all.len() == 1 && all[0].staff, "{all:?}");
        let kept = users.login(&all[0].username).await.unwrap().credentials.unwrap().password;
        for (text, right) in
            [("not the public one", true), ("nor changed by this", false), (demo::PASSWORD, false)]
        {
            let matches = Password::parse(text).unwrap().matches(Some(&kept)).await.unwrap();
            assert_eq!(matches, right, "{text}");
        }
    }
}
