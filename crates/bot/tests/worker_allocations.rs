//! The worker allocates nothing for a packet: from the socket through SRTP and the media plane to the socket, with
//! a dozen receivers whose paths are estimated.
//!
//! It does allocate by the clock: once a second it tells how each peer's media flows, and STUN is passed on. So the
//! same room runs at two packet rates, and what eight times the packets allocate more is what packets cost.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics has found something")]

use bot::{Crowd, Direct, Identity, Options, Video};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use transport::{Config, GroupId, LineKind, Sending, Transport};

const RECEIVERS: usize = 12;
/// Threads told apart; later ones are not counted.
const THREADS: usize = 64;
/// So much of pictures, and paths are estimated and histories stand.
const WARM_UP: Duration = Duration::from_secs(4);
const COUNTED: Duration = Duration::from_secs(4);
const PATIENCE: Duration = Duration::from_secs(30);

/// How many threads have allocated, and how often each did.
static SEEN: AtomicUsize = AtomicUsize::new(0);
static ALLOCATIONS: [AtomicU64; THREADS] = [const { AtomicU64::new(0) }; THREADS];

thread_local! {
    /// This thread's place; none before its first allocation.
    static PLACE: Cell<Option<usize>> = const { Cell::new(None) };
}

struct Counting;

#[expect(unsafe_code, reason = "a global allocator is unsafe to implement; this one counts and passes on")]
// SAFETY: every call is passed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as for this function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as for this function.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as for this function.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count() {
    // While a thread ends there is nothing to count any more.
    let _ = PLACE.try_with(|place| {
        let at = place.get().unwrap_or_else(|| SEEN.fetch_add(1, Relaxed));
        place.set(Some(at));
        if let Some(allocations) = ALLOCATIONS.get(at) {
            allocations.fetch_add(1, Relaxed);
        }
    });
}

/// What the worker did in [`COUNTED`].
#[derive(Debug)]
struct Done {
    packets: u64,
    allocations: u64,
}

/// A room of one publisher and [`RECEIVERS`].
async fn run(video: Video) -> Done {
    let before = SEEN.load(Relaxed);
    let udp = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = Config {
        udp,
        advertised: vec![],
        ice_tcp: true,
        max_audible: 6,
        max_bitrate: None,
        workers: NonZeroUsize::MIN,
        flush_deadline: Duration::ZERO,
        span_at: usize::MAX,
        stall_after: Duration::from_secs(10),
        data: transport::DataConfig { reliable: 1, unreliable: 2, message: 16_389, buffer: 65_536 },
    };
    let (transport, mut events) = Transport::start(&config).unwrap();
    // The next thread to allocate is the worker's: it begins with its list of events.
    let place = eventually(|| Some(before).filter(|before| SEEN.load(Relaxed) > *before)).await;
    tokio::spawn(async move { while events.recv().await.is_some() {} });

    let (crowd, identity) = (Crowd::start().unwrap(), Identity::generate().unwrap());
    let (mut bots, mut source) = (vec![], None);
    for number in 0..=RECEIVERS {
        let options = match number {
            0 => Options { video: Some(video), ..Options::publisher("", "") },
            _ => Options { open_every: 8, ..Options::subscriber("", "") },
        };
        let mut bot = Direct::new(options, identity.clone());
        let (key, answered) = transport.open_peer(GroupId(1), &bot.offer(), Sending::Taken).await.unwrap();
        bot.connect(&answered.answer, &crowd).unwrap();
        let (from, sends) = source.get_or_insert_with(|| (key, answered.sends.clone()));
        for slot in answered.slots {
            let line = sends.iter().find(|line| line.kind == slot.kind).expect("a microphone and a camera");
            transport.route(key, &slot.mid, Some((*from, &line.mid))).await.unwrap();
            if slot.kind == LineKind::Video {
                transport.view(key, &[(&slot.mid, 1280, 720)]).await.unwrap();
            }
        }
        bots.push(bot);
    }
    let warm = u64::from(video.frame_rate * video.packets_per_frame) * WARM_UP.as_secs();
    let is_warm = |bot: &Direct| {
        bot.look(|stats| stats.received.values().any(|slot| slot.video && slot.packets >= warm)) == Some(true)
    };
    eventually(|| bots.iter().skip(1).all(is_warm).then_some(())).await;

    let packets = || bots.iter().filter_map(|bot| bot.look(bot::Stats::packets)).sum::<u64>();
    let allocations = || ALLOCATIONS.get(place).map(|count| count.load(Relaxed)).unwrap();
    let (packets_then, allocations_then) = (packets(), allocations());
    tokio::time::sleep(COUNTED).await;
    Done { packets: packets() - packets_then, allocations: allocations() - allocations_then }
}

async fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not in time");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "current_thread")]
async fn eight_times_the_packets_allocate_no_more() {
    let few = run(Video::default()).await;
    let many = run(Video { packets_per_frame: 56, burst: 10, ..Video::default() }).await;
    println!("{few:?}, {many:?}");
    let (packets, allocations) =
        (many.packets.saturating_sub(few.packets), many.allocations.saturating_sub(few.allocations));
    assert!(packets > few.packets, "{few:?}, {many:?}");
    assert!(100 * allocations < packets, "{few:?}, {many:?}");
}
