//! Who may place and see orders, how lists are sorted, and which secrets no answer shows.

use acme_http::Authorizer;
use acme_http::testing::{Client, Tokens};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::requested::{SECRETS, secret};
use super::shop::{Shop, pass_time, sent};

#[tokio::test]
async fn orders_belong_to_their_users_and_staff_sees_all() {
    let (shop, tokens) = (Shop::new(), Tokens::generate());
    let nobody = shop.client(tokens.authorizer.clone());
    let dan = nobody.bearer(&tokens.customer("id-1", "dan"));
    let eve = nobody.bearer(&tokens.customer("id-2", "eve"));
    let staff = nobody.bearer(&tokens.staff());
    let body = sent().to_string();
    for (who, method, path, status) in [
        (&nobody, "POST", "/order/add/dan", 401),
        (&nobody, "GET", "/order/dan", 401),
        (&nobody, "GET", "/order/all", 401),
        (&nobody, "POST", "/order/update", 401),
        (&eve, "POST", "/order/add/dan", 403),
        (&eve, "POST", "/order/add/id-1/", 403),
        (&eve, "GET", "/order/dan", 403),
        (&eve, "GET", "/order/id-1", 403),
        (&eve, "GET", "/order/all", 403),
        (&eve, "GET", "/order/all/", 403),
        (&eve, "POST", "/order/update", 403),
    ] {
        let answer = who.send(method, path, body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
    }
    assert!(shop.steps.taken().is_empty(), "nothing was even looked up");

    // The name and the id mean the same user. Staff may order for the user whom the path names.
    for (who, path) in [(&dan, "dan"), (&dan, "id-1/"), (&staff, "id-1"), (&eve, "eve")] {
        let answer = who.send("POST", &format!("/order/add/{path}"), body.clone()).await;
        assert_eq!(
            (answer.status, &answer.body["userid"]),
            (StatusCode::OK, &json!(path.trim_end_matches('/')))
        );
    }
    for (who, path, orders) in [
        (&dan, "/order/dan", 3),
        (&dan, "/order/id-1/", 3),
        (&eve, "/order/id-2", 1),
        (&staff, "/order/id-1", 3),
        (&staff, "/order/nobody", 0),
        (&staff, "/order/all", 4),
        (&staff, "/order/all/", 4),
    ] {
        let answer = who.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.body.as_array().unwrap().len(), orders, "{path}");
    }
}

/// The ids of all orders on all pages of `path`, with `limit` orders on a page.
async fn ids(client: &Client, path: &str, limit: usize) -> Vec<String> {
    let (mut query, mut ids) = (format!("?limit={limit}"), Vec::new());
    loop {
        let answer = client.get(&format!("{path}{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}{query}");
        let orders = answer.body.as_array().unwrap();
        ids.extend(orders.iter().map(|order| order["_id"].as_str().unwrap().to_owned()));
        let Some(link) = answer.headers.get("link") else { return ids };
        assert_eq!(orders.len(), limit, "only the last page is short");
        let link = link.to_str().unwrap().strip_prefix('<').unwrap();
        query = link.strip_suffix(">; rel=\"next\"").unwrap().to_owned();
    }
}

#[tokio::test]
async fn orders_come_newest_first_a_page_at_a_time() {
    let shop = Shop::new();
    let client = shop.client(Authorizer::AllowAll);
    assert_eq!(client.get("/order/dan").await.body, json!([]));
    assert_eq!(client.get("/order/all").await.body, json!([]));
    let mut placed = Vec::new();
    for user in ["dan", "eve", "dan", "dan", "dan", "eve", "dan", "dan", "dan"] {
        pass_time(1);
        let answer = client.post(&format!("/order/add/{user}"), &sent()).await;
        placed.push((user, answer.body["order_id"].as_str().unwrap().to_owned()));
    }
    placed.reverse();
    let of =
        |user| -> Vec<_> { placed.iter().filter(|(u, _)| *u == user).map(|(_, id)| id.clone()).collect() };
    let mut all: Vec<_> = placed.iter().map(|(_, id)| id.clone()).collect();
    all.sort();
    for limit in [1, 2, 3, 7, 9, 1000] {
        assert_eq!(ids(&client, "/order/dan", limit).await, of("dan"), "{limit}");
        assert_eq!(ids(&client, "/order/eve/", limit).await, of("eve"), "{limit}");
        let mut seen = ids(&client, "/order/all", limit).await;
        seen.sort();
        assert_eq!(seen, all, "{limit}");
    }
    for (path, parameter) in [
        ("/order/dan?limit=0", "limit"),
        ("/order/all?limit=1001", "limit"),
        ("/order/dan?cursor=x", "cursor"),
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer.body["message"].as_str().unwrap().starts_with(&format!("{parameter}: expected ")));
    }
}

#[tokio::test]
async fn no_answer_shows_what_is_secret() {
    let (shop, tokens) = (Shop::new(), Tokens::generate());
    let staff = shop.client(tokens.authorizer.clone()).bearer(&tokens.staff()).with("idempotency-key", "k");
    let mut answers = Vec::new();
    let spoilt = ["/card/number", "/card/cvv", "/card/expMonth", "/card/type", "/cart"];
    for body in spoilt.map(|pointer| {
        let mut body = secret();
        *body.pointer_mut(pointer).unwrap() = json!([SECRETS]);
        body
    }) {
        answers.push(staff.post("/order/add/id-1", &body).await);
    }
    for path in ["/order/add/id-1", "/order/add/id-1", "/order/update"] {
        answers.push(staff.post(path, &secret()).await);
    }
    let mut other = secret();
    other["total"] = Value::from("1");
    answers.push(staff.post("/order/add/id-1", &other).await);
    for path in ["/order/id-1", "/order/all"] {
        answers.push(staff.get(path).await);
    }
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [400, 400, 400, 400, 400, 200, 200, 400, 422, 200, 200]);
    let all = format!("{answers:?}");
    for secret in SECRETS {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}
