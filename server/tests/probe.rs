//! probe
#[cfg(test)]
mod house;
#[cfg(test)]
mod tests {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn probe() {
        let _ = tracing_subscriber::fmt().with_env_filter("trace,tungstenite=info,tokio_tungstenite=info,hyper=info").with_writer(std::io::stderr).try_init();
        let house = crate::house::House::open().await;
        let bot = bot::Bot::join(bot::Options::publisher(&house.url, "tea")).await.unwrap();
        println!("{:?} {:?}", bot.answer(), bot.udp_addr());
        for _ in 0..4 {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        println!("{:?}", bot.stats());
        println!("{:#?}", house.report().await.transport);}
    }
}
