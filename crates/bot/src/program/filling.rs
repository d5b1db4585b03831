//! A room being filled.

use super::{Arguments, percentiles};
use anyhow::{Context, Result, bail};
use bot::{Bot, Crowd, Identity, Options, Phase, Stats};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Everything waited for must have come by then, on however busy a machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// For pictures.
const SETTLING: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The bots, publishers first.
pub(crate) struct Filling<'a> {
    arguments: &'a Arguments,
    identity: Identity,
    crowd: Crowd,
    bots: Vec<Bot>,
    /// When each began to join, and had its answer.
    began: Vec<(Instant, Instant)>,
    /// Those of the last stage begin here.
    stage: usize,
}

impl<'a> Filling<'a> {
    /// An empty room.
    pub(crate) fn new(arguments: &'a Arguments) -> Result<Self> {
        let (identity, crowd) = (Identity::generate()?, Crowd::start()?);
        Ok(Self { arguments, identity, crowd, bots: Vec::new(), began: Vec::new(), stage: 0 })
    }

    /// Everybody.
    pub(crate) fn bots(&self) -> &[Bot] {
        &self.bots
    }

    /// Joins, until there are all publishers and so many subscribers; what joining took.
    pub(crate) async fn fill(&mut self, subscribers: usize) -> Result<Value> {
        self.stage = self.bots.len();
        let (numbers, this) = (self.bots.len()..self.arguments.publishers + subscribers, &*self);
        // Publishers first, in order; then subscribers, several at the same time.
        let joins = stream::iter(numbers.map(|number| this.join(number)));
        let joined: Vec<_> = joins.buffered(self.arguments.at_once.max(1)).try_collect().await?;
        for (bot, began, answered) in joined {
            self.bots.push(bot);
            self.began.push((began, answered));
        }
        self.all("connected", Stats::is_connected).await?;
        Ok(self.joins())
    }

    async fn join(&self, number: usize) -> Result<(Bot, Instant, Instant)> {
        let arguments = self.arguments;
        let publishes = number < arguments.publishers;
        let name = format!("bot {number}");
        let options = Options {
            name: name.clone(),
            seats: arguments.seats(),
            video: publishes.then(|| arguments.video()),
            audio: publishes && !arguments.no_audio,
            loss_per_mille: arguments.loss,
            seed: number as u64,
            open_every: arguments.open_every,
            reports_arrivals: publishes || !arguments.blind,
            crowd: Some(self.crowd.clone()),
            data: arguments.data,
            ..Options::subscriber(&arguments.url, &arguments.room)
        };
        let began = Instant::now();
        let joined = Bot::join_as(options, self.identity.clone()).await;
        let bot = joined.with_context(|| format!("{name} could not join"))?;
        let answered = Instant::now();
        wait(&name, "connected", &bot, Stats::is_connected).await?;
        Ok((bot, began, answered))
    }

    /// Waits until pictures come on every seat that has somebody to show, or until it is clear that a server at its
    /// limit shows some of them to nobody; how many bots lack one.
    pub(crate) async fn settle(&self) -> usize {
        let deadline = Instant::now() + SETTLING;
        loop {
            let lacking =
                self.bots.iter().enumerate().filter(|(number, bot)| self.lacks(*number, bot)).count();
            if lacking == 0 || Instant::now() > deadline {
                return lacking;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn lacks(&self, number: usize, bot: &Bot) -> bool {
        let publishers = self.arguments.publishers;
        let wanted = self.arguments.seats().min(publishers.saturating_sub(usize::from(number < publishers)));
        bot.look(streaming).unwrap_or_default() < wanted
    }

    async fn all(&self, what: &str, condition: impl Fn(&Stats) -> bool) -> Result<()> {
        for (number, bot) in self.bots.iter().enumerate() {
            wait(&format!("bot {number}"), what, bot, &condition).await?;
        }
        Ok(())
    }

    /// From the first step to the answer, to the keys, and to the first picture's first packet, in microseconds.
    fn joins(&self) -> Value {
        let (mut answered, mut connected) = (Vec::new(), Vec::new());
        for (bot, (began, answer)) in self.bots.iter().zip(&self.began).skip(self.stage) {
            let until_answer = answer.saturating_duration_since(*began);
            answered.push(until_answer);
            let keys = bot.look(|stats| stats.connected_after).flatten();
            connected.extend(keys.map(|after| until_answer + after));
        }
        let mut ports: BTreeMap<u16, usize> = BTreeMap::new();
        for bot in &self.bots {
            *ports.entry(bot.answer().candidates.first().map_or(0, SocketAddr::port)).or_default() += 1;
        }
        json!({
            "joins": answered.len(),
            "on_each_port": ports.values().collect::<Vec<_>>(),
            "present": self.bots.len(),
            "answered_us": percentiles(micros(answered)),
            "connected_us": percentiles(micros(connected)),
        })
    }

    /// From the first step to the first packet of a picture, of those who came last, in microseconds.
    pub(crate) fn first_packets(&self) -> Value {
        let bots = self.bots.iter().zip(&self.began).skip(self.stage);
        let first = bots.filter_map(|(bot, (began, _))| {
            let at = bot.look(|stats| stats.first_video).flatten()?;
            Some(at.saturating_duration_since(*began))
        });
        percentiles(micros(first.collect()))
    }

    /// Says goodbye.
    pub(crate) async fn leave(self) -> Result<()> {
        for bot in self.bots {
            bot.leave().await?;
        }
        Ok(())
    }
}

fn micros(times: Vec<Duration>) -> Vec<u32> {
    times.into_iter().filter_map(|time| u32::try_from(time.as_micros()).ok()).collect()
}

fn streaming(stats: &Stats) -> usize {
    stats.received.values().filter(|slot| slot.video && slot.packets > 0).count()
}

async fn wait(name: &str, what: &str, bot: &Bot, condition: impl Fn(&Stats) -> bool) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match bot.look(|stats| (condition(stats), stats.phase.clone())) {
            Some((true, _)) => return Ok(()),
            Some((false, Phase::Failed(why))) => bail!("{name} was not {what}: {why}"),
            _ if Instant::now() > deadline => bail!("{name} was not {what} in time"),
            _ => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}
