use super::*;

fn poster(department: &str) -> Poster {
    Poster {
        code: format!("https://hospital.example/checkin#{}", "t".repeat(400)),
        facility: "General Hospital".to_owned(),
        department: department.to_owned(),
        expires_at: DateTime::UNIX_EPOCH,
    }
}

#[test]
fn a_code_has_a_quiet_zone_and_its_three_corners() {
    let modules = Modules::of("token").expect("a code");
    let last = modules.width - 1;
    for edge in 0..modules.width {
        for (x, y) in [(edge, 0), (0, edge), (edge, last), (last, edge), (edge, 3)] {
            assert!(!modules.is_dark(x, y), "{x} {y}");
        }
    }
    let far = last - QUIET_ZONE;
    for (x, y) in [
        (QUIET_ZONE, QUIET_ZONE),
        (far, QUIET_ZONE),
        (QUIET_ZONE, far),
    ] {
        assert!(modules.is_dark(x, y), "{x} {y}");
    }
}

#[test]
fn names_cannot_break_out_of_the_picture() {
    let name = "A&E <script>alert(1)</script> \"x\"";
    let svg = svg(&poster(name)).expect("an SVG");
    assert!(svg.contains("A&amp;E &lt;script&gt;alert(1)&lt;/script&gt; &quot;x&quot;"));
    assert!(!svg.contains("<script") && !svg.contains("style="));
    assert!(svg.starts_with("<?xml") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.contains("Valid until 1970-01-01 00:00 UTC"));
}

/// Width and pixels of a PNG.
fn decoded(file: Vec<u8>) -> (usize, Vec<u8>) {
    let decoder = ::png::Decoder::new(std::io::Cursor::new(file));
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a small one")];
    let frame = reader.next_frame(&mut pixels).expect("a picture");
    assert_eq!((frame.width, frame.height), (1240, 1754));
    (1240, pixels)
}

#[test]
fn every_name_gives_a_picture_and_its_code_can_be_read() {
    for name in [
        "",
        "ED",
        "Kinderheilkunde & Säuglinge",
        "小児科",
        &"W".repeat(500),
    ] {
        let poster = poster(name);
        let (width, pixels) = decoded(super::png(&poster).expect("a PNG"));
        let mut page =
            rqrr::PreparedImage::prepare_from_greyscale(width, 1754, |x, y| pixels[y * width + x]);
        let found: Vec<_> = page
            .detect_grids()
            .iter()
            .map(|code| code.decode())
            .collect();
        let [Ok((_, text))] = &found[..] else {
            panic!("{name}: {found:?}")
        };
        assert_eq!(*text, poster.code, "{name}");
        svg(&poster).expect("an SVG");
    }
}

#[test]
fn an_address_that_fits_into_no_code_is_an_error() {
    let endless = Poster {
        code: "x".repeat(5000),
        ..poster("ED")
    };
    assert!(matches!(svg(&endless), Err(PosterError::Code(_))));
    assert!(matches!(super::png(&endless), Err(PosterError::Code(_))));
}
