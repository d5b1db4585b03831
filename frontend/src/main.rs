//! The program Trunk and `xtask` build: mounts the app, and nothing else.

fn main() {
    console_error_panic_hook::set_once();
    frontend::mount();
}
