//! From one participant's channel into the others': a task for each channel.

use super::budget::Budget;
use super::{Member, Switchboard};
use futures::future::join_all;
use signal::limits::DATA_STALL_TIMEOUT;
use std::time::Instant;
use transport::DataSendError;

/// Relays what is reliable. It reads the next message when all receivers have taken the last one: so whoever sends
/// faster than they take, or than it may, finds SCTP's window closed.
pub(super) async fn reliable(switchboard: &Switchboard, member: &Member) {
    let mut budget = Budget::default();
    while let Some(message) = member.channels.reliable.receive().await {
        let wait = budget.charge(message.bytes.len(), Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let (receivers, frame) = switchboard.address(member, &message);
        join_all(receivers.iter().map(|receiver| hand_over(switchboard, receiver, &frame))).await;
    }
}

/// Relays what is not: to whoever has room for it now.
pub(super) async fn unreliable(switchboard: &Switchboard, member: &Member) {
    let mut budget = Budget::default();
    while let Some(message) = member.channels.unreliable.receive().await {
        if !budget.allows(message.bytes.len(), Instant::now()) {
            switchboard.counts.too_many();
            continue;
        }
        let (receivers, frame) = switchboard.address(member, &message);
        for receiver in receivers {
            match receiver.channels.unreliable.try_send(&frame).await {
                Ok(()) => switchboard.counts.relayed(frame.len()),
                Err(DataSendError::Full) => switchboard.counts.too_slow(),
                // It is about to leave.
                Err(DataSendError::Closed) => {}
            }
        }
    }
}

/// Gives a receiver a reliable message, as soon as it has room for one and others have had their turns. A receiver for
/// which that takes too long loses its channels, so that the others go on.
async fn hand_over(switchboard: &Switchboard, receiver: &Member, frame: &[u8]) {
    let sent = tokio::time::timeout(DATA_STALL_TIMEOUT, async {
        let _turn = receiver.turn.lock().await;
        receiver.channels.reliable.send(frame).await
    });
    match sent.await {
        Ok(Ok(())) => switchboard.counts.relayed(frame.len()),
        // It is about to leave.
        Ok(Err(_)) => {}
        Err(_) => {
            // Others may have waited as long: it is said once.
            if switchboard.expel(receiver).await {
                tracing::info!(participant = %receiver.participant, "its data channels are closed: it takes nothing");
                switchboard.counts.stalled();
            }
        }
    }
}
