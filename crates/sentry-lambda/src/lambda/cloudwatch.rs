//! The link to an invocation's lines in CloudWatch Logs.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

/// The console's URL of a log stream, filtered by the request's id, from one second before `began`.
pub(super) fn url(region: &str, group: &str, stream: &str, request_id: &str, began: SystemTime) -> String {
    let domain = match region {
        _ if region.starts_with("cn-") => "console.amazonaws.cn",
        _ if region.starts_with("us-gov-") => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    };
    let start = began.checked_sub(Duration::from_secs(1)).unwrap_or(began);
    let start = start.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let query = format!("?filterPattern={}&start={start}", encode(&format!("\"{request_id}\""), '%'));
    format!(
        "https://{domain}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{}/log-events/{}{}",
        encode(&encode(group, '%'), '$'),
        encode(&encode(stream, '%'), '$'),
        encode(&query, '$'),
    )
}

/// Encodes `text` with `escape` in place of `%`. The console encodes twice in a fragment, the second time with `$`.
fn encode(text: &str, escape: char) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            let _ = write!(encoded, "{escape}{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_and_filter() {
        let began = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        for (region, domain) in [
            ("eu-west-1", "console.aws.amazon.com"),
            ("cn-north-1", "console.amazonaws.cn"),
            ("us-gov-west-1", "console.amazonaws-us-gov.com"),
        ] {
            let url = url(region, "/aws/lambda/f", "2026/11/23/[$LATEST]ab", "r-1", began);
            assert!(
                url.starts_with(&format!("https://{domain}/cloudwatch/home?region={region}#logsV2:")),
                "{url}"
            );
            assert!(url.contains("log-group/$252Faws$252Flambda$252Ff/log-events/2026$252F11$252F23$252F$255B$2524LATEST$255Dab"));
            assert!(url.ends_with("$3FfilterPattern$3D$2522r-1$2522$26start$3D999000"), "{url}");
        }
    }
}
