//! The built program, as whoever starts and stops it has it: what it logs and traces, and how it ends.

#[cfg(test)]
mod doctor;
#[cfg(test)]
mod draining;
#[cfg(test)]
mod madang;
#[cfg(test)]
mod telemetry;
