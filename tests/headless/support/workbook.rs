//! A smallest workbook, written by hand: the tests need one, and the program writes none.

/// A workbook of these sheets; cells that look like numbers are numbers.
pub fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut files = vec![
        ("_rels/.rels".to_owned(), relations(&["officeDocument".to_owned()], |_| "xl/workbook.xml".to_owned())),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            relations(&vec!["worksheet".to_owned(); sheets.len()], |i| format!("worksheets/sheet{i}.xml")),
        ),
    ];
    let mut names = String::new();
    let mut types = String::new();
    for (i, (name, text)) in (1..).zip(sheets) {
        names.push_str(&format!("<sheet name=\"{name}\" sheetId=\"{i}\" r:id=\"rId{i}\"/>"));
        types.push_str(&format!(
            "<Override PartName=\"/xl/worksheets/sheet{i}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
        ));
        files.push((format!("xl/worksheets/sheet{i}.xml"), sheet(text)));
    }
    files.push((
        "xl/workbook.xml".to_owned(),
        format!(
            "<?xml version=\"1.0\"?><workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>{names}</sheets></workbook>"
        ),
    ));
    files.insert(
        0,
        (
            "[Content_Types].xml".to_owned(),
            format!(
                "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>{types}</Types>"
            ),
        ),
    );
    zip(&files)
}

fn relations(kinds: &[String], target: impl Fn(usize) -> String) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    );
    for (i, kind) in (1..).zip(kinds) {
        out.push_str(&format!(
            "<Relationship Id=\"rId{i}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{}\"/>",
            target(i)
        ));
    }
    out + "</Relationships>"
}

/// Lines of cells divided by commas; empty cells are left out as spreadsheets do.
fn sheet(text: &str) -> String {
    let mut rows = String::new();
    for (row, line) in (1..).zip(text.lines()) {
        rows.push_str(&format!("<row r=\"{row}\">"));
        for (column, cell) in ('A'..='Z').zip(line.split(',')) {
            if cell.is_empty() {
                continue;
            }
            rows.push_str(&match cell.parse::<f64>() {
                Ok(_) => format!("<c r=\"{column}{row}\"><v>{cell}</v></c>"),
                Err(_) => format!("<c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"),
            });
        }
        rows.push_str("</row>");
    }
    format!(
        "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
    )
}

/// A zip archive of stored (not compressed) files.
fn zip(files: &[(String, String)]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    let mut directory: Vec<u8> = Vec::new();
    for (name, content) in files {
        let start = out.len() as u32;
        let mut head: Vec<u8> = Vec::new();
        // Version, flags, method 0 (stored), time, date.
        for field in [20_u16, 0, 0, 0, 0x21] {
            head.extend(field.to_le_bytes());
        }
        head.extend(crc32(content.as_bytes()).to_le_bytes());
        for size in [content.len() as u32; 2] {
            head.extend(size.to_le_bytes());
        }
        head.extend((name.len() as u16).to_le_bytes());
        head.extend(0_u16.to_le_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(content.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        out.extend((files.len() as u16).to_le_bytes());
    }
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}
