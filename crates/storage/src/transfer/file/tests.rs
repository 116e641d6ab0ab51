use super::*;
use crate::transfer::table;
use proptest::prelude::*;

/// A file with one merchant and one claim, everything else empty.
fn sample(answer: &[u8], name: &str) -> Vec<u8> {
    let tables = table::all().unwrap();
    let rows: Vec<u64> = tables
        .iter()
        .map(|table| u64::from(["merchants", "claims"].contains(&table.name.as_str())))
        .collect();
    let mut out = Vec::new();
    let header = Header::new(&tables, &rows, vec!["1a2b3c4d".into()]);
    let mut writer = Writer::begin(&mut out, header).unwrap();
    for table in &tables {
        writer.table(&table.name).unwrap();
        match table.name.as_str() {
            "merchants" => {
                writer.row([Cell::Text(name), Cell::Int(i64::MIN), Cell::Text("{}")].into_iter()).unwrap()
            }
            "claims" => {
                let (text, blob) = (Cell::Text("a"), Cell::Blob(answer));
                writer
                    .row([text, text, text, Cell::Blob(&[0xff]), Cell::Int(1), Cell::Null, blob].into_iter())
                    .unwrap();
            }
            _ => {}
        }
    }
    writer.end(Timestamp::UNIX_EPOCH, "a test").unwrap();
    out
}

fn read(bytes: &[u8]) -> Result<(Vec<Vec<Value>>, Summary), TransferError> {
    let mut reader = Reader::open(bytes)?;
    let mut rows = Vec::new();
    loop {
        match reader.next()? {
            Piece::Row(row) => rows.push(row),
            Piece::Table => {}
            Piece::End => return Ok((rows, reader.summary()?)),
        }
    }
}

#[test]
fn a_file_that_was_cut_off_anywhere_is_refused() {
    let whole = sample(b"{\"a\":1}", "Acme");
    read(&whole).unwrap();
    for end in 0..whole.len() {
        assert!(read(&whole[..end]).is_err(), "cut off after {end} bytes of {}", whole.len());
    }
    let longer = [whole.as_slice(), b"\n"].concat();
    assert!(
        matches!(read(&longer), Err(TransferError::Damaged { why, .. }) if why == "something follows its end")
    );
}

#[test]
fn every_changed_byte_before_the_last_line_is_noticed() {
    let whole = sample(b"{\"a\":1}", "Acme");
    let last_line =
        whole.len() - 1 - whole[..whole.len() - 1].iter().rev().position(|byte| *byte == b'\n').unwrap();
    for place in 0..last_line {
        let mut changed = whole.clone();
        changed[place] ^= 0x01;
        assert!(read(&changed).is_err(), "byte {place}: {:?}", char::from(whole[place]));
    }
}

#[test]
fn other_versions_are_told_from_other_files() {
    let whole = String::from_utf8(sample(b"", "Acme")).unwrap();
    let with = |from: &str, to: &str| read(whole.replacen(from, to, 1).as_bytes()).unwrap_err();
    assert_eq!(with("\"version\":1", "\"version\":2"), TransferError::OtherFormat { found: 2, known: 1 });
    let schema = format!("\"schema\":{KNOWN}");
    assert_eq!(with(&schema, "\"schema\":99"), TransferError::OtherSchema { found: 99, known: KNOWN });
    assert_eq!(with("paypier-export", "something-else"), TransferError::NoExport);
    assert_eq!(read(b"SQLite format 3\0").unwrap_err(), TransferError::NoExport);
    assert_eq!(read(b"").unwrap_err(), TransferError::NoExport);
    assert!(matches!(with("\"rows\":1", "\"rows\":2"), TransferError::Damaged { .. }));
    assert!(matches!(with("\"merchant_id\",", ""), TransferError::Damaged { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_was_written_is_read(answer in proptest::collection::vec(any::<u8>(), 0..40), name in "\\PC*[\\x00-\\x1f]?") {
        let (rows, summary) = read(&sample(&answer, &name)).unwrap();
        prop_assert_eq!(summary.rows, 2);
        prop_assert_eq!(&rows[0], &vec![Value::from(name), Value::Int(i64::MIN), Value::from("{}")]);
        prop_assert_eq!(&rows[1][6], &Value::Blob(answer));
    }
}
