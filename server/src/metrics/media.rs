//! The media plane: workers, packets, drops by cause, repair, what receivers get.

use super::page::Page;
use transport::{CounterValues, ESTIMATE_BOUNDS, LoadValues, PlaneCounters, Report, Survey};

/// How much each worker has to do.
pub(super) fn workers(page: &mut Page, loads: &[LoadValues]) {
    let by_worker = |of: fn(&LoadValues) -> f64| loads.iter().map(of).enumerate().collect::<Vec<_>>();
    let busy = by_worker(|load| ratio(load.busy));
    page.gauges("worker_busy_ratio", "Part of its time that the worker was busy.", "worker", busy);
    let shed = by_worker(|load| ratio(1000u16.saturating_sub(load.share)));
    page.gauges("worker_shed_ratio", "Part of its video that the worker does not send.", "worker", shed);
    let overloaded = by_worker(|load| f64::from(u8::from(load.overloaded)));
    let help = "1 while the worker has too much to do, and sheds.";
    page.gauges("worker_overloaded", help, "worker", overloaded);
    let still = by_worker(|load| f64::from(u8::from(load.still)));
    page.gauges("worker_still", "1 while the worker does nothing though it should.", "worker", still);
    let restarts = loads.iter().map(|load| load.restarts).enumerate().collect::<Vec<_>>();
    let help = "Times that the worker began anew after a panic that was nobody's alone.";
    page.totals("worker_restarts", help, "worker", restarts);
}

fn ratio(permille: u16) -> f64 {
    f64::from(permille) / 1000.0
}

/// What all workers together have done, and hold.
pub(super) fn media(page: &mut Page, report: &Report) {
    datagrams(page, &report.transport);
    packets(page, &report.forward);
    repair(page, &report.forward);
    page.gauge("peers", "Media connections.", report.peers);
    page.gauge("streams", "SSRCs that come in and have state.", report.sizes.streams);
    page.gauge("slots", "Receive slots.", report.sizes.slots);
    page.gauge("subscriptions", "Slots that a publication feeds.", report.sizes.subscriptions);
    page.gauge("history_bytes", "Memory for packets kept for repair.", report.sizes.history_bytes);
    let help = "Video slots sent less than their path bears, for want of computing power.";
    page.gauge("slots_shed", help, report.sizes.slots_shed);
    page.gauge(
        "slots_shed_whole",
        "Of the slots sent less for want of computing power, those sent nothing.",
        report.sizes.slots_shed_whole,
    );
    survey(page, &report.survey);
}

fn datagrams(page: &mut Page, counted: &CounterValues) {
    let CounterValues {
        datagrams_in,
        sends,
        datagrams_out,
        send_blocked,
        send_failed,
        not_multiplexed,
        bad_stun,
        unknown_ufrag,
        bad_integrity,
        replayed_check,
        unknown_address,
        inbox_full,
        no_keys,
        not_authentic,
        replayed,
        bad_srtp,
        relay_full,
        foreign_srtp,
        foreign_sctp,
        foreign_dtls,
        peer_panics,
        stranger_panics,
        stun_over_budget,
        streams_opened,
        streams_closed,
        streams_refused_full,
        streams_refused_address,
        streams_refused_system,
        streams_silent,
        streams_disbelieved,
        streams_too_long,
        stream_frames_in,
        stream_frames_out,
        stream_dropped,
    } = *counted;
    page.total("peer_panics", "Participants sent away because their own work panicked.", peer_panics);
    page.total("stranger_panics", "Datagrams of nobody known that made a worker panic.", stranger_panics);
    page.total("datagrams_in", "UDP datagrams received.", datagrams_in);
    page.total("datagrams_out", "UDP datagrams that carry media or RTCP sent.", datagrams_out);
    page.total("sends", "Calls to the kernel that sent them; one may send many.", sends);
    let lost = [("buffer_full", send_blocked), ("error", send_failed)];
    page.totals("datagrams_unsent", "Datagrams that the kernel did not take.", "cause", lost);
    let dropped = [
        ("not_multiplexed", not_multiplexed),
        ("bad_stun", bad_stun),
        ("unknown_ufrag", unknown_ufrag),
        ("bad_integrity", bad_integrity),
        ("replayed_check", replayed_check),
        ("unknown_address", unknown_address),
        ("inbox_full", inbox_full),
        ("no_keys", no_keys),
        ("not_authentic", not_authentic),
        ("replayed", replayed),
        ("bad_srtp", bad_srtp),
        ("relay_full", relay_full),
        ("foreign_srtp", foreign_srtp),
        ("foreign_sctp", foreign_sctp),
        ("foreign_dtls", foreign_dtls),
        ("stun_over_budget", stun_over_budget),
    ];
    page.totals("datagrams_dropped", "Datagrams dropped before the media plane.", "cause", dropped);
    page.total("tcp_streams", "TCP streams for media (ICE-TCP) taken in.", streams_opened);
    let open = streams_opened.saturating_sub(streams_closed);
    page.gauge("tcp_streams_open", "TCP streams for media that are open.", open);
    let refused = [
        ("full", streams_refused_full),
        ("address_full", streams_refused_address),
        ("system", streams_refused_system),
        ("silent", streams_silent),
        ("no_check", streams_disbelieved),
        ("frame_too_long", streams_too_long),
    ];
    page.totals("tcp_streams_refused", "TCP streams not taken in, or closed for a fault.", "cause", refused);
    page.total("tcp_frames_in", "Frames received by TCP.", stream_frames_in);
    page.total("tcp_frames_out", "Frames sent by TCP.", stream_frames_out);
    let help = "Frames dropped because a TCP stream had no room for them.";
    page.total("tcp_frames_dropped", help, stream_dropped);
}

fn packets(page: &mut Page, counted: &PlaneCounters) {
    page.total("packets_in", "RTP packets from participants.", counted.rtp_packets_in);
    page.total("bytes_in", "Bytes of RTP packets from participants.", counted.rtp_bytes_in);
    page.total("packets_out", "RTP packets to participants, repairs included.", counted.rtp_packets_out);
    page.total("bytes_out", "Bytes of RTP packets to participants.", counted.rtp_bytes_out);
    page.total("rtcp_packets_in", "Compound RTCP packets from participants.", counted.rtcp_packets_in);
    page.total("rtcp_packets_out", "Compound RTCP packets to participants.", counted.rtcp_packets_out);
    let dropped = [
        ("malformed", counted.malformed_rtp),
        ("malformed_rtcp", counted.malformed_rtcp),
        ("unknown_peer", counted.unknown_peer),
        ("unknown_ssrc", counted.unknown_ssrc),
        ("unknown_payload_type", counted.unknown_payload_type),
        ("oversized", counted.oversized),
        ("over_bitrate", counted.over_bitrate),
        ("duplicate", counted.duplicate),
        ("too_old", counted.too_old),
        ("jumped", counted.jumped),
        ("batch_overflow", counted.batch_overflow),
        ("queue_overflow", counted.queue_overflow),
        ("overtaken", counted.overtaken),
        ("rtcp_overflow", counted.rtcp_overflow),
        ("resend_overflow", counted.resend_overflow),
    ];
    page.totals("packets_dropped", "Packets dropped in the media plane.", "cause", dropped);
    let withheld = [
        ("codec_mismatch", counted.codec_mismatch),
        ("awaiting_keyframe", counted.awaiting_keyframe),
        ("left_out", counted.left_out),
        ("inaudible", counted.inaudible),
        ("held", counted.held),
        ("not_connected", counted.not_connected),
    ];
    let help = "Packets not forwarded to one slot, which is no loss.";
    page.totals("packets_withheld", help, "cause", withheld);
}

fn repair(page: &mut Page, counted: &PlaneCounters) {
    page.total("nacked_in", "Packets that receivers asked for again (NACK).", counted.nacked_in);
    let help =
        "Packets that receivers asked for again and did not get: not had any more, or asked for too soon.";
    page.total("nacked_in_unanswered", help, counted.nacked_in_unanswered);
    page.total("nacked_out", "Packets that publishers were asked for again.", counted.nacked_out);
    page.total("given_up", "Missing packets that were given up.", counted.given_up);
    page.total("rtx_in", "Retransmissions from publishers.", counted.rtx_in);
    page.total("rtx_out", "Retransmissions to receivers, as RTX.", counted.rtx_out);
    page.total("resent_out", "Retransmissions to receivers without RTX.", counted.resent_out);
    page.total("sent_twice", "Packets sent twice without being asked for.", counted.sent_twice);
    page.total("keyframe_requests_in", "PLI and FIR from receivers.", counted.keyframe_requests_in);
    page.total("keyframe_requests_out", "PLI to publishers.", counted.keyframe_requests_out);
    page.total("source_changes", "Times that a slot took up a source.", counted.source_changes);
    page.total("pauses", "Times that more slots were paused for want of bandwidth.", counted.pauses);
    page.total("probe_packets_out", "RTP packets sent only to probe a path.", counted.probe_packets_out);
    let help = "Times that a path was not asked for more for want of computing power.";
    page.total("probes_withheld", help, counted.probes_withheld);
}

fn survey(page: &mut Page, survey: &Survey) {
    #[expect(clippy::cast_precision_loss, reason = "53 bits are enough for a rate")]
    let bounds = ESTIMATE_BOUNDS.map(|bound| bound.0 as f64);
    let counts = survey.estimates.map(|count| u64::try_from(count).unwrap_or(u64::MAX));
    let help = "Receivers by what their path is believed to bear, in bits per second: up to each bound.";
    page.now_by("estimates", help, (&bounds, &counts));
    page.gauge(
        "estimated_bits_per_second",
        "What the paths of all receivers are believed to bear together.",
        survey.estimated.0,
    );
    let [low, middle, high] = survey.encodings;
    let states =
        [("0", low), ("1", middle), ("2", high), ("awaiting", survey.awaiting), ("paused", survey.paused)];
    let help = "Video slots that are shown, by the encoding that feeds them: 0 is the smallest.";
    page.gauges("video_slots", help, "encoding", states);
}
