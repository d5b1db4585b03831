//! What people write to one another: read by everybody, by who comes later too, and shown as it was written.

use crate::talk::{announced, reads, two};
use anyhow::{Result, ensure};
use e2e::shot::{LAPTOP, PHONE};
use e2e::{Devices, Kind, Seen, Settings, Tab, in_house, until};

#[tokio::test]
async fn what_is_said_is_read_by_the_others_and_by_who_comes_later() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let [ada, bo] = two(house, Kind::Chromium, Kind::Firefox).await?;
        ada.click("open-chat").await?;
        say(&ada, "Hello Bo").await?;
        until("one unread", async || {
            let unread = bo.text("unread").await?;
            Ok(Seen::when(unread.as_deref() == Some("1"), &unread))
        })
        .await?;
        ensure!(announced(&bo).await?.contains("Ada writes: Hello Bo"), "{:?}", announced(&bo).await?);
        say(&ada, "and again").await?;
        // What was said is seen for a moment by whom has the chat closed, and leads to it.
        reads(&bo, "toast", &["Ada: and again"]).await?;
        bo.click("toast").await?;
        reads(&bo, "chat-text", &["Hello Bo", "and again"]).await?;
        reads(&bo, "unread", &[]).await?;
        bo.until("a line above what is new", |view| view.shows("chat-new")).await?;
        say(&bo, "안녕하세요").await?;
        bo.until("no line any more", |view| !view.shows("chat-new")).await?;
        reads(&ada, "chat-text", &["Hello Bo", "and again", "안녕하세요"]).await?;
        // Who reads along is told too, and by nothing else: the list itself is no live region.
        ensure!(announced(&ada).await?.contains("Bo writes: 안녕하세요"), "{:?}", announced(&ada).await?);
        let live =
            "return !!document.querySelector('[data-testid=chat-log]').closest('[aria-live], [role=log]')";
        ensure!(!ada.script::<bool>(live, vec![]).await?, "what is said is told twice");
        let lines = ada.texts("toast").await?;
        ensure!(!lines.iter().any(|line| line.contains("안녕하세요")), "{lines:?}");

        let late = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        late.enter("porch", "Cy").await?;
        reads(&late, "unread", &["3"]).await?;
        late.key('c').await?;
        reads(&late, "chat-text", &["Hello Bo", "and again", "안녕하세요"]).await
    })
    .await
}

#[tokio::test]
async fn chat_in_firefox_as_in_chromium() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let [bo, ada] = two(house, Kind::Firefox, Kind::Chromium).await?;
        writes_lines_and_links(&bo, &ada).await
    })
    .await
}

#[tokio::test]
async fn lines_links_and_markup_are_what_was_written() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let [ada, bo] = two(house, Kind::Chromium, Kind::Chromium).await?;
        writes_lines_and_links(&ada, &bo).await?;
        // A syllable that is being put together is not sent by the Enter that ends it.
        let script = "
            const field = document.querySelector('[data-testid=chat-field]');
            field.focus();
            document.execCommand('insertText', false, '한');
            const press = (more) => field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...more }));
            press({ isComposing: true });
            press({ keyCode: 229 });
            return field.value";
        let left: String = ada.script(script, vec![]).await?;
        ensure!(left == "한", "{left:?} is left of a half syllable");
        ada.click("chat-send").await?;
        until("one syllable, once", async || {
            let texts = bo.texts("chat-text").await?;
            Ok(Seen::when(texts.iter().filter(|text| *text == "한").count() == 1, &texts))
        })
        .await
    })
    .await
}

async fn writes_lines_and_links(writer: &Tab, reader: &Tab) -> Result<()> {
    const MARKUP: &str = "<img src=x onerror=window.owned=1>";
    writer.click("open-chat").await?;
    writer.click("chat-field").await?;
    writer.types("one").await?;
    writer.new_line().await?;
    writer.types("two").await?;
    let written = writer.text("chat-field").await?;
    ensure!(written.as_deref() == Some("one\ntwo"), "Shift+Enter made {written:?}");
    writer.key(thirtyfour::Key::Enter).await?;
    say(writer, MARKUP).await?;
    say(writer, "https://example.org/a?b=c&d. javascript:alert(1)").await?;
    reader.click("open-chat").await?;
    reads(reader, "chat-text", &["one\ntwo", MARKUP, "https://example.org/a?b=c&d. javascript:alert(1)"])
        .await?;
    let script = "return [...document.querySelectorAll('[data-testid=chat-text] *')].map((e) => [e.localName, e.getAttribute('href'), e.rel, e.textContent])";
    let elements: Vec<Vec<String>> = reader.script(script, vec![]).await?;
    let link = "https://example.org/a?b=c&d";
    ensure!(elements == [["a", link, "noopener noreferrer", link]], "{elements:?}");
    let owned: bool = reader.script("return 'owned' in window", vec![]).await?;
    ensure!(!owned, "a message was run as a script");
    Ok(())
}

#[tokio::test]
async fn a_long_name_pushes_nothing_out_of_sight() -> Result<()> {
    const LONG: &str = "Maximiliane von und zu Hohenstein-Wittelsbach";
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with(Devices::None)).await?;
        let (ada, long) = (chromium.window().await?, chromium.window().await?);
        ada.enter("porch", "Ada").await?;
        long.enter("porch", LONG).await?;
        long.click("open-chat").await?;
        let word = "averyveryverylongword".repeat(4);
        ada.resize(PHONE.0, PHONE.1).await?;
        say(&long, &word).await?;
        until("a line about it", async || {
            let lines = ada.texts("toast").await?;
            Ok(Seen::when(lines.iter().any(|line| line.contains(&word)), &lines))
        })
        .await?;
        stays_inside(&ada, ".notices").await?;
        ada.resize(LAPTOP.0, LAPTOP.1).await?;
        ada.click("open-chat").await?;
        reads(&ada, "chat-text", &[&word]).await?;
        stays_inside(&ada, ".panel").await?;
        ada.click("open-people").await?;
        ada.until("everybody", |view| view.shows("person-pin")).await?;
        stays_inside(&ada, ".panel").await
    })
    .await
}

/// Whatever is in this part of the page is not cut off by its side.
async fn stays_inside(tab: &Tab, part: &str) -> Result<()> {
    let script = "
        const part = document.querySelector(arguments[0]);
        const right = part.getBoundingClientRect().right;
        const all = [...part.querySelectorAll('button, li, p, time')];
        return all.filter((one) => one.getBoundingClientRect().right > right).map((one) => one.outerHTML)";
    let outside: Vec<String> = tab.script(script, vec![part.into()]).await?;
    ensure!(outside.is_empty(), "{outside:?}");
    Ok(())
}

#[tokio::test]
async fn too_long_and_too_fast_are_said_and_nothing_is_lost() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let [ada, bo] = two(house, Kind::Chromium, Kind::Chromium).await?;
        ada.click("open-chat").await?;
        ada.write("chat-field", &"x".repeat(1_900)).await?;
        until("the length", async || {
            let hint = ada.text("chat-hint").await?.unwrap_or_default();
            Ok(Seen::when(hint.contains("1900 of 2000"), &hint))
        })
        .await?;
        ada.write("chat-field", &"x".repeat(2_001)).await?;
        ada.until("nothing to send", |view| !view.offers("chat-send")).await?;
        // All in one go: more wait at once than the server takes, however slow the machine is.
        let script = "
            const field = document.querySelector('[data-testid=chat-field]');
            for (let number = 0; number < 14; number += 1) {
              field.value = `quick ${number}`;
              field.dispatchEvent(new InputEvent('input', { bubbles: true }));
              field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
            }
            return true";
        let _: bool = ada.script(script, vec![]).await?;
        until("words about haste", async || {
            let hint = ada.text("chat-hint").await?.unwrap_or_default();
            Ok(Seen::when(hint.contains("too fast"), &hint))
        })
        .await?;
        let draft = ada.text("chat-field").await?.unwrap_or_default();
        ensure!(draft.contains("quick 13"), "{draft:?} is left to send again");
        bo.click("open-chat").await?;
        bo.until("what was not too fast", |view| view.shows("chat-text")).await
    })
    .await
}

#[tokio::test]
async fn one_who_reads_above_is_not_torn_down() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let [ada, bo] = two(house, Kind::Chromium, Kind::Chromium).await?;
        ada.click("open-chat").await?;
        bo.click("open-chat").await?;
        let long = (0..60).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\n");
        say(&ada, &long).await?;
        let place = "const e = document.querySelector('[data-testid=chat-log]'); return e.scrollHeight - e.scrollTop - e.clientHeight";
        until("the end", async || {
            let left: f64 = bo.script(place, vec![]).await?;
            let texts = bo.texts("chat-text").await?;
            Ok(Seen::when(texts.len() == 1 && left < 2.0, &(left, texts.len())))
        })
        .await?;
        let _: Option<bool> =
            bo.script("document.querySelector('[data-testid=chat-log]').scrollTop = 0", vec![]).await?;
        bo.until("the top", |_| true).await?;
        let up = "const e = document.querySelector('[data-testid=chat-log]'); return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(e.scrollTop))))";
        let _: f64 = bo.script(up, vec![]).await?;
        say(&ada, "something new").await?;
        bo.until("a way to the end", |view| view.shows("chat-to-newest")).await?;
        let top: f64 = bo.script(up, vec![]).await?;
        ensure!(top < 2.0, "the list moved to {top}");
        bo.click("chat-to-newest").await?;
        bo.until("the end", |view| !view.shows("chat-to-newest")).await
    })
    .await
}

async fn say(tab: &Tab, text: &str) -> Result<()> {
    tab.write("chat-field", text).await?;
    tab.click("chat-send").await
}
