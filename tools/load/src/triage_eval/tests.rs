use super::*;

/// Made-up rows in the layout: nobody's record.
const FILE: &str = "Group;Sex;Age;Patients number per hour;Arrival mode;Injury;Chief_complain;Mental;Pain;NRS_pain;SBP;DBP;HR;RR;BT;Saturation;KTAS_RN;Diagnosis in ED;Disposition;KTAS_expert;Error_group;Length of stay_min;KTAS duration_min;mistriage\n\
    1;1;61;3;3;1;crushing pain in the chest;1;1;6;130;80;80;18;36.5;;3;chest pain;1;2;4;90;5,00;1\n\
    2;2;33;3;3;2;cut on a finger;1;0;#BOŞ!;120;70;70;16;36.6;99;4;chest pain, stroke, sepsis;1;4;0;90;5,00;0\n\
    1;2;70;3;2;1;?;1;0;#BOŞ!;??;??;70;16;36.6;;2;x;1;2;0;90;5,00;0\n\
    1;1;25;3;3;1;sore throat;1;0;#BOŞ!;120;70;70;16;36.6;;4;x;1;5;0;90;5,00;0\n";

#[test]
fn reads_the_layout_and_nothing_that_came_later() {
    let records = records::read(FILE.as_bytes()).expect("reads");
    assert_eq!(records.len(), 4);
    assert_eq!(
        records[0].vitals.oxygen_saturation, None,
        "a blank is missing"
    );
    assert_eq!(records[0].vitals.pain, Some(6));
    assert_eq!(records[1].vitals.pain, None, "not asked");
    assert_eq!(records[1].answers.len(), 1, "injured");
    assert_eq!(records[2].vitals.unmeasurable.len(), 2);
    let (report, _) = judge(&Rules::default(), &records);
    let json = report.json();
    assert_eq!(json["sensitivity_1_2"], 1.0);
    assert_eq!(json["flag_rate_3_5"], 0.0, "the diagnosis is not read");
    assert_eq!(
        (&json["nurse_misses"], &json["nurse_misses_caught"]),
        (&1.into(), &1.into())
    );
    assert_eq!(json["confusion"][1][1], 2);
}

#[test]
fn a_file_of_another_layout_is_refused() {
    assert!(records::read("a,b\n1,2\n".as_bytes()).is_err());
    assert!(records::read(FILE.lines().next().unwrap_or_default().as_bytes()).is_err());
    assert!(records::read(FILE.replace(";4;x;1;5;", ";4;x;1;9;").as_bytes()).is_err());
}

/// The figures that the rules must reach on real records. Skipped, and said so, where those are
/// not: they are no part of the repository.
#[test]
fn the_rules_hold_on_recorded_triage() {
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../..")
        .join("shared/data/ktas/ktas-dev.csv");
    let Ok(file) = std::fs::File::open(&beside) else {
        eprintln!("skipped: no recorded triage at {}", beside.display());
        return;
    };
    let records = records::read(file).expect("reads");
    let (report, _) = judge(&Rules::default(), &records);
    let json = report.json();
    let number = |name: &str| json[name].as_f64().unwrap_or_default();
    assert!(number("sensitivity_1_2") >= 0.88, "{json}");
    assert!(number("flag_rate_3_5") <= 0.20, "{json}");
    assert!(
        number("nurse_misses_caught") >= 0.7 * number("nurse_misses"),
        "{json}"
    );
}
