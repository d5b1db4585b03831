//! The signature of a message (Standard Webhooks 1.0.0, "Signature scheme"): HMAC-SHA256 over its id, the time and
//! its body.

use super::WebhookError;
use crate::ice::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Bytes of a key that is worth the name.
const LEAST_KEY: usize = 16;

/// Signs. `Debug` is not derived: it holds the key.
pub(super) struct Signer(Hmac<Sha256>);

impl Signer {
    /// With `whsec_` and a key in Base64 behind it, or any other text as it is.
    pub(super) fn new(secret: &Secret) -> Result<Self, WebhookError> {
        let text = secret.reveal();
        let key = match text.strip_prefix("whsec_") {
            Some(key) => {
                STANDARD.decode(key).map_err(|_| WebhookError::Secret("what follows whsec_ is no Base64"))?
            }
            None => text.as_bytes().to_vec(),
        };
        if key.len() < LEAST_KEY {
            return Err(WebhookError::Secret("it is shorter than 16 bytes"));
        }
        let mac = Hmac::new_from_slice(&key).map_err(|_| WebhookError::Secret("it cannot be a key"))?;
        Ok(Self(mac))
    }

    /// The value of `webhook-signature`; `time` in seconds since 1970.
    pub(super) fn sign(&self, id: &str, time: u64, body: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(format!("{id}.{time}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the scheme's libraries are tested with.
    #[test]
    fn a_signature_that_others_know() {
        let secret = Secret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let Ok(signer) = Signer::new(&secret) else { panic!("a good secret") };
        let signature = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_has_to_be_one() {
        let good = |text: &str| Signer::new(&Secret::from(text.to_owned())).is_ok();
        assert!(good("a text of sixteen") && good("whsec_AAAAAAAAAAAAAAAAAAAAAA=="));
        for wrong in ["", "short", "whsec_", "whsec_AAAA", "whsec_not base64 at all, at all"] {
            assert!(!good(wrong), "{wrong}");
        }
    }
}
