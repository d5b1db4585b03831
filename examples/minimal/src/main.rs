//! A page of one's own: joins the room of `?room=` as `?name=`, with camera and microphone, and shows the others.

use madang_client::session::Snapshot;
use madang_client::signal::{DisplayName, ParticipantId, RoomName, Source};
use madang_client::{Attached, Event, Options, Room};
use std::cell::RefCell;
use std::collections::{BTreeMap, btree_map::Entry};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Element, HtmlVideoElement, MediaStream, MediaStreamConstraints, MediaStreamTrack, UrlSearchParams, Window,
};

/// Somebody else on the page. The picture is in its element for as long as `attached` is kept.
struct Tile {
    figure: Element,
    _attached: Attached,
}

fn main() {
    let tiles = RefCell::new(BTreeMap::new());
    let room = Room::new(Options::default(), move |room, event| {
        // Pictures and sound follow by themselves; a page with more on it would look at other events too.
        if let Event::Room(now) = event
            && let Err(error) = show(room, &now, &mut tiles.borrow_mut())
        {
            web_sys::console::error_1(&error);
        }
    });
    spawn_local(async move {
        if let Err(error) = enter(room).await {
            web_sys::console::error_1(&error);
        }
    });
}

async fn enter(room: Room) -> Result<(), JsValue> {
    let query = UrlSearchParams::new_with_str(&window().location().search()?)?;
    let asked = |name: &str, otherwise: &str| query.get(name).unwrap_or_else(|| otherwise.to_owned());
    let error = |error: &dyn ToString| JsValue::from(error.to_string());
    let name = RoomName::parse(&asked("room", "tea")).map_err(|e| error(&e))?;
    let own_name = DisplayName::parse(&asked("name", "Guest")).map_err(|e| error(&e))?;

    let wishes = MediaStreamConstraints::new();
    wishes.set_audio(&true.into());
    wishes.set_video(&true.into());
    let devices = window().navigator().media_devices()?;
    let stream = JsFuture::from(devices.get_user_media_with_constraints(&wishes)?).await?;
    let stream: MediaStream = stream.dyn_into()?;
    add_figure(own_name.as_str())?.1.set_src_object(Some(&stream));
    for track in stream.get_tracks().iter().map(JsCast::unchecked_into::<MediaStreamTrack>) {
        let source = if track.kind() == "audio" { Source::Microphone } else { Source::Camera };
        room.publish(source, track);
    }
    room.join(&name, &own_name, None);

    // Browsers may want a click before they play anything.
    let sound = room.play_sound();
    let resume = Closure::<dyn Fn()>::new(move || sound.resume());
    window().add_event_listener_with_callback("click", resume.into_js_value().unchecked_ref())?;
    // The room lives as long as the page, and the others see at once that it goes.
    let leave = Closure::<dyn Fn()>::new(move || room.leave());
    window().add_event_listener_with_callback("pagehide", leave.into_js_value().unchecked_ref())
}

/// Makes the page as the room is now.
fn show(room: &Room, now: &Snapshot, tiles: &mut BTreeMap<ParticipantId, Tile>) -> Result<(), JsValue> {
    let here = |id: &ParticipantId| now.others.iter().any(|other| other.id == *id);
    for (_, tile) in tiles.extract_if(.., |id, _| !here(id)) {
        tile.figure.remove();
    }
    for other in &now.others {
        if let Entry::Vacant(place) = tiles.entry(other.id) {
            let (figure, video) = add_figure(&other.name)?;
            let attached = room.attach(other.id, Source::Camera, &video);
            place.insert(Tile { figure, _attached: attached });
        }
    }
    Ok(())
}

/// A picture with a name under it, at the end of the page.
fn add_figure(name: &str) -> Result<(Element, HtmlVideoElement), JsValue> {
    let page = window().document().ok_or("no document")?;
    let (figure, caption) = (page.create_element("figure")?, page.create_element("figcaption")?);
    let video: HtmlVideoElement = page.create_element("video")?.dyn_into()?;
    video.set_muted(true);
    video.set_autoplay(true);
    caption.set_text_content(Some(name));
    figure.append_with_node_2(&video, &caption)?;
    page.body().ok_or("no body")?.append_with_node_1(&figure)?;
    Ok((figure, video))
}

fn window() -> Window {
    js_sys::global().unchecked_into()
}
