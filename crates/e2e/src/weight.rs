//! What a page costs its machine: memory by the browser's own count, after its rubbish is collected, and time of a
//! processor by the kernel's. Chromium only, and Linux only.

use crate::browser::Browser;
use crate::tab::Tab;
use crate::view::{SCRIPT, View};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, time::Duration};

/// What a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// JavaScript's objects, in bytes.
    pub heap: u64,
    /// The program's memory, in bytes. It only ever grows.
    pub memory: u64,
    /// Nodes of the document, those too that are out of it and still held.
    pub nodes: u64,
    /// Listeners for events.
    pub listeners: u64,
}

impl Tab {
    /// What the page shows, asked past the driver: Chromium's keeps every answer that it gives as a text in the page's
    /// heap, for as long as the page is open. Whoever weighs a page looks at it so.
    ///
    /// # Errors
    /// When the browser does not tell.
    pub async fn glance(&self) -> Result<View> {
        let ask = json!({ "expression": format!("(() => {{ {SCRIPT} }})()"), "returnByValue": true });
        let turn = self.turn().await?;
        let mut answer = turn.driver.cdp().send_raw("Runtime.evaluate", ask).await?;
        let view = answer.pointer_mut("/result/value").map(Value::take);
        Ok(serde_json::from_value(view.with_context(|| format!("no view: {answer}"))?)?)
    }

    /// What the page holds, once nothing is left that could be let go.
    ///
    /// # Errors
    /// When the browser does not tell.
    pub async fn weight(&self) -> Result<Weight> {
        let memory = self.script("return window.e2e.memory?.buffer.byteLength ?? 0", vec![]).await?;
        let turn = self.turn().await?;
        let ask = async |method: &str| -> Result<Value> {
            Ok(turn.driver.cdp().send_raw(method, json!({})).await?)
        };
        // What the first round lets go may hold what the second then finds.
        for _ in 0..2 {
            ask("HeapProfiler.collectGarbage").await?;
        }
        let (usage, counters) = (ask("Runtime.getHeapUsage").await?, ask("Memory.getDOMCounters").await?);
        let count = |answer: &Value, name: &str| {
            let count = answer.get(name).and_then(Value::as_f64).with_context(|| format!("no {name}"))?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            anyhow::Ok(count as u64)
        };
        Ok(Weight {
            heap: count(&usage, "usedSize")?,
            memory,
            nodes: count(&counters, "nodes")?,
            listeners: count(&counters, "jsEventListeners")?,
        })
    }
}

/// Names what a count has the browser hold, to let it go again.
const GROUP: &str = "counted";

impl Tab {
    /// How many objects of each of these kinds there are, once nothing is left that could be let go: with those of a kind
    /// are counted all of what is derived from it. Connections that are closed are not held by the tests.
    ///
    /// # Errors
    /// When the browser does not tell.
    pub async fn living<const N: usize>(&self, kinds: [&'static str; N]) -> Result<[(&'static str, u64); N]> {
        let forget = "e2e.peers = e2e.peers.filter((peer) => peer.connectionState !== 'closed')";
        self.script::<Value>(forget, vec![]).await?;
        let turn = self.turn().await?;
        let cdp = turn.driver.cdp();
        let mut all = kinds.map(|kind| (kind, 0));
        for (kind, count) in &mut all {
            let prototype = json!({ "expression": format!("{kind}.prototype"), "objectGroup": GROUP });
            let prototype = cdp.send_raw("Runtime.evaluate", prototype).await?;
            let id = prototype.pointer("/result/objectId").with_context(|| format!("no {kind}"))?;
            let those = json!({ "prototypeObjectId": id, "objectGroup": GROUP });
            let those = cdp.send_raw("Runtime.queryObjects", those).await?;
            let id = those.pointer("/objects/objectId").context("no list")?;
            let length = "function () { return this.length }";
            let length = json!({ "objectId": id, "functionDeclaration": length, "returnByValue": true });
            let length = cdp.send_raw("Runtime.callFunctionOn", length).await?;
            *count = length.pointer("/result/value").and_then(Value::as_u64).context("no length")?;
            cdp.send_raw("Runtime.releaseObjectGroup", json!({ "objectGroup": GROUP })).await?;
        }
        Ok(all)
    }
}

impl Browser {
    /// How long all of the browser's processes have kept a processor busy, its driver not counted.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn processor_time(&self) -> Result<Duration> {
        let mut processes = BTreeMap::new();
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            // One that has just ended.
            let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) else { continue };
            processes.insert(id, Process::read(&stat).context("/proc/…/stat")?);
        }
        let is_ours = |mut id: u32| loop {
            match processes.get(&id).map(|process| process.parent) {
                Some(parent) if parent == self.driver_id() => return true,
                Some(parent) if parent > 1 => id = parent,
                Some(_) | None => return false,
            }
        };
        let ticks: u64 =
            processes.iter().filter(|(id, _)| is_ours(**id)).map(|(_, process)| process.ticks).sum();
        Ok(Duration::from_millis(ticks * 1000 / TICKS))
    }
}

/// A second has so many of the kernel's ticks on every Linux that there is (`USER_HZ`).
const TICKS: u64 = 100;

/// A line of `/proc/…/stat`: proc(5).
struct Process {
    parent: u32,
    /// Its own, and those of its children that have ended.
    ticks: u64,
}

impl Process {
    fn read(stat: &str) -> Option<Self> {
        // The name may hold anything, but ends with the last bracket.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let parent = fields.get(1)?.parse().ok()?;
        let ticks = fields.get(11..15)?.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
        Some(Self { parent, ticks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_proc_is_read() {
        let stat = "17 (a (b) c) S 5 17 17 0 -1 4194560 100 0 0 0 250 50 7 3 20 0 1 0 123 456";
        let process = Process::read(stat).unwrap();
        assert_eq!((process.parent, process.ticks), (5, 310));
        assert!(Process::read("17 (").is_none());
    }
}
