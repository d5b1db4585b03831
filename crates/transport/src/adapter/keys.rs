//! The SRTP keys, which `webrtc` has no public exporter for.
//!
//! The crypto provider is ours to choose. This one hands every call to the built-in provider and keeps
//! the output of those HMACs whose seed begins with the exporter label of RFC 5764 §4.2: TLS 1.2's
//! PRF (RFC 5246 §5) makes the exported keying material of just those. It leans on two RFCs and on one
//! property of the library, that the PRF signs `A(i)` and the seed as two slices; the contract test in
//! `adapter/tests.rs` fails loudly when an upgrade changes it.

pub use super::guard::Guard;
use super::guard::Guarded;
use rtc::crypto::{
    ActiveKeyExchange, AeadAlgorithm, AeadCipher, BlockCipherAlgorithm, CbcAlgorithm, CbcCipher,
    CryptoAlgorithm, CryptoError, HashAlgorithm, HmacAlgorithm, KeyExchangeAlgorithm, Mac, PublicKey,
    RTCCrypto, RTCCryptoProvider, RTCRandom, SignatureScheme, SigningKey, StreamCipher,
    StreamCipherAlgorithm,
};
use std::sync::{Arc, Mutex, PoisonError};

const LABEL: &[u8] = b"EXTRACTOR-dtls_srtp";
/// Keys and salts of both directions take 60 bytes at most, which two SHA-256 HMACs give.
const MOST: usize = 64;

/// Where the exported bytes are kept until they are asked for. Public for `bot`, the other end of a call.
#[derive(Default)]
pub struct KeyTap {
    exported: Mutex<Vec<u8>>,
}

impl KeyTap {
    /// What was exported, if anything.
    pub fn exported(&self) -> Option<Vec<u8>> {
        let exported = self.exported.lock().unwrap_or_else(PoisonError::into_inner);
        (!exported.is_empty()).then(|| exported.clone())
    }

    fn keep(&self, output: &[u8]) {
        let mut exported = self.exported.lock().unwrap_or_else(PoisonError::into_inner);
        if exported.len() + output.len() <= MOST {
            exported.extend_from_slice(output);
        }
    }
}

/// A provider that does what `inner` does, and tells `tap`. With a guard it opens only what that lets pass.
pub fn watched(
    inner: Arc<dyn RTCCryptoProvider>,
    tap: Arc<KeyTap>,
    guard: Option<Arc<Guard>>,
) -> Arc<dyn RTCCryptoProvider> {
    Arc::new(Watched { inner: inner.clone(), crypto: WatchedCrypto { inner, tap, guard } })
}

struct Watched {
    inner: Arc<dyn RTCCryptoProvider>,
    crypto: WatchedCrypto,
}

impl RTCCryptoProvider for Watched {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn crypto(&self) -> &dyn RTCCrypto {
        &self.crypto
    }

    fn random(&self) -> &dyn RTCRandom {
        self.inner.random()
    }
}

struct WatchedMac {
    inner: Box<dyn Mac>,
    tap: Arc<KeyTap>,
}

impl Mac for WatchedMac {
    fn output_len(&self) -> usize {
        self.inner.output_len()
    }

    fn sign(&mut self, input: &[&[u8]], output: &mut [u8]) -> Result<(), CryptoError> {
        self.inner.sign(input, output)?;
        if let [_, seed] = input
            && seed.starts_with(LABEL)
        {
            self.tap.keep(output);
        }
        Ok(())
    }

    fn verify(&mut self, input: &[&[u8]], expected: &[u8]) -> Result<(), CryptoError> {
        self.inner.verify(input, expected)
    }
}

struct WatchedCrypto {
    inner: Arc<dyn RTCCryptoProvider>,
    tap: Arc<KeyTap>,
    guard: Option<Arc<Guard>>,
}

impl RTCCrypto for WatchedCrypto {
    /// No CBC: what it opens does not say whether it is SCTP, and every browser has an AEAD.
    fn supports(&self, algorithm: CryptoAlgorithm) -> bool {
        !matches!(algorithm, CryptoAlgorithm::Cbc(_)) && self.inner.crypto().supports(algorithm)
    }

    fn hash(&self, algorithm: HashAlgorithm, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.inner.crypto().hash(algorithm, data)
    }

    fn block_encrypt(
        &self,
        algorithm: BlockCipherAlgorithm,
        key: &[u8],
        block: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.inner.crypto().block_encrypt(algorithm, key, block)
    }

    fn new_hmac(&self, algorithm: HmacAlgorithm, key: &[u8]) -> Result<Box<dyn Mac>, CryptoError> {
        let inner = self.inner.crypto().new_hmac(algorithm, key)?;
        Ok(Box::new(WatchedMac { inner, tap: self.tap.clone() }))
    }

    fn new_stream_cipher(
        &self,
        algorithm: StreamCipherAlgorithm,
        key: &[u8],
    ) -> Result<Box<dyn StreamCipher>, CryptoError> {
        self.inner.crypto().new_stream_cipher(algorithm, key)
    }

    fn new_aead(&self, algorithm: AeadAlgorithm, key: &[u8]) -> Result<Box<dyn AeadCipher>, CryptoError> {
        let inner = self.inner.crypto().new_aead(algorithm, key)?;
        Ok(match &self.guard {
            Some(guard) => Box::new(Guarded { inner, guard: guard.clone() }),
            None => inner,
        })
    }

    fn new_cbc(&self, algorithm: CbcAlgorithm, key: &[u8]) -> Result<Box<dyn CbcCipher>, CryptoError> {
        let _ = key;
        Err(CryptoError::UnsupportedAlgorithm(CryptoAlgorithm::Cbc(algorithm)))
    }

    fn start_key_exchange(
        &self,
        algorithm: KeyExchangeAlgorithm,
    ) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
        self.inner.crypto().start_key_exchange(algorithm)
    }

    fn generate_signing_key(&self, scheme: SignatureScheme) -> Result<Arc<dyn SigningKey>, CryptoError> {
        self.inner.crypto().generate_signing_key(scheme)
    }

    fn import_signing_key(
        &self,
        scheme: SignatureScheme,
        pkcs8_der: &[u8],
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        self.inner.crypto().import_signing_key(scheme, pkcs8_der)
    }

    fn verify_signature(
        &self,
        scheme: SignatureScheme,
        public_key: PublicKey<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.inner.crypto().verify_signature(scheme, public_key, message, signature)
    }
}
