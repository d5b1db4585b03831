//! The cable between browsers and the server's pages and signaling: it can be cut, and mended. Media has ways of its own.

use anyhow::Result;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Carries TCP to a server, byte by byte, until it is cut or dropped.
#[derive(Debug)]
pub struct Cable {
    listens: SocketAddr,
    to: SocketAddr,
    carrying: JoinHandle<()>,
    /// Who connects, and is never answered.
    swallowed: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cable {
    /// Lays one to a server.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn to(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let listens = listener.local_addr()?;
        Ok(Self {
            listens,
            to: server,
            carrying: tokio::spawn(carry(listener, server)),
            swallowed: Arc::default(),
        })
    }

    /// What browsers open at this end.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.listens.port())
    }

    /// Ends all connections, and lets nobody connect.
    ///
    /// # Errors
    /// When it was not laid well.
    pub async fn cut(&mut self) -> Result<()> {
        self.carrying.abort();
        match (&mut self.carrying).await {
            Err(error) if error.is_cancelled() => Ok(()),
            Ok(()) => anyhow::bail!("it broke by itself"),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends all connections, and answers nobody who connects: not even later, when it is mended.
    ///
    /// # Errors
    /// When it was not laid well.
    pub async fn swallow(&mut self) -> Result<()> {
        self.cut().await?;
        let (listener, swallowed) = (TcpListener::bind(self.listens).await?, self.swallowed.clone());
        self.carrying = tokio::spawn(async move {
            while let Ok((theirs, _)) = listener.accept().await {
                swallowed.lock().unwrap_or_else(PoisonError::into_inner).push(theirs);
            }
        });
        Ok(())
    }

    /// How many were not answered.
    pub fn swallowed(&self) -> usize {
        self.swallowed.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Carries again, at the same place, whoever connects from now on.
    ///
    /// # Errors
    /// When somebody else is there.
    pub async fn mend(&mut self) -> Result<()> {
        if !self.carrying.is_finished() {
            self.cut().await?;
        }
        let listener = TcpListener::bind(self.listens).await?;
        self.carrying = tokio::spawn(carry(listener, self.to));
        Ok(())
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

async fn carry(listener: TcpListener, to: SocketAddr) {
    // Whoever is carried is let go with these.
    let mut carried = JoinSet::new();
    while let Ok((mut theirs, _)) = listener.accept().await {
        while carried.try_join_next().is_some() {}
        carried.spawn(async move {
            // Whoever cannot be carried sees a connection that ends.
            if let Ok(mut ours) = TcpStream::connect(to).await {
                let _ = copy_bidirectional(&mut theirs, &mut ours).await;
            }
        });
    }
}
