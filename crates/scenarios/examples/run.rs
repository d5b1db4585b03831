//! Scratch: runs scenarios named on the command line.
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut rows = vec![];
    for scenario in scenarios::ALL {
        if !args.is_empty() && !args.iter().any(|a| a == scenario.name) {
            continue;
        }
        let only: Option<u64> = std::env::var("SEED").ok().map(|s| s.parse().unwrap());
        for seed in scenario.seeds {
            if only.is_some_and(|o| o != *seed) {
                continue;
            }
            let start = std::time::Instant::now();
            let outcome = (scenario.run)(*seed);
            eprintln!("{} {seed}: {:?} {:x}", scenario.name, start.elapsed(), outcome.hash);
            rows.push(scenarios::Row { scenario: *scenario, seed: *seed, outcome });
        }
    }
    print!("{}", scenarios::text(&rows));
}
