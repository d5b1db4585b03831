//! The results as tables: aligned for a terminal, and the same in Markdown.

use super::Results;
use super::figures::{Run, Spread};

/// A table: its head, then its rows.
type Table = Vec<Vec<String>>;

/// One column: its head, the figure, what that is multiplied by, and digits after the point.
type Column = (&'static str, &'static str, f64, usize);

const CASES: [Column; 9] = [
    ("CPU per packet, µs", "cpu_us", 1.0, 2),
    ("in the kernel, %", "system_share", 100.0, 0),
    ("packets/s out", "delivered_per_s", 1.0, 0),
    ("to a send", "datagrams_per_send", 1.0, 2),
    ("delay p50, ms", "delay_p50_us", 0.001, 2),
    ("delay p99, ms", "delay_p99_us", 0.001, 2),
    ("lost, ‰", "lost_permille", 1.0, 2),
    ("without a picture", "lacking", 1.0, 0),
    ("memory per peer, kB", "resident_kb_per_peer", 1.0, 0),
];

const FLOOR: [Column; 5] = [
    ("server, µs", "cpu_us", 1.0, 2),
    ("floor at its pace, µs", "floor_us", 1.0, 2),
    ("share", "to_floor_ratio", 1.0, 2),
    ("floor flat out, µs", "floor_flat_out_us", 1.0, 2),
    ("share", "to_floor_flat_out_ratio", 1.0, 2),
];

const LOAD: [Column; 3] = [
    ("load's own CPU per packet, µs", "load_us", 1.0, 2),
    ("server's core, %", "server_core", 100.0, 0),
    ("load's core, %", "load_core", 100.0, 0),
];

const SPAN: [Column; 2] = [
    ("workers with participants", "workers_used", 1.0, 0),
    ("fewest on one of them", "least_on_a_worker", 1.0, 0),
];

const JOIN: [Column; 6] = [
    ("answer p50, ms", "answered_p50_us", 0.001, 0),
    ("p99", "answered_p99_us", 0.001, 0),
    ("keys p50, ms", "connected_p50_us", 0.001, 0),
    ("p99", "connected_p99_us", 0.001, 0),
    ("first picture p50, ms", "first_packet_p50_us", 0.001, 0),
    ("p99", "first_packet_p99_us", 0.001, 0),
];

const GROWTH: [Column; 8] = [
    ("CPU per packet, µs", "cpu_us", 1.0, 2),
    ("in the kernel, %", "system_share", 100.0, 0),
    ("server's core, %", "server_core", 100.0, 0),
    ("load's own, µs", "load_us", 1.0, 2),
    ("delay p50, ms", "delay_p50_us", 0.001, 2),
    ("delay p99, ms", "delay_p99_us", 0.001, 2),
    ("lost, ‰", "lost_permille", 1.0, 2),
    ("without a picture", "lacking", 1.0, 0),
];

const JOINS: [Column; 5] = [
    ("CPU per join, ms", "join_cpu_ms", 1.0, 1),
    ("keys p50, ms", "connected_p50_us", 0.001, 0),
    ("keys p99, ms", "connected_p99_us", 0.001, 0),
    ("idle, % of a core", "idle_core", 100.0, 1),
    ("memory per peer, kB", "resident_kb_per_peer", 1.0, 0),
];

const OVERLOAD: [Column; 11] = [
    ("subscribers", "subscribers", 1.0, 0),
    ("server's core, %", "server_core", 100.0, 0),
    ("load's core, %", "load_core", 100.0, 0),
    ("packets/s out", "delivered_per_s", 1.0, 0),
    ("video delivered, %", "video_share", 100.0, 0),
    ("sound delivered, %", "sound_share", 100.0, 0),
    ("sound lost, ‰", "sound_lost_permille", 1.0, 2),
    ("sound delay p50, ms", "sound_p50_us", 0.001, 2),
    ("p99", "sound_p99_us", 0.001, 2),
    ("new room refused", "refused", 1.0, 0),
    ("all is back after, s", "back_s", 1.0, 1),
];

/// All tables that have a row, each with what it is of.
fn tables(results: &Results) -> Vec<(&'static str, Table)> {
    let cases = || results.cases.iter().map(|(case, runs)| (case.title.to_owned(), runs.as_slice()));
    let size = |(size, runs): (u64, _)| (size.to_string(), runs);
    let phases = results.overload.iter().map(|(name, runs)| ((*name).to_owned(), runs.as_slice()));
    let all = [
        ("Forwarding", table("", &CASES, cases())),
        ("Beside the floor", table("", &FLOOR, cases())),
        ("What making the load costs", table("", &LOAD, cases())),
        ("A room on several workers", table("", &SPAN, cases())),
        ("Joining, one after the other", table("", &JOIN, cases())),
        ("As a room grows: packets", table("subscribers", &GROWTH, results.growth.sizes().map(size))),
        ("As a room grows: joins", table("participants", &JOINS, results.joins.sizes().map(size))),
        ("At twice the capacity", table("", &OVERLOAD, phases)),
    ];
    all.into_iter().filter(|(_, table)| table.len() > 1).collect()
}

/// A row for each that has the first figure.
fn table<'a>(corner: &str, columns: &[Column], rows: impl Iterator<Item = (String, &'a [Run])>) -> Table {
    let head = columns.iter().map(|(head, ..)| (*head).to_owned());
    let mut table = vec![[corner.to_owned()].into_iter().chain(head).collect::<Vec<_>>()];
    for (name, runs) in rows {
        let has = |(_, figure, ..): &Column| Spread::of(runs, figure).is_some();
        // The floor is measured for some cases only, and those that have it have all of it.
        if columns.get(1).is_some_and(has) {
            let cells = columns.iter().map(|column| cell(runs, column));
            table.push([name].into_iter().chain(cells).collect());
        }
    }
    table
}

/// The median, and in brackets the least and the most when they look different.
fn cell(runs: &[Run], (_, figure, times, digits): &Column) -> String {
    let Some(Spread { median, least, most }) = Spread::of(runs, figure) else { return "–".to_owned() };
    let [median, least, most] = [median, least, most].map(|value| format!("{:.digits$}", value * times));
    if least == most { median } else { format!("{median} ({least}–{most})") }
}

/// For a terminal.
pub fn text(results: &Results) -> String {
    let one = |(what, table): (&str, Table)| format!("{what}\n{}\n", aligned(&table));
    tables(results).into_iter().map(one).collect()
}

fn aligned(table: &Table) -> String {
    let width = |column: usize| table.iter().filter_map(|row| Some(row.get(column)?.chars().count())).max();
    let cell = |(column, cell): (usize, &String)| {
        let width = width(column).unwrap_or_default();
        if column == 0 { format!("  {cell:<width$}") } else { format!("  {cell:>width$}") }
    };
    table.iter().map(|row| row.iter().enumerate().map(cell).collect::<String>() + "\n").collect()
}

/// For a page.
pub fn markdown(results: &Results) -> String {
    let line = |row: &[String]| format!("| {} |\n", row.join(" | "));
    let one = |(what, table): (&str, Table)| {
        let mut rows = table.iter();
        let head = rows.next().map(Vec::as_slice).unwrap_or_default();
        let rule = format!("|---|{}\n", "--:|".repeat(head.len().saturating_sub(1)));
        let rows: String = rows.map(|row| line(row)).collect();
        format!("### {what}\n\n{}{rule}{rows}\n", line(head))
    };
    tables(results).into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_its_spread_when_there_is_one() {
        let column = ("", "delay_p50_us", 0.001, 2);
        let runs = |values: &[f64]| {
            values.iter().map(|value| Run::from([("delay_p50_us", *value)])).collect::<Vec<_>>()
        };
        assert_eq!(cell(&runs(&[210.0, 190.0, 300.0]), &column), "0.21 (0.19–0.30)");
        assert_eq!(cell(&runs(&[210.0, 209.0]), &column), "0.21");
        assert_eq!(cell(&[], &column), "–");
    }

    #[test]
    fn tables_without_rows_are_left_out() {
        let mut results = Results::default();
        assert_eq!(text(&results), "");
        results.growth.push(10, Run::from([("cpu_us", 3.0), ("system_share", 0.5)]));
        assert!(markdown(&results).contains("| 10 | 3.00 | 50 | – |"), "{}", markdown(&results));
    }
}
