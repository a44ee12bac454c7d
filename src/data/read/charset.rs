//! The encoding of texts in a binary file, as files name it, and strict decoding.

use encoding_rs::Encoding;

/// What is known of an encoding.
#[derive(Debug, Clone)]
pub(super) enum Charset {
    Known(&'static Encoding),
    /// Nobody says it; texts are read where they are UTF-8.
    Unsaid,
    /// A name that is not known here; texts are read where they are ASCII.
    Unknown(String),
}

impl Charset {
    /// By a name as in `.cpg` files: `UTF-8`, `GBK`, `936`, `ISO 88591`, `ANSI 1252`.
    pub(super) fn named(name: &str) -> Self {
        let name = name.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}');
        if name.is_empty() {
            return Self::Unsaid;
        }
        let lower = name.to_lowercase();
        let core =
            ["ansi", "oem", "windows", "cp", "ms"]
                .iter()
                .fold(lower.as_str(), |rest, prefix| {
                    rest.strip_prefix(prefix)
                        .unwrap_or(rest)
                        .trim_start_matches([' ', '-', '_'])
                });
        let plain: String = core.chars().filter(char::is_ascii_alphanumeric).collect();
        let label = match plain.as_str() {
            "65001" => "utf-8".to_owned(),
            "936" | "gb2312" | "gbk" => "gbk".to_owned(),
            "54936" => "gb18030".to_owned(),
            "950" => "big5".to_owned(),
            "932" => "shift_jis".to_owned(),
            "949" => "euc-kr".to_owned(),
            "866" => "ibm866".to_owned(),
            "874" | "1250" | "1251" | "1252" | "1253" | "1254" | "1255" | "1256" | "1257"
            | "1258" => {
                format!("windows-{plain}")
            }
            _ => {
                let part = plain
                    .strip_prefix("iso")
                    .unwrap_or(&plain)
                    .strip_prefix("8859");
                part.map_or_else(|| lower.clone(), |part| format!("iso-8859-{part}"))
            }
        };
        let found = Encoding::for_label(label.as_bytes());
        found.map_or_else(|| Self::Unknown(name.to_owned()), Self::Known)
    }

    /// By the language driver of a dBASE table.
    pub(super) fn of_driver(driver: u8) -> Self {
        let page = match driver {
            // No driver, and that of whatever machine wrote the file.
            0x00 | 0x57 => return Self::Unsaid,
            0x03 | 0x58 | 0x59 => "1252",
            0x13 | 0x7B => "932",
            0x26 | 0x65 => "866",
            0x4D | 0x7A => "936",
            0x4E | 0x79 => "949",
            0x4F | 0x78 => "950",
            0x50 | 0x7C => "874",
            0x7D => "1255",
            0x7E => "1256",
            0xC8 => "1250",
            0xC9 => "1251",
            0xCA => "1254",
            0xCB => "1253",
            0xCC => "1257",
            other => return Self::Unknown(format!("language driver 0x{other:02X}")),
        };
        Self::named(page)
    }

    /// The text, or why it is none.
    pub(super) fn decode(&self, bytes: &[u8]) -> Result<String, String> {
        if bytes.is_ascii() {
            return Ok(String::from_utf8_lossy(bytes).into_owned());
        }
        let say = "say which it is with `encoding` of the reader (for instance \"GBK\" or \"windows-1252\")";
        match self {
            Self::Known(encoding) => (encoding
                .decode_without_bom_handling_and_without_replacement(bytes))
            .map(std::borrow::Cow::into_owned)
            .ok_or_else(|| {
                format!(
                    "is no text in {}; if it is in another encoding, {say}",
                    encoding.name()
                )
            }),
            Self::Unsaid => String::from_utf8(bytes.to_vec())
                .map_err(|_| format!("is not in UTF-8, and no file says in which encoding; {say}")),
            Self::Unknown(name) => Err(format!(
                "is in an encoding that is not known here (`{name}`); {say}, or convert the file"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_encodings_are_understood() {
        for (name, expected) in [
            ("UTF-8\r\n", "UTF-8"),
            ("utf8", "UTF-8"),
            ("65001", "UTF-8"),
            ("936", "GBK"),
            ("GB2312", "GBK"),
            ("CP936", "GBK"),
            ("GB18030", "gb18030"),
            ("ISO-8859-1", "windows-1252"),
            ("ISO 88591", "windows-1252"),
            ("8859_15", "ISO-8859-15"),
            ("ANSI 1252", "windows-1252"),
            ("latin1", "windows-1252"),
            ("Big5", "Big5"),
            ("OEM 866", "IBM866"),
        ] {
            match Charset::named(name) {
                Charset::Known(encoding) => assert_eq!(encoding.name(), expected, "{name}"),
                other => panic!("{name}: {other:?}"),
            }
        }
        assert!(matches!(Charset::named("cp437"), Charset::Unknown(n) if n == "cp437"));
        assert!(matches!(Charset::named(" \0"), Charset::Unsaid));
        assert!(matches!(Charset::of_driver(0x57), Charset::Unsaid));
        assert!(matches!(Charset::of_driver(0x4D), Charset::Known(e) if e.name() == "GBK"));
    }

    #[test]
    fn decoding_is_strict() {
        let gbk = b"\xb9\xe3\xd6\xdd";
        assert_eq!(Charset::named("GBK").decode(gbk).unwrap(), "广州");
        assert!(Charset::named("UTF-8").decode(gbk).is_err());
        assert!(
            Charset::Unsaid
                .decode(gbk)
                .unwrap_err()
                .contains("encoding")
        );
        assert_eq!(Charset::Unsaid.decode("广州".as_bytes()).unwrap(), "广州");
        let odd = Charset::named("cp437");
        assert_eq!(odd.decode(b"abc").unwrap(), "abc");
        assert!(odd.decode(gbk).unwrap_err().contains("cp437"));
    }
}
