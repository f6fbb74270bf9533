//! Small interchanges, each with one thing that readers are known to stumble over.

/// The names of the files and what they hold.
pub fn all() -> [(&'static str, Vec<u8>); 10] {
    let fake_trailers = "X~SE*1*0001~GE*1*1~\r\nY";
    let attributed = format!(
        "OOI*1*47*ATTACHMENT~BDS*ASC*{}*{fake_trailers}~",
        fake_trailers.len()
    );
    let first = String::from_utf8_lossy(&status(1, 0, "")).into_owned();
    [
        ("ok.x12", status(1, 0, "")),
        ("ta1.x12", status(1, 0, "TA1*000000007*260629*1100*A*000~")),
        ("se01.x12", status(1, 3, "")),
        (
            "two.x12",
            [first.as_bytes(), &respelt(&status(2, 0, ""), b'\n')].concat(),
        ),
        (
            "two_same_terminator.x12",
            [first.as_bytes(), &respelt(&status(2, 0, ""), b'~')].concat(),
        ),
        (
            "bin.x12",
            attachment("00501", "005010X210", b"EFI*05~BIN*8*AB~CD*EF~"),
        ),
        (
            "bin_octets.x12",
            attachment("00501", "005010X210", b"EFI*05~BIN*4*\x00\xFF\xFE~~"),
        ),
        (
            "bds.x12",
            attachment("00602", "006020X314", attributed.as_bytes()),
        ),
        (
            "bds50.x12",
            attachment("00501", "005010X210", attributed.as_bytes()),
        ),
        (
            "v6020.x12",
            attachment("00602", "006020X314", b"OOI*1*47*ATTACHMENT~BDS*B64*4*QUJD~"),
        ),
    ]
}

/// A claim acknowledgment (277, 005010X214) whose SE01 says `too_many` segments more than there are.
fn status(number: u32, too_many: u32, before_group: &str) -> Vec<u8> {
    let body = concat!(
        "BHT*0085*08*1*20260630*1200*TH~HL*1**20*1~NM1*PR*2*INVENTED PLAN*****PI*99999~TRN*1*T1~",
        "DTP*050*D8*20260630~DTP*009*D8*20260630~HL*2*1*21*0~NM1*41*2*INVENTED CLINIC*****46*E1~",
        "TRN*2*T2~STC*A1:19:PR*20260630*WQ*100~"
    );
    let (head, tail) = envelope(number, "00501", "HN", "277", "005010X214", before_group);
    format!("{head}{body}SE*{}*0001~{tail}", 12 + too_many).into_bytes()
}

/// An unsolicited attachment (275) that ends in `object`: two segments, the second one binary.
fn attachment(version: &str, guide: &str, object: &[u8]) -> Vec<u8> {
    let body = concat!(
        "BGN*02*REF1*20260630*1200~NM1*PR*2*INVENTED PLAN*****PI*99999~NM1*41*2*INVENTED CLINIC*****46*E1~",
        "NM1*1P*2*INVENTED CLINIC*****XX*2123456785~NM1*QC*1*ALDER*QUINN****MI*M1~REF*EJ*A1~LX*1~TRN*1*ACN1~",
        "DTP*368*D8*20260630~CAT*AE*HL~"
    );
    let (head, tail) = envelope(1, version, "PI", "275", guide, "");
    [
        head.as_bytes(),
        body.as_bytes(),
        object,
        b"SE*14*0001~",
        tail.as_bytes(),
    ]
    .concat()
}

/// All that stands before the first segment after ST, and all that stands after SE.
fn envelope(
    number: u32,
    version: &str,
    group: &str,
    set: &str,
    guide: &str,
    before_group: &str,
) -> (String, String) {
    let (blank, sender, receiver) = (" ".repeat(10), "SENDERX        ", "PAYERX         ");
    let isa = format!(
        "ISA*00*{blank}*00*{blank}*ZZ*{sender}*ZZ*{receiver}*260630*1200*^*{version}*{number:09}*0*T*:~"
    );
    let gs = format!("GS*{group}*SENDERX*PAYERX*20260630*1200*{number}*X*{guide}~");
    let head = format!("{isa}{before_group}{gs}ST*{set}*0001*{guide}~");
    (head, format!("GE*1*{number}~IEA*1*{number:09}~"))
}

/// The same interchange with other delimiters and the segment terminator `terminator`.
fn respelt(interchange: &[u8], terminator: u8) -> Vec<u8> {
    let respell = |byte: &u8| match byte {
        b'*' => b'|',
        b'^' => b'!',
        b':' => b'>',
        b'~' => terminator,
        other => *other,
    };
    interchange.iter().map(respell).collect()
}
