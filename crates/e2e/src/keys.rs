//! Keys, as a person presses them: wherever the focus is.

use crate::tab::Tab;
use anyhow::Result;
use thirtyfour::Key;

impl Tab {
    /// Presses and lets go of a key.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn key(&self, key: impl Into<char>) -> Result<()> {
        let turn = self.turn().await?;
        let key = key.into();
        Ok(turn.driver.action_chain().key_down(key).key_up(key).perform().await?)
    }

    /// The same, while Shift is held.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn shift(&self, key: impl Into<char>) -> Result<()> {
        let turn = self.turn().await?;
        let (shift, key) = (Key::Shift, key.into());
        let chain =
            turn.driver.action_chain().key_down(shift.clone()).key_down(key).key_up(key).key_up(shift);
        Ok(chain.perform().await?)
    }

    /// Presses a key and holds it, until it is let go of.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn hold(&self, key: impl Into<char>) -> Result<()> {
        let turn = self.turn().await?;
        Ok(turn.driver.action_chain().key_down(key.into()).perform().await?)
    }

    /// Lets go of a key that is held.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn let_go(&self, key: impl Into<char>) -> Result<()> {
        let turn = self.turn().await?;
        Ok(turn.driver.action_chain().key_up(key.into()).perform().await?)
    }

    /// Presses Shift and Enter at the place where one writes.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn new_line(&self) -> Result<()> {
        self.shift(Key::Enter).await
    }

    /// Types a text where the focus is, key by key.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn types(&self, text: &str) -> Result<()> {
        let turn = self.turn().await?;
        Ok(turn.driver.action_chain().send_keys(text).perform().await?)
    }
}
