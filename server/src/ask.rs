//! Asking a server that runs whether it is well: `madang health`, for what watches over a container, and `madang
//! doctor`, which finds a port taken. The answers are made in [`health`](crate::health).

use crate::causes::whole;
use clap::Args;
use reqwest::{Client, StatusCode, Url, redirect};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// How long an answer may take. A server that is well has it at once; one whose rooms hang says so after two seconds.
const TIMEOUT: Duration = Duration::from_secs(4);
/// Bytes of an answer that are read; the rest is left.
const MOST: usize = 4096;

/// What to ask.
#[derive(Clone, Debug, Args)]
pub struct HealthOptions {
    /// Where the server is, like `http://127.0.0.1:8080`. Unset: where the settings say, on this machine
    #[arg(long = "http", value_name = "URL")]
    pub url: Option<Url>,
    /// Ask whether it takes new rooms (/readyz), rather than whether it does its work (/healthz)
    #[arg(long)]
    pub ready: bool,
}

/// Why it is not known to be well.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// No answer, or one that is no HTTP.
    #[error("{url} does not answer: {}", whole(error))]
    Silent {
        /// Who was asked.
        url: Url,
        /// Why.
        error: reqwest::Error,
    },
    /// It says so itself, or is something else.
    #[error("{url} answers {status}: {words}")]
    Unwell {
        /// Who was asked.
        url: Url,
        /// Its status.
        status: StatusCode,
        /// What it complains of.
        words: String,
    },
    /// There is nobody to ask.
    #[error("which server? Its port is chosen when it starts: give --http URL")]
    NoPort,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) words: String,
}

impl Answer {
    /// Whether a Madang wrote it.
    pub(crate) fn is_ours(&self) -> bool {
        match self.status {
            StatusCode::OK => self.words == "ok",
            StatusCode::SERVICE_UNAVAILABLE => {
                let complaints = ["the rooms ", "media worker ", "about to stop", "too much to do"];
                !self.words.is_empty()
                    && self.words.lines().all(|line| complaints.iter().any(|known| line.starts_with(known)))
            }
            _ => false,
        }
    }
}

/// What a server says that pages are served by at this address, or that the options name.
///
/// # Errors
/// See [`HealthError`].
pub async fn ask(options: &HealthOptions, http: SocketAddr) -> Result<String, HealthError> {
    let base = match &options.url {
        Some(url) => url.clone(),
        None => url_of(http).ok_or(HealthError::NoPort)?,
    };
    let mut url = base;
    url.set_path(if options.ready { "/readyz" } else { "/healthz" });
    let answer = get(url.clone()).await.map_err(|error| HealthError::Silent { url: url.clone(), error })?;
    if answer.status == StatusCode::OK {
        Ok(answer.words)
    } else {
        Err(HealthError::Unwell { url, status: answer.status, words: answer.words })
    }
}

/// What `/healthz` says at this address, if anything answers there.
pub(crate) async fn health_at(http: SocketAddr) -> Option<Answer> {
    let mut url = url_of(http)?;
    url.set_path("/healthz");
    get(url).await.ok()
}

async fn get(url: Url) -> Result<Answer, reqwest::Error> {
    let client = Client::builder()
        .timeout(TIMEOUT)
        .redirect(redirect::Policy::none())
        // It is this machine's own server; a proxy knows of none.
        .no_proxy()
        // Whose it is is not asked, and what it says is no secret: a certificate of one's own making will do.
        .tls_danger_accept_invalid_certs(true)
        .build()?;
    let mut response = client.get(url).send().await.map_err(reqwest::Error::without_url)?;
    let mut body = Vec::new();
    while body.len() < MOST
        && let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)?
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(MOST);
    let words = String::from_utf8_lossy(&body).trim().to_owned();
    Ok(Answer { status: response.status(), words })
}

/// How this machine reaches what listens at an address.
fn url_of(http: SocketAddr) -> Option<Url> {
    let ip = match http.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let there = SocketAddr::new(ip, http.port());
    (http.port() != 0).then(|| Url::parse(&format!("http://{there}")).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_interfaces_are_asked_by_loopback() {
        for (http, url) in [
            ("0.0.0.0:8080", Some("http://127.0.0.1:8080/")),
            ("[::]:80", Some("http://[::1]/")),
            ("192.0.2.7:8443", Some("http://192.0.2.7:8443/")),
            ("127.0.0.1:0", None),
        ] {
            assert_eq!(url_of(http.parse().unwrap()).as_ref().map(Url::as_str), url, "{http}");
        }
    }

    #[tokio::test]
    async fn why_nobody_answers_is_told() {
        // It has its number, and does not listen.
        let deaf = tokio::net::TcpSocket::new_v4().unwrap();
        deaf.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let closed = deaf.local_addr().unwrap();
        let error = ask(&HealthOptions { url: None, ready: false }, closed).await.unwrap_err().to_string();
        assert!(error.contains(&closed.to_string()) && error.contains("refused"), "{error}");
    }

    #[test]
    fn our_answers_are_known_from_others() {
        let check = |status, words: &str, ours| {
            let answer = Answer { status, words: words.to_owned() };
            assert_eq!(answer.is_ours(), ours, "{answer:?}");
        };
        check(StatusCode::OK, "ok", true);
        check(StatusCode::OK, "<html>", false);
        check(StatusCode::SERVICE_UNAVAILABLE, "media worker 0 stands still", true);
        check(StatusCode::SERVICE_UNAVAILABLE, "the rooms do not answer\nmedia worker 1 stands still", true);
        check(StatusCode::SERVICE_UNAVAILABLE, "upstream is down", false);
        check(StatusCode::SERVICE_UNAVAILABLE, "", false);
        check(StatusCode::NOT_FOUND, "ok", false);
    }
}
