//! Stacks as `perf script` prints them, and the flame graph drawn of them: each box a function, as wide as the time
//! spent in it and in what it called, which stands on it.

use super::figures::float;
use std::collections::BTreeMap;
use std::fmt::Write;

const WIDTH: f64 = 1400.0;
const ROW: f64 = 17.0;
/// Narrower boxes are left out, in pixels.
const NARROW: f64 = 0.6;
/// Pixels of a letter.
const LETTER: f64 = 6.6;

/// How often each stack was seen.
#[derive(Debug, Default)]
pub struct Stacks {
    root: Frame,
    selves: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
struct Frame {
    samples: u64,
    calls: BTreeMap<String, Frame>,
}

impl Stacks {
    /// Reads paragraphs: the thread's name, then its stack, the innermost function first.
    pub fn read(script: &str) -> Self {
        let mut stacks = Self::default();
        for paragraph in script.split("\n\n") {
            let mut lines = paragraph.lines().filter(|line| !line.trim().is_empty());
            let Some(thread) = lines.next() else { continue };
            let mut functions: Vec<String> = lines.map(function).collect();
            if let Some(innermost) = functions.first() {
                *stacks.selves.entry(innermost.clone()).or_default() += 1;
            }
            functions.push(thread.trim().trim_end_matches(':').to_owned());
            stacks.root.samples += 1;
            let mut frame = &mut stacks.root;
            for function in functions.into_iter().rev() {
                frame = frame.calls.entry(function).or_default();
                frame.samples += 1;
            }
        }
        stacks
    }

    /// How many there are.
    pub fn samples(&self) -> u64 {
        self.root.samples
    }

    /// The functions that most of the time was spent in, without what they called, and their shares.
    pub fn heaviest(&self, most: usize) -> Vec<(&str, f64)> {
        let mut all: Vec<_> = self.selves.iter().collect();
        all.sort_by_key(|(_, samples)| std::cmp::Reverse(**samples));
        let share = |samples: u64| float(samples) / float(self.samples().max(1));
        all.into_iter().take(most).map(|(name, samples)| (name.as_str(), share(*samples))).collect()
    }
}

/// `  ffffffff816e1f32 __d_lookup_rcu+0x52`, without address, offset and the compiler's hash.
fn function(line: &str) -> String {
    let name = line.trim().split_once(' ').map_or("[unknown]", |(_, name)| name);
    let name = name.rsplit_once("+0x").map_or(name, |(name, _)| name);
    match name.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 => name.to_owned(),
        _ => name.to_owned(),
    }
}

/// As SVG; names in full are shown by pointing.
pub fn draw(stacks: &Stacks, title: &str) -> String {
    let scale = WIDTH / float(stacks.samples().max(1));
    let height = ROW * float(depth(&stacks.root, scale) + 3);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\"><style>text{{font:11px \
         monospace;fill:#222}}rect{{stroke:#fff;stroke-width:.5}}.t{{font-size:14px;fill:#888}}</style>\
         <text class=\"t\" x=\"4\" y=\"14\">{}: {} samples</text>\n",
        escaped(title),
        stacks.samples()
    );
    boxes(&stacks.root, 0.0, height - ROW, scale, &mut svg);
    svg + "</svg>\n"
}

fn depth(frame: &Frame, scale: f64) -> u64 {
    let wide = frame.calls.values().filter(|call| float(call.samples) * scale >= NARROW);
    wide.map(|call| 1 + depth(call, scale)).max().unwrap_or_default()
}

/// The calls of a frame, side by side. Writing to a string cannot fail, so what that says is dropped.
fn boxes(frame: &Frame, mut x: f64, y: f64, scale: f64, svg: &mut String) {
    for (name, call) in &frame.calls {
        let width = float(call.samples) * scale;
        if width >= NARROW {
            let hue =
                name.bytes().fold(17u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
            let full = escaped(name);
            let _ = write!(
                svg,
                "<g><title>{full}: {} samples</title><rect x=\"{x:.1}\" y=\"{y:.0}\" width=\"{width:.1}\" \
                 height=\"{ROW}\" fill=\"hsl({},75%,68%)\"/>",
                call.samples,
                10 + hue % 45
            );
            let letters = f64::floor(width / LETTER - 0.5);
            let shown: String = (0u32..)
                .map(f64::from)
                .zip(name.chars())
                .take_while(|(at, _)| *at < letters)
                .map(|(_, letter)| letter)
                .collect();
            if letters >= 3.0 {
                let _ = write!(
                    svg,
                    "<text x=\"{:.1}\" y=\"{:.0}\">{}</text>",
                    x + 2.0,
                    y + 12.0,
                    escaped(&shown)
                );
            }
            svg.push_str("</g>\n");
            boxes(call, x, y - ROW, scale, svg);
        }
        x += width;
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "media-0 \n\t  55aa forward::plane::flush::h0123456789abcdef+0x10\n\t  55ab main+0x1\n\n\
                          media-0 \n\t  55ac <a as b>::seal+0x2\n\t  55ab main+0x9\n\nmedia-0 \n\t  55ab main+0x9\n\n";

    #[test]
    fn stacks_are_counted_from_the_outermost_on() {
        let stacks = Stacks::read(SCRIPT);
        assert_eq!(stacks.samples(), 3);
        let main = &stacks.root.calls["media-0"].calls["main"];
        assert_eq!(main.samples, 3);
        assert_eq!(main.calls.keys().collect::<Vec<_>>(), ["<a as b>::seal", "forward::plane::flush"]);
        assert_eq!(stacks.heaviest(9).len(), 3);
    }

    #[test]
    fn every_box_is_drawn_with_its_whole_name() {
        let svg = draw(&Stacks::read(SCRIPT), "a case");
        assert_eq!(svg.matches("<rect").count(), 4);
        assert!(svg.contains("&lt;a as b&gt;::seal: 1 samples"));
    }
}
