//! Whether the server is there, before a socket is opened to it again.
//!
//! Browsers make whoever asks for sockets in vain wait longer and longer, up to a minute in Firefox (`FailDelay`), some
//! seconds in Chromium (`WebSocketPerProcessThrottler`), and say nothing of it. A question by HTTP waits for nobody.

use crate::page;
use futures::future::{Either, select};
use gloo_net::http::Request;
use gloo_timers::future::TimeoutFuture;
use std::cell::Cell;
use std::pin::Pin;
use web_sys::{AbortSignal, RequestCache, RequestMode};

/// What a server answers whatever it has to do, to pages of any site.
const PATH: &str = "/api/embed";

/// Of so many questions in vain one is passed over, and a socket tried all the same: something may stand in the way of
/// questions alone. By then browsers have forgotten the socket that was tried before.
const IN_VAIN: u32 = 40;

thread_local! {
    static ASKED_IN_VAIN: Cell<u32> = const { Cell::new(0) };
}

/// After so many milliseconds without an answer it is asked once more beside: a machine that is away lets what comes to it
/// vanish, and TCP asks again ever more rarely (RFC 6298 §5.5).
const ONCE_MORE: u32 = 2500;

/// Asks until there is an answer, or nobody wants one any more: whether a socket is worth trying.
pub(super) async fn is_reachable(server: &str, wanted: Option<AbortSignal>) -> bool {
    let url = format!("{}{PATH}", server.trim_end_matches('/'));
    let is_there = ask(url, wanted.clone()).await;
    if wanted.is_some_and(|wanted| wanted.aborted()) {
        return false;
    }
    let in_vain = if is_there { 0 } else { ASKED_IN_VAIN.get() + 1 };
    ASKED_IN_VAIN.set(in_vain);
    is_there || in_vain.is_multiple_of(IN_VAIN)
}

/// The first answer of all that are asked for.
fn ask(url: String, wanted: Option<AbortSignal>) -> Pin<Box<dyn Future<Output = bool>>> {
    Box::pin(async move {
        let first = Box::pin(answers(&url, wanted.as_ref()));
        match select(first, TimeoutFuture::new(ONCE_MORE)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(((), first)) => {
                select(first, ask(url.clone(), wanted.clone())).await.factor_first().0
            }
        }
    })
}

/// Whether somebody answers, and not a proxy in the server's place. Of another site's answer nothing more is told than that
/// there is one.
async fn answers(url: &str, wanted: Option<&AbortSignal>) -> bool {
    let request = Request::get(url).mode(RequestMode::NoCors).cache(RequestCache::NoStore);
    match request.abort_signal(wanted).send().await {
        Ok(answer) => answer.status() < 500,
        Err(error) => {
            if !wanted.is_some_and(AbortSignal::aborted) {
                page::warn(&format!("the server: {error}"));
            }
            false
        }
    }
}
