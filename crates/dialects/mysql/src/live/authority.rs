//! The authorities of a file as the only ones that a connection trusts.
//!
//! The driver adds the authorities of a file to the public ones that it brings along, and has no
//! setting to leave those out. Whoever names an authority means that one: otherwise anybody with
//! a certificate for any host of the internet could pass for the server. So the signatures of
//! public authorities are refused where they are checked, on the threads that ask for it.

use std::cell::RefCell;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use realign_runtime::{Error, ErrorKind};
use rustls::RootCertStore;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm,
};

/// The keys of authorities that don't count, each as a certificate has it.
pub(super) type Refused = Arc<[Vec<u8>]>;

thread_local! {
    static REFUSED: RefCell<Refused> = RefCell::new(Arc::new([]));
}

/// Refuses these authorities on this thread from now on.
pub(super) fn refuse(keys: Refused) {
    REFUSED.set(keys);
}

/// The public authorities that are not in this file. Makes sure that they can be refused.
pub(super) fn all_but(path: &Path) -> Result<Refused, Error> {
    let own = authorities(path)?;
    if !is_guarded() {
        return Err(Error::new(
            ErrorKind::Usage,
            "TLS can't be set up: this process has chosen another provider of cryptography, under \
             which the authorities of `sslrootcert` would not be the only ones",
        )
        .with_help("open this connection before others"));
    }
    let has = |key: &[u8]| {
        let mut own = own.roots.iter();
        own.any(|anchor| anchor.subject_public_key_info.as_ref() == key)
    };
    Ok(webpki_roots::TLS_SERVER_ROOTS
        .iter()
        .map(|anchor| anchor.subject_public_key_info.as_ref())
        .filter(|key| !has(key))
        .map(<[u8]>::to_vec)
        .collect())
}

/// The authorities of a file.
fn authorities(path: &Path) -> Result<RootCertStore, Error> {
    let unreadable = |text: String| {
        Error::new(
            ErrorKind::File,
            format!(
                "can't read the authority's certificate {}: {text}",
                path.display()
            ),
        )
        .with_help("`sslrootcert` names a file of certificates in PEM format")
    };
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(path).map_err(|e| unreadable(e.to_string()))?;
    for certificate in found {
        let certificate = certificate.map_err(|e| unreadable(e.to_string()))?;
        roots
            .add(certificate)
            .map_err(|e| unreadable(e.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unreadable("it holds none".to_owned()));
    }
    Ok(roots)
}

/// Makes this process check signatures through [`Guarded`], for which there is one chance: the
/// first connection. False when somebody else took it.
pub(super) fn is_guarded() -> bool {
    static TAKEN: OnceLock<bool> = OnceLock::new();
    *TAKEN.get_or_init(|| guarded().install_default().is_ok())
}

/// The usual cryptography, with every check of a signature guarded.
fn guarded() -> CryptoProvider {
    // The provider's lists live as long as the process; these do as well, and are made once.
    fn list(
        of: &[&'static dyn SignatureVerificationAlgorithm],
    ) -> &'static [&'static dyn SignatureVerificationAlgorithm] {
        let guard = |inner: &&'static dyn SignatureVerificationAlgorithm| {
            let guarded: &'static dyn SignatureVerificationAlgorithm =
                Box::leak(Box::new(Guarded(*inner)));
            guarded
        };
        Vec::leak(of.iter().map(guard).collect())
    }
    let mut provider = rustls::crypto::ring::default_provider();
    let usual = provider.signature_verification_algorithms;
    let mapping = usual.mapping.iter().map(|(name, of)| (*name, list(of)));
    provider.signature_verification_algorithms = WebPkiSupportedAlgorithms {
        all: list(usual.all),
        mapping: Vec::leak(mapping.collect()),
    };
    provider
}

/// Checks signatures, except those of the authorities that this thread refuses.
#[derive(Debug)]
struct Guarded(&'static dyn SignatureVerificationAlgorithm);

impl SignatureVerificationAlgorithm for Guarded {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        // A certificate has the bare key behind the name of its algorithm.
        let refused = REFUSED.with_borrow(|keys| keys.iter().any(|key| key.ends_with(public_key)));
        if refused {
            return Err(InvalidSignature);
        }
        self.0.verify_signature(public_key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.0.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.0.signature_alg_id()
    }

    fn fips(&self) -> bool {
        self.0.fips()
    }
}

#[cfg(test)]
mod tests {
    use super::{all_but, authorities, refuse};
    use realign_testkit::certificates;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use std::sync::Arc;

    /// Looks at the server's certificate as the driver does, which trusts all of these.
    fn is_trusted() -> bool {
        let kit = certificates();
        let mut roots = authorities(&kit.authority()).expect("readable");
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let verifier = WebPkiServerVerifier::builder(Arc::new(roots))
            .build()
            .expect("there are authorities");
        let server = CertificateDer::from_pem_file(kit.certificate()).expect("readable");
        let name = ServerName::try_from("localhost").expect("a name");
        let now = UnixTime::now();
        verifier
            .verify_server_cert(&server, &[], &name, &[], now)
            .is_ok()
    }

    #[test]
    fn an_authority_that_is_refused_vouches_for_nobody() {
        let kit = certificates();
        let public = all_but(&kit.stranger()).expect("guarded");
        assert!(public.len() > 50, "{}", public.len());
        assert!(is_trusted());
        // The kit's authority stands in for a public one, whose keys nobody has here.
        let stand_in = authorities(&kit.authority()).expect("readable");
        let stand_in = stand_in.roots[0].subject_public_key_info.as_ref().to_vec();
        refuse(Arc::new([stand_in]));
        assert!(!is_trusted());
        refuse(public);
        assert!(is_trusted());
    }

    #[test]
    fn a_file_without_certificates_is_told() {
        let error = authorities(std::path::Path::new("/dev/null")).expect_err("nothing in it");
        assert!(error.message.contains("it holds none"), "{}", error.message);
    }
}
