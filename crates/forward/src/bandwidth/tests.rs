//! Whole flows over a model of a path, in virtual time: what the estimate does, second by second.

mod flow;
mod hostile;
mod link;
mod scenarios;
