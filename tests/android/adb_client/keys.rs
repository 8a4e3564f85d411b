//! Keys: where they are found, what they sign, and in which form Android keeps them.

use super::*;
use lifeboat::model::Advice as _;

/// Primes of two keys for tests only. New ones would take long to find in a build without optimisation.
const PRIMES: [[&str; 2]; 2] = [
    [
        "FBC2C44E6659EF6161182E5C0F1E1345C7F961CDE8C232EB8CC467EA8009F05A440A78773151AAE8014949A4637C903CCBFA6C38DEBBA4587BC1AD45A0B7EB3B23316F6557CFD756D4EBE4C769E59665F915D16EE61A7C384F7BD7CA486CA4B27F017792A0C8A42A431D74358669EB6061A791131C292EA5EEEA4C210403AE77",
        "FAE60713BC7CC8FCEF72A1F7194A22F27CEB2E274197582134FD78675AC72F065866F3895AB89D74FF14BAAE728137B0194D69BEFE4D37AB3C79265B246C5C03CE091616E492BF260E18F811DCA96FC5C4886AEFA003357AF2259AF3E4F5F84A272E49BD9D7E9D34AECE284562B7CF3251F352630843E56D1A390B2C13B49845",
    ],
    [
        "C806115031A33C7336646A0A0D606A8E721EA7DB65135B48B9B92FC86FDA73E96A7C22421FB0A111EB0B6EB7BFA1C2F53870A1E01793FF69913477AE6FD82242E8BC16D965B8D71EF628B96421106A53053F784875A8C830B8057B831701C529B7B9DE7FB2B566261A1649B5D46AA282A1DA2657E61B39F4E1C910F7A8ED12D1",
        "E8675833F90A0928FEC3E02F12ACA2740B64F2A7836EE103DDA931EB5E295EAE27A1CFCC446530BE684C827CC76247A773BD04D52EFDB8C555A1A2C7E4721F5B8BA5C012809F6852ABC5AFB0ABAD52E43E2D73D9938D6735C5D73EA6DEFE55067C3A23540B3DC3759C5135627F1F6757B17D703F6C24732FE09A1905D3DEA5FD",
    ],
];

fn secret(n: usize) -> rsa::RsaPrivateKey {
    let [p, q] = PRIMES[n].map(|prime| {
        let digits: Vec<u8> = (0..prime.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&prime[at..at + 2], 16).unwrap())
            .collect();
        rsa::BigUint::from_bytes_be(&digits)
    });
    rsa::RsaPrivateKey::from_p_q(p, q, rsa::BigUint::from(65_537u32)).unwrap()
}

fn pem(n: usize) -> String {
    let pem = secret(n).to_pkcs8_pem(LineEnding::LF).unwrap();
    pem.to_string()
}

pub fn keys() -> &'static [Key; 2] {
    static KEYS: OnceLock<[Key; 2]> = OnceLock::new();
    KEYS.get_or_init(|| [0, 1].map(|n| Key::from_pem(&pem(n), Path::new("test")).unwrap()))
}

/// Reads the modulus and the exponent that Android keeps of a key.
fn android_key(text: &str) -> rsa::RsaPublicKey {
    let text = text.split(' ').next().unwrap();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap();
    assert_eq!(bytes.len(), 524);
    let number = |range: std::ops::Range<usize>| rsa::BigUint::from_bytes_le(&bytes[range]);
    assert_eq!(number(0..4), rsa::BigUint::from(64u8));
    let (n, one) = (number(8..264), rsa::BigUint::from(1u8));
    let word = &one << 32;
    assert_eq!((&n * number(4..8) + &one) % &word, rsa::BigUint::default());
    assert_eq!(number(264..520), (&one << 4096) % &n);
    rsa::RsaPublicKey::new(n, number(520..524)).unwrap()
}

pub fn is_signed(key: &Key, token: &[u8], signature: &[u8]) -> bool {
    let mut padding = rsa::Pkcs1v15Sign::new_unprefixed();
    let sha1 = [
        0x30, 0x21, 0x30, 9, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0, 4, 0x14,
    ];
    padding.prefix = Box::new(sha1);
    padding.hash_len = Some(20);
    android_key(&key.public())
        .verify(padding, token, signature)
        .is_ok()
}

#[test]
fn keys_are_found_where_adb_keeps_them_and_bad_ones_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let pkcs1 = secret(0).to_pkcs1_pem(LineEnding::LF).unwrap();
    std::fs::create_dir(path("vendor")).unwrap();
    std::fs::create_dir(path(".android")).unwrap();
    std::fs::write(path("vendor/same.adb_key"), pkcs1.as_bytes()).unwrap();
    std::fs::write(path("vendor/bad.adb_key"), "no key at all").unwrap();
    std::fs::write(path("vendor/readme.txt"), "no key, and not called one").unwrap();
    std::fs::write(path(".android/adbkey"), pem(0)).unwrap();
    let small = rsa::RsaPrivateKey::new(&mut rand_core::OsRng, 1024).unwrap();
    std::fs::write(
        path("small"),
        small.to_pkcs1_pem(Default::default()).unwrap(),
    )
    .unwrap();

    let places = KeyPlaces {
        extra: vec![path("missing"), path("small")],
        android: Some(path(".android")),
        vendor: vec![path("vendor")],
    };
    let (keys, problems) = places.search();
    assert_eq!(keys.len(), 1, "the same key is tried once");
    assert_eq!(keys[0].public(), self::keys()[0].public());
    assert!(
        matches!(
            problems.as_slice(),
            [
                KeyError::Read { .. },
                KeyError::WrongSize { bits: 1024, .. },
                KeyError::NotAKey { .. }
            ]
        ),
        "{problems:?}"
    );
    assert!(problems.iter().all(|problem| !problem.advice().is_empty()));
    let nothing = KeyPlaces {
        android: Some(path("none")),
        ..KeyPlaces::default()
    };
    let (keys, problems) = nothing.search();
    assert!(
        keys.is_empty() && problems.is_empty(),
        "a computer without adb is no problem"
    );
    let shown = format!("{:?}", self::keys()[0]);
    assert!(shown.len() < 60, "no secrets: {shown}");
}

#[test]
fn public_keys_are_encoded_as_adb_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adbkey");
    let made = std::process::Command::new("adb")
        .arg("keygen")
        .arg(&path)
        .output();
    if !made.is_ok_and(|output| output.status.success()) {
        crate::common::cannot::cannot_run("no adb here, whose encoding of keys could be compared");
        return;
    }
    let theirs = std::fs::read_to_string(path.with_extension("pub")).unwrap();
    let key = Key::load(&path).unwrap();
    assert_eq!(Some(key.public().as_str()), theirs.split(' ').next());
    assert_eq!(android_key(&theirs).n().bits(), 2048);
}

/// A home folder that can't be written must not prevent a rescue.
#[test]
fn a_key_that_can_not_be_kept_is_good_for_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let own = OwnKey::at(file.join("lifeboat/adbkey"));
    let key = own.load_or_create().expect("a key");
    assert!(key.sign(&[7; 20]).is_ok());
    assert!(own.existing().is_err() || own.existing().is_ok_and(|key| key.is_none()));
}
