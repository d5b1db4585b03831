//! What is kept is read again as it was, or not at all.

use super::*;
use crate::access::Door;
use crate::access::password::PasswordHash;
use crate::access::register::Made;
use crate::access::used::{Used, Visitor};
use crate::config::{AccessMode, AccessSettings};
use crate::front::Reach;
use proptest::prelude::*;
use signal::{RoomName, RoomPassword};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Goes with the value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("madang-kept-{}-{number}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn made() -> impl Strategy<Value = Made> {
    let password = prop::option::of(prop::array::uniform16(any::<u8>()).prop_map(|salt| {
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(salt), URL_SAFE_NO_PAD.encode([7; 32]));
        PasswordHash::try_from(text).unwrap()
    }));
    (any::<bool>(), password, any::<Option<u32>>(), any::<u64>(), any::<Option<u64>>()).prop_map(
        |(secret, password, max_participants, created, expires)| Made {
            secret,
            password,
            max_participants,
            created,
            expires,
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        rooms in prop::collection::btree_map("[a-z0-9][a-z0-9_-]{0,20}", made(), 0..8),
        used in prop::collection::btree_map(".{1,40}", 1..1_000_000u64, 0..8),
    ) {
        let folder = Folder::new();
        let (mut register, mut all) = (Register::default(), Used::default());
        for (name, made) in rooms {
            // Any that is over now is forgotten when the next is made.
            let made = Made { expires: made.expires.filter(|end| *end > 0), ..made };
            register.make(RoomName::parse(&name).unwrap(), made, Duration::ZERO).unwrap();
        }
        for (id, end) in used {
            prop_assert!(all.take(&id, Duration::from_secs(end), Visitor(1), Duration::ZERO));
        }
        {
            let kept = Kept::take(&folder.0).unwrap();
            prop_assert_eq!(kept.read().unwrap(), (Register::default(), Vec::new()));
            kept.write(|| (register.clone(), all.to_keep())).unwrap();
        }
        prop_assert_eq!(Kept::take(&folder.0).unwrap().read().unwrap(), (register, all.to_keep()));
    }
}

#[test]
fn a_password_is_the_same_when_it_is_read() {
    let hash = PasswordHash::new(&RoomPassword("open sesame".to_owned())).unwrap();
    assert!(PasswordHash::try_from(String::from(hash.clone())) == Ok(hash));
    for wrong in ["", ".", "AA.AA", "not base64.at all"] {
        assert!(PasswordHash::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
}

#[test]
fn a_folder_is_one_servers_and_nobody_else_reads_it() {
    let folder = Folder::new();
    let kept = Kept::take(&folder.0).unwrap();
    assert!(Kept::take(&folder.0).unwrap_err().to_string().contains("another server"));
    let made = kept.secret().unwrap();
    assert!(kept.secret().unwrap() == made && secret(&folder.0).unwrap() == Some(made));
    kept.write(Default::default).unwrap();
    for name in [ROOMS, SECRET, LOCK] {
        let mode = fs::metadata(folder.0.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    kept.let_go();
    let next = Kept::take(&folder.0).unwrap();
    fs::remove_file(folder.0.join(ROOMS)).unwrap();
    kept.write(Default::default).unwrap();
    assert!(!folder.0.join(ROOMS).exists(), "it is the next one's");
    drop(next);
}

#[test]
fn what_is_not_understood_is_told_and_left_alone() {
    let folder = Folder::new();
    let kept = Kept::take(&folder.0).unwrap();
    let file = folder.0.join(ROOMS);
    for strange in [
        "",
        "{}",
        r#"{"version":2,"rooms":[],"used":[]}"#,
        r#"{"version":1,"rooms":[{"name":"a b"}],"used":[]}"#,
    ] {
        fs::write(&file, strange).unwrap();
        let error = kept.read().unwrap_err().to_string();
        assert!(error.contains("rooms.json") && error.contains("--state"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), strange);
    }
    fs::write(folder.0.join(SECRET), "short\n").unwrap();
    assert!(kept.secret().unwrap_err().to_string().contains("too short"));
}

#[test]
fn one_who_waits_to_write_writes_for_all() {
    let folder = Folder::new();
    let kept = Kept::take(&folder.0).unwrap();
    assert!(kept.is_due() && !kept.is_due());
    kept.write(Default::default).unwrap();
    assert!(kept.is_due());
}

#[tokio::test]
async fn what_could_not_be_kept_is_kept_when_it_can_be() {
    let folder = Folder::new();
    let settings = AccessSettings { mode: AccessMode::Closed, ..AccessSettings::default() };
    let mut door = Door::new(&settings, Reach::World, Some(&folder.0)).unwrap();
    Arc::get_mut(&mut door.inner).unwrap().retry = Duration::ZERO;
    // Not by rights: root has them all.
    fs::remove_dir_all(&folder.0).unwrap();
    assert!(!door.keep().await && door.inner.unkept.load(Ordering::SeqCst));
    fs::create_dir(&folder.0).unwrap();
    while door.inner.unkept.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    assert_eq!(read(&folder.0).unwrap(), (Register::default(), Vec::new()));
    assert!(folder.0.join(ROOMS).exists());
}
